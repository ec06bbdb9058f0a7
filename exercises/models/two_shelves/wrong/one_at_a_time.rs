//! Wrong: no deadlock, because it never holds two locks; so the poem is nowhere in between.
use untwisted::models::shelves::Shelf;

/// Moves the poem called `title`. False when it is not on `from`; then nothing changes.
pub fn move_poem(from: &Shelf, to: &Shelf, title: &str) -> bool {
    let mut source = from.lock();
    let Some(place) = source.iter().position(|poem| poem == title) else {
        return false;
    };
    if from.number() == to.number() {
        return true;
    }
    let poem = source.remove(place);
    drop(source);
    to.lock().push(poem);
    true
}
