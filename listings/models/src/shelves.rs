//! Shelves of poems behind locks that keep a diary, for an exercise: what was locked and unlocked,
//! and when.
use std::{
    cell::RefCell,
    ops::{Deref, DerefMut},
    sync::{Mutex, MutexGuard},
};

thread_local! {
    static DIARY: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
    static HELD: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

/// What the current thread did to a shelf; the number is the shelf's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Locked it.
    Locked(u32),
    /// Unlocked it and left so many poems on it.
    Unlocked(u32, usize),
}

/// A numbered shelf of poems. Lock it to see or change them.
///
/// ```
/// use models::shelves::{Entry, Shelf, diary};
///
/// let shelf = Shelf::new(7, ["Tyger"]);
/// shelf.lock().push("Eagle".to_owned());
/// assert_eq!(diary(), [Entry::Locked(7), Entry::Unlocked(7, 2)]);
/// ```
#[derive(Debug)]
pub struct Shelf {
    number: u32,
    poems: Mutex<Vec<String>>,
}

impl Shelf {
    /// Returns a shelf with these titles. No two shelves have the same number.
    pub fn new<const N: usize>(number: u32, titles: [&str; N]) -> Self {
        Self {
            number,
            poems: Mutex::new(titles.map(str::to_owned).to_vec()),
        }
    }

    /// Returns its number.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Waits until no other thread has the lock, then takes it; dropping the guard releases it.
    ///
    /// # Panics
    /// When this thread has it already: it would wait for itself for ever.
    pub fn lock(&self) -> Guard<'_> {
        HELD.with_borrow_mut(|held| {
            assert!(
                !held.contains(&self.number),
                "this thread holds the lock of shelf {} and asks for it again: it waits for itself for ever",
                self.number
            );
            held.push(self.number);
        });
        let poems = self.poems.lock().unwrap_or_else(|e| e.into_inner());
        DIARY.with_borrow_mut(|diary| diary.push(Entry::Locked(self.number)));
        Guard {
            number: self.number,
            poems,
        }
    }
}

/// The right to see and change the poems of a shelf, until it is dropped.
#[derive(Debug)]
pub struct Guard<'a> {
    number: u32,
    poems: MutexGuard<'a, Vec<String>>,
}

impl Deref for Guard<'_> {
    type Target = Vec<String>;

    fn deref(&self) -> &Vec<String> {
        &self.poems
    }
}

impl DerefMut for Guard<'_> {
    fn deref_mut(&mut self) -> &mut Vec<String> {
        &mut self.poems
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        HELD.with_borrow_mut(|held| held.retain(|&number| number != self.number));
        let entry = Entry::Unlocked(self.number, self.poems.len());
        DIARY.with_borrow_mut(|diary| diary.push(entry));
    }
}

/// Returns what this thread has done to shelves since it last asked.
pub fn diary() -> Vec<Entry> {
    DIARY.take()
}
