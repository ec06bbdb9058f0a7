//! Does not compile: a value that points into itself cannot be moved.
// ANCHOR: itself
struct Poem<'a> {
    text: String,
    first: Option<&'a str>,
}

fn main() {
    let mut poem = Poem {
        text: String::from("Tyger Tyger, burning bright"),
        first: None,
    };
    poem.first = Some(&poem.text[..5]);
    let shelf = vec![poem]; // moves it
    println!("{:?}", shelf[0].first);
}
// ANCHOR_END: itself
