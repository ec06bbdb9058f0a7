//! Wrong: puts it on the one shelf before it takes it off the other.
use untwisted::models::shelves::Shelf;

/// Moves the poem called `title`. False when it is not on `from`; then nothing changes.
pub fn move_poem(from: &Shelf, to: &Shelf, title: &str) -> bool {
    if !from.lock().iter().any(|poem| poem == title) {
        return false;
    }
    if from.number() == to.number() {
        return true;
    }
    to.lock().push(title.to_owned());
    let mut source = from.lock();
    let place = source.iter().position(|poem| poem == title);
    source.remove(place.expect("was there"));
    true
}
