//! Does not compile: a trait with an async function cannot be used through `dyn`.
// ANCHOR: boxed
trait Shelf {
    async fn poem(&self) -> String;
}

struct Library {
    shelves: Vec<Box<dyn Shelf>>,
}
// ANCHOR_END: boxed

fn main() {}
