//! Tests the text: attributes, links, terms, blocks, exercises.
pub mod exercises;

use crate::{
    exercise::{layout, prove},
    finding::Findings,
    house::House,
};
use anyhow::{Result, bail};

/// What the command takes.
#[derive(clap::Args, Default)]
pub struct Options {}

/// Runs the command.
///
/// # Errors
/// When what it works on is wrong; the message says where and what to do.
pub fn run(house: &House, _options: Options) -> Result<()> {
    let mut found = Findings::default();
    let exercises = layout::all(house, &mut found);
    exercises::well_formed(house, &exercises, &mut found)?;
    let proven = prove::prove(house, &exercises, &mut found)?;
    println!(
        "exercises: {} proven, with {} wrong answers",
        proven.exercises, proven.wrong
    );
    found.print();
    if !found.is_empty() {
        bail!("{} things are wrong", found.len());
    }
    Ok(())
}
