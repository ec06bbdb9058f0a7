//! Compiles and runs what a reader typed into a page that `cargo book` serves: with the book's
//! crates, within bounds, in a folder that goes.
mod compile;
mod draw;
mod kit;

use crate::{
    exercise::{grade, layout},
    held::{Bounds, Fence, Held},
    house::House,
    limit::Ended,
    manifest::{self, Class, Listing},
    needs::Missing,
    record::run::world,
};
use anyhow::{Context, Result, bail};
pub use draw::command as draw;
use kit::Kit;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long a program may be, in bytes.
pub const MOST: usize = 256 << 10;

/// What a program may use while it runs.
const RUNNING: Bounds = Bounds {
    time: Duration::from_secs(10),
    memory: 512 << 20,
    file: 16 << 20,
    output: 1 << 20,
};

/// How many processes it may have, and how many bytes in its folder.
const CROWD: usize = 32;
const ROOM: u64 = 64 << 20;

/// A recording that is longer is not sent: no page could show it.
const TRACE: u64 = 8 << 20;

/// What a page asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// `recital/poetry_client`, or the exercise `reactor/call_twice`.
    pub path: String,
    /// What the reader typed.
    pub code: String,
    /// The simulated world to run it in, as `UNTWISTED_WORLD` spells it; the listing's own unless
    /// given.
    #[serde(default)]
    pub world: Option<String>,
}

/// What the compiler said about a place in what was typed.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Message {
    /// `error` or `warning`.
    pub level: String,
    /// Where it begins, from 1; 0 when it is about no line.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
    /// In one line.
    pub text: String,
    /// All of it, as in a terminal.
    pub whole: String,
}

/// What became of a program.
#[derive(Debug, Default, Serialize)]
pub struct Answer {
    /// What the compiler said.
    pub messages: Vec<Message>,
    /// Whether it compiled.
    pub compiled: bool,
    /// What it printed.
    pub out: String,
    /// What it printed as errors.
    pub err: String,
    /// How it ended, in words; nothing when it ended well.
    pub ended: Option<String>,
    /// Its recording, if it left one.
    pub trace: Option<String>,
    /// The pictures of that, as [`pictures::page::Drawn`].
    pub drawn: Option<Box<RawValue>>,
    /// Why there are none although there is a recording.
    pub undrawn: Option<String>,
    /// How long compiling and running took, in milliseconds.
    pub took: [u64; 2],
}

/// What became of an answer to an exercise.
#[derive(Debug, Serialize)]
pub struct Graded {
    /// Whether it is right.
    pub solved: bool,
    /// What the compiler or the tests said.
    pub said: String,
    /// How long it took, in milliseconds.
    pub took: u64,
}

/// Runs what readers typed. The crates of a chapter are compiled once and kept in mind.
#[derive(Debug)]
pub struct Runner {
    house: House,
    kits: Mutex<BTreeMap<String, Kit>>,
}

impl Runner {
    /// Returns a runner for a book.
    pub fn new(house: &House) -> Runner {
        Runner {
            house: house.clone(),
            kits: Mutex::new(BTreeMap::new()),
        }
    }

    /// Returns a listing that can be edited.
    fn listing(&self, path: &str) -> Result<Listing> {
        let (listings, _) = manifest::readable(&self.house)?;
        let Some(listing) = listings.get(path) else {
            bail!("there is no listing `{path}`");
        };
        if Missing::here(&self.house)?.concerns(&listing.package) {
            bail!("{path} needs something that is not installed here; `ci/needs` says what");
        }
        Ok(listing.clone())
    }

