//! A slot map: values under ids whose index is used again, each time with another generation.
use crate::Id;
use slab::Slab;

/// A [`Slab`] whose keys do not fit the next value at the same index.
///
/// ```
/// use reactor::SlotMap;
/// let mut map = SlotMap::default();
/// let first = map.insert("first");
/// assert_eq!(map.remove(first), Some("first"));
/// let second = map.insert("second");
/// assert_eq!((first.index, map.get(first)), (second.index, None));
/// assert_eq!(map.get(second), Some(&"second"));
/// ```
#[derive(Debug)]
pub struct SlotMap<T> {
    slots: Slab<(u32, T)>,
    /// The generation of the newest value. One count for all slots: a slot that is free needs none
    /// of its own.
    newest: u32,
}

impl<T> Default for SlotMap<T> {
    fn default() -> Self {
        SlotMap {
            slots: Slab::new(),
            newest: 0,
        }
    }
}

impl<T> SlotMap<T> {
    /// Returns the index that the next [`insert`](SlotMap::insert) will use.
    pub fn vacant_index(&self) -> usize {
        self.slots.vacant_key()
    }

    /// Stores a value and returns its id.
    ///
    /// # Panics
    /// With more than 2^32 values at once.
    pub fn insert(&mut self, value: T) -> Id {
        self.newest = self.newest.wrapping_add(1);
        let index = self.slots.insert((self.newest, value));
        Id {
            index: u32::try_from(index).expect("fewer than 2^32 values"),
            generation: self.newest,
        }
    }

    /// Returns the value that is at this index now, and its id.
    #[inline]
    pub fn at_mut(&mut self, index: usize) -> Option<(Id, &mut T)> {
        let (generation, value) = self.slots.get_mut(index)?;
        let (index, generation) = (index as u32, *generation);
        Some((Id { index, generation }, value))
    }

    /// Returns the value with this id, if it was not removed.
    #[inline]
    pub fn get(&self, id: Id) -> Option<&T> {
        match self.slots.get(id.index as usize) {
            Some((generation, value)) if *generation == id.generation => Some(value),
            _ => None,
        }
    }

    /// Returns the value with this id, to be changed.
    #[inline]
    pub fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        match self.slots.get_mut(id.index as usize) {
            Some((generation, value)) if *generation == id.generation => Some(value),
            _ => None,
        }
    }

    /// Takes a value out. Its index is the next to be used.
    pub fn remove(&mut self, id: Id) -> Option<T> {
        self.get(id)?;
        Some(self.slots.remove(id.index as usize).1)
    }

    /// Goes through all values in the order of their indices.
    pub fn iter(&self) -> impl Iterator<Item = (Id, &T)> {
        self.slots.iter().map(|(index, (generation, value))| {
            let (index, generation) = (index as u32, *generation);
            (Id { index, generation }, value)
        })
    }

    /// Goes through all values, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (Id, &mut T)> {
        self.slots.iter_mut().map(|(index, (generation, value))| {
            let (index, generation) = (index as u32, *generation);
            (Id { index, generation }, value)
        })
    }
}
