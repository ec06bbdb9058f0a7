//! The command line of `cargo book`: which commands exist, what they take, and nothing else.
use anyhow::Result;
use book::{
    build, check, exercise, held, house::House, knobs, new, preprocess, record, run as typed,
    serve, tidy,
};
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::ExitCode};

/// Serve, build, check and record the book "Untwisted"; solve its exercises.
#[derive(Parser)]
#[command(
    name = "cargo book",
    bin_name = "cargo book",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Without a command it serves: `cargo book --open` shows the book in your browser."
)]
struct Cli {
    #[command(flatten)]
    serve: serve::Options,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Build the book, serve it on this machine, rebuild and reload at each save (the default)
    Serve(serve::Options),
    /// Write the book as a static site that any web server can offer
    Build(build::Options),
    /// Test the text: its blocks, links, terms, listings and exercises
    Check(check::Options),
    /// Run the listings; write their outputs and diagrams, or compare them
    Record(record::Options),
    /// Compile the simulated listings for the pages; compare them with what is recorded
    Knobs(knobs::Options),
    /// List, check, hint, solve or reset the exercises
    Exercise(exercise::Options),
    /// Begin a chapter, page, listing or exercise: its files, and its entries elsewhere
    New(new::Options),
    /// Rename a chapter, page, listing or exercise wherever it is named
    Rename(new::rename::Options),
    /// Write again what is derived from the folders: the crates by name, and listings/untwisted
    Tidy(tidy::Options),
    /// Expand our directives for mdBook (mdBook itself calls this, from book.toml)
    #[command(hide = true)]
    Preprocess(preprocess::Options),
    /// Watch over an untrusted program (the tool itself calls this)
    #[command(hide = true)]
    Hold,
    /// Draw a run that a reader's program left (the tool itself calls this)
    #[command(hide = true)]
    Draw,
}

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Some(Command::Hold) => return held::keep(),
        Some(Command::Draw) => return typed::draw(),
        _ => {}
    }
    let house = House::find(&PathBuf::from("."))?.built_as_cargo_does()?;
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(options) => serve::run(&house, options),
        Command::Build(options) => build::run(&house, options),
        Command::Check(options) => check::run(&house, options),
        Command::Record(options) => record::run(&house, options),
        Command::Knobs(options) => knobs::run(&house, options),
        Command::Exercise(options) => exercise::run(&house, options),
        Command::New(options) => new::run(&house, options),
        Command::Rename(options) => new::rename::run(&house, &options),
        Command::Tidy(options) => tidy::run(&house, options),
        Command::Preprocess(options) => preprocess::run(&house, options),
        Command::Hold => held::keep(),
        Command::Draw => typed::draw(),
    }
}
