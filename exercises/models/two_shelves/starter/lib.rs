//! Moves a poem from one shelf to another while others do the same.
use untwisted::models::shelves::Shelf;

/// Moves the poem called `title`. False when it is not on `from`; then nothing changes.
pub fn move_poem(from: &Shelf, to: &Shelf, title: &str) -> bool {
    todo!("{from:?} {to:?} {title}")
}
