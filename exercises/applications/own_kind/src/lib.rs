//! A kind of endpoint: the first free port of several.
use std::rc::Rc;
use untwisted::applications::{EndpointError, Listen, Options};

/// From `first:LOW-HIGH`.
pub fn first(options: &mut Options) -> Result<Rc<dyn Listen>, EndpointError> {
    Err(options.missing("this kind is not written yet"))
}
