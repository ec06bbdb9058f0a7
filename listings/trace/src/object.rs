//! The name of a thing that events are about.

/// A thing that events are about, named by what it is and the order in which it was made (`t4`).
/// Small, `Copy`, and [`Object::NONE`] while nothing is recorded, so that a timer can carry one for
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Object {
    index: u32,
    generation: u32,
}

impl Object {
    /// No object: what [`object`](crate::object) returns while nothing is recorded, or when the recording is full.
    pub const NONE: Object = Object {
        index: 0,
        generation: 0,
    };

    pub(crate) fn at(index: usize, generation: u64) -> Self {
        Object {
            index: u32::try_from(index).unwrap_or(0),
            generation: generation as u32,
        }
    }

    /// Returns where it stands in the recorder's table, if it was made in that recording.
    pub(crate) fn index(self, generation: u64) -> Option<usize> {
        (self.generation == generation as u32)
            .then_some(self.index as usize)?
            .checked_sub(1)
    }

    /// Returns whether it is a real object of some recording.
    #[must_use]
    pub fn is_some(self) -> bool {
        self != Object::NONE
    }
}
