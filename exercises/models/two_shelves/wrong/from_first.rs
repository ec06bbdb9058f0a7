//! Wrong: locks in the order of the arguments.
use untwisted::models::shelves::Shelf;

/// Moves the poem called `title`. False when it is not on `from`; then nothing changes.
pub fn move_poem(from: &Shelf, to: &Shelf, title: &str) -> bool {
    if from.number() == to.number() {
        return from.lock().iter().any(|poem| poem == title);
    }
    let mut from = from.lock();
    let mut to = to.lock();
    let Some(place) = from.iter().position(|poem| poem == title) else {
        return false;
    };
    let poem = from.remove(place);
    to.push(poem);
    true
}
