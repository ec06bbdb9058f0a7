//! What an event says, before it is written.
use crate::{Kind, Object, Value};
use std::panic::Location;

/// All that one event says, besides what the recorder adds by itself.
pub(crate) struct Body {
    pub(crate) kind: Kind,
    pub(crate) object: Object,
    pub(crate) causes: Vec<u64>,
    pub(crate) site: Option<(&'static Location<'static>, &'static str)>,
    pub(crate) attributes: Vec<(&'static str, Value)>,
    /// Whether the last event about its object stays another one.
    pub(crate) aside: bool,
}

impl Body {
    pub(crate) fn new(kind: Kind) -> Self {
        Body {
            kind,
            object: Object::NONE,
            causes: Vec::new(),
            site: None,
            attributes: Vec::new(),
            aside: false,
        }
    }
}
