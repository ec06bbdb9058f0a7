//! Serves the book on loopback and reloads the open page at each save.
use crate::house::House;
use anyhow::{Result, bail};

/// What the command takes.
#[derive(clap::Args, Default)]
pub struct Options {}

/// Runs the command.
///
/// # Errors
/// When what it works on is wrong; the message says where and what to do.
pub fn run(_house: &House, _options: Options) -> Result<()> {
    bail!("not written yet")
}
