//! Speaks mdBook's preprocessor protocol on standard input and output.
use crate::{expand::Untwisted, house::House, mermaid};
use anyhow::Result;
use mdbook_preprocessor::{Preprocessor, parse_input};
use std::{
    fs,
    io::{stdin, stdout},
};

/// What the command takes.
#[derive(clap::Args, Default)]
pub struct Options {
    /// `supports RENDERER`: mdBook asks before it sends the book
    question: Vec<String>,
}

/// Reads a book as mdBook sends it, expands it, writes it.
///
/// # Errors
/// When what it works on is wrong; the message says where and what to do.
pub fn run(house: &House, options: Options) -> Result<()> {
    if options
        .question
        .first()
        .is_some_and(|word| word == "supports")
    {
        return Ok(());
    }
    let (context, book) = parse_input(stdin())?;
    let untwisted = Untwisted::new(house.clone());
    let book = untwisted.run(&context, book)?;
    keep_mermaid(house);
    serde_json::to_writer(stdout(), &book)?;
    Ok(())
}

/// Stock mdBook copies what stands in `src/`, so the drawing program goes there (and is ignored by
/// git). Without it the pages still read well: each diagram has its steps as a list.
fn keep_mermaid(house: &House) {
    let file = house.root.join("src").join(mermaid::NAME);
    let same = fs::metadata(&file).is_ok_and(|known| known.len() == mermaid::SCRIPT.len() as u64);
    if !same && let Err(error) = fs::write(&file, mermaid::SCRIPT) {
        eprintln!(
            "{} cannot be written ({error}): diagrams stay lists",
            file.display()
        );
    }
}
