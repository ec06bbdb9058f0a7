//! Locks the shelf with the lower number first, and holds both while the poem moves.
use untwisted::models::shelves::Shelf;

/// Moves the poem called `title`. False when it is not on `from`; then nothing changes.
pub fn move_poem(from: &Shelf, to: &Shelf, title: &str) -> bool {
    if from.number() == to.number() {
        return from.lock().iter().any(|poem| poem == title);
    }
    // The lower number first, always: then no thread that holds a lock waits for a lower one.
    let (mut from, mut to) = if from.number() < to.number() {
        let from = from.lock();
        (from, to.lock())
    } else {
        let to = to.lock();
        (from.lock(), to)
    };
    let Some(place) = from.iter().position(|poem| poem == title) else {
        return false;
    };
    let poem = from.remove(place);
    to.push(poem);
    true
}
