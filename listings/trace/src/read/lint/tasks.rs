//! What the rules demand of each task: spawned once, and nothing is said of it before that or after
//! its drop.
use crate::{Kind, read::Event};
use std::collections::BTreeMap;

/// All tasks of a trace, and whether each is still there.
#[derive(Debug, Default)]
pub(super) struct Tasks<'a>(BTreeMap<&'a str, bool>);

impl<'a> Tasks<'a> {
    /// Returns what is wrong with an event, as a task sees it.
    pub(super) fn look(&mut self, event: &'a Event, name: &str) -> Option<String> {
        let family = event.kind.starts_with("task.");
        let task = event.object.as_deref().filter(|_| family)?;
        let known = self.0.get(task).copied();
        self.0.insert(task, !event.is(Kind::TaskDrop));
        match (event.is(Kind::TaskSpawn), known) {
            (true, None) | (false, Some(true)) => None,
            (true, Some(_)) => Some(format!("{task} is spawned a second time")),
            (false, None) => Some(format!("{name} comes before {task} is spawned")),
            (false, Some(false)) => Some(format!("{name} comes after {task} is gone")),
        }
    }
}
