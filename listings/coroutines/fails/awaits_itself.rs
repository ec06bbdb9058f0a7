//! Does not compile: an async function that awaits itself would be infinitely large.
// ANCHOR: walk
async fn count(shelves: &[Vec<&str>]) -> usize {
    match shelves {
        [] => 0,
        [first, rest @ ..] => first.len() + count(rest).await,
    }
}
// ANCHOR_END: walk

fn main() {
    let _ = count(&[vec!["Hope"], vec!["The Tyger", "The Eagle"]]);
}