    /// Returns the program as it stands in the book.
    ///
    /// # Errors
    /// When there is no such listing.
    pub fn source(&self, path: &str) -> Result<String> {
        let file = self.listing(path)?.source();
        fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))
    }

    /// Compiles and runs a listing as the reader changed it.
    ///
    /// # Errors
    /// When there is no such listing, or the book's own crates do not compile. What is wrong with
    /// the program is in the answer.
    pub fn run(&self, order: &Order) -> Result<Answer> {
        let listing = self.listing(&order.path)?;
        check(&order.code)?;
        let simulated = listing.entry.class == Class::Sim;
        let world = match &order.world {
            Some(world) if simulated && sensible(world) => Some(world.clone()),
            Some(world) => bail!("`{world}` is no world for {}", order.path),
            None => simulated.then(|| world(&listing)),
        };
        let kit = {
            let mut kits = self.kits.lock().unwrap_or_else(PoisonError::into_inner);
            Kit::of(&self.house, &listing, &mut kits)?
        };
        let folder = tempfile::tempdir().context("no temporary folder can be made")?;
        // The compiler writes the name of this file into the recording, so it is that of the
        // listing.
        let name = crate::finding::name(&self.house, &listing.source());
        let began = Instant::now();
        let compiled = compile::compile(&kit, folder.path(), &name, &order.code)?;
        let mut answer = Answer {
            messages: compiled.messages,
            took: [millis(began), 0],
            ..Answer::default()
        };
        let Some(program) = compiled.program else {
            answer.ended = compiled.ended;
            return Ok(answer);
        };
        answer.compiled = true;
        let began = Instant::now();
        self.start(
            &listing,
            &program,
            folder.path(),
            world.as_deref(),
            &mut answer,
        )?;
        answer.took[1] = millis(began);
        if let Some(trace) = &answer.trace {
            match draw::draw(&self.house, &listing, &name, &order.code, trace) {
                Ok(drawn) => answer.drawn = Some(drawn),
                Err(error) => answer.undrawn = Some(format!("{error:#}")),
            }
        }
        Ok(answer)
    }

    fn start(
        &self,
        listing: &Listing,
        program: &Path,
        folder: &Path,
        world: Option<&str>,
        answer: &mut Answer,
    ) -> Result<()> {
        let home = folder.join("home");
        fs::create_dir(&home)?;
        let trace = home.join("trace.ndjson");
        let mut command = bare(program, &home);
        command
            .args(&listing.entry.args)
            .env("UNTWISTED_TRACE", &trace)
            .env("UNTWISTED_LISTING", listing.path())
            .env("RUST_BACKTRACE", "0");
        if let Some(world) = world {
            command.env("UNTWISTED_WORLD", world);
        }
        let mut fence = Fence::around(program);
        for path in [
            "/usr",
            "/bin",
            "/proc",
            "/dev",
            "/etc/hosts",
            "/etc/resolv.conf",
        ] {
            fence.read.push(path.into());
        }
        fence.own.push(home.clone());
        let outcome = Held::new(&command, RUNNING)
            .cleared()
            .fence(fence)
            .crowd(CROWD)
            .room(&home, ROOM)
            .run()?;
        answer.ended = match (&outcome.why, outcome.ended, outcome.left) {
            (Some(why), _, _) => Some(format!("It was stopped: {why}.")),
            (None, Ended::Code(0), 0) => None,
            (None, ended, 0) => Some(format!("It {ended}.")),
            (None, ended, left) => Some(format!(
                "It {ended}, and left {left} processes, which were stopped."
            )),
        };
        answer.out = outcome.stdout;
        answer.err = outcome.stderr;
        if fs::metadata(&trace).is_ok_and(|data| data.is_file() && data.len() <= TRACE) {
            answer.trace = fs::read_to_string(&trace)
                .ok()
                .filter(|text| !text.is_empty());
        }
        Ok(())
    }

    /// Returns the reader's answer to an exercise, as it stands in its file.
    ///
    /// # Errors
    /// When there is no such exercise.
    pub fn answer(&self, path: &str) -> Result<String> {
        let file = layout::find(&self.house, path)?.answer();
        fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))
    }

    /// Asks the tests of an exercise about an answer. The reader's file stays as it is.
    ///
    /// # Errors
    /// When there is no such exercise.
    pub fn grade(&self, order: &Order) -> Result<Graded> {
        let exercise = layout::find(&self.house, &order.path)?;
        check(&order.code)?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("lib.rs");
        fs::write(&file, &order.code)?;
        let began = Instant::now();
        let (solved, said) = match grade::grade(&self.house, &exercise, &file, false) {
            Ok(graded) if graded.report.passed() => (true, graded.said.concat()),
            Ok(graded) => (false, graded.report.to_string()),
            Err(error) => (false, format!("{error:#}")),
        };
        if solved {
            crate::exercise::remember(&self.house, &exercise, true)?;
        }
        // The reader has never seen the folder of the copy.
        let file = file.to_string_lossy();
        let said = said
            .replace(&format!("/{file}"), "your answer")
            .replace(&*file, "your answer");
        Ok(Graded {
            solved,
            said,
            took: millis(began),
        })
    }

    /// Writes an answer into the reader's own file, because the reader said so.
    ///
    /// # Errors
    /// When there is no such exercise, or the file cannot be written.
    pub fn keep(&self, order: &Order) -> Result<()> {
        let exercise = layout::find(&self.house, &order.path)?;
        check(&order.code)?;
        fs::write(exercise.answer(), &order.code)
            .with_context(|| format!("{} cannot be written", exercise.answer().display()))
    }
}

fn check(code: &str) -> Result<()> {
    if code.len() > MOST {
        bail!("the program has {} bytes; {MOST} are the most", code.len());
    }
    Ok(())
}

/// Returns whether this can be a world: what its program says of it is for the program.
fn sensible(world: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || ":.,=@-_".contains(c);
    world.starts_with("sim:") && world.len() <= 200 && world.chars().all(plain)
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Returns a call of a program that knows nothing of the reader: no environment but a path, and a
/// home that goes.
fn bare(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(home)
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", home)
        .env("TMPDIR", home)
        .env("LANG", "C.UTF-8");
    command
}
