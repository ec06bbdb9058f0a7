//! A failure knows on which line it happened, whatever error is inside.
use deferreds::{Deferred, Failure};
use reactor::react;
use std::{fmt, io, process::ExitCode};
use trace::say;

// ANCHOR: where
fn lines_of(entry: &str) -> Result<u32, Failure> {
    let (_, lines) = entry.split_once(": ").ok_or(NoNumber)?;
    Ok(lines.parse()?)
}

fn print(entry: &'static str) {
    let lines = Deferred::succeed(entry)
        .add_callback(lines_of)
        .add_callback(|lines| {
            say!("{lines} lines");
            Ok(())
        })
        .add_errback(|failure| {
            say!("{failure:?}");
            Ok(())
        });
    drop(lines);
}

/// An error of our own.
#[derive(Debug)]
struct NoNumber;

impl fmt::Display for NoNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the entry has no number")
    }
}

impl std::error::Error for NoNumber {}
// ANCHOR_END: where

fn main() -> ExitCode {
    react(|_, done| {
        // ANCHOR: main
        print("hope: 12");
        print("the wind");
        print("the eagle: six");
        // ANCHOR_END: main
        drop(done);
        Ok::<(), io::Error>(())
    })
}
