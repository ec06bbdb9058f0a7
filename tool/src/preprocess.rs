//! Speaks mdBook's preprocessor protocol on standard input and output.
use crate::{expand::Untwisted, house::House};
use anyhow::Result;
use mdbook_preprocessor::{Preprocessor, parse_input};
use std::io::{stdin, stdout};

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
    let untwisted = Untwisted {
        house: house.clone(),
    };
    let book = untwisted.run(&context, book)?;
    serde_json::to_writer(stdout(), &book)?;
    Ok(())
}
