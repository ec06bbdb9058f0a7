//! Lists, checks, hints, solves and resets exercises.
pub mod grade;
pub mod harness;
pub mod layout;
pub mod progress;
pub mod prove;
pub mod report;
pub mod solve;
pub mod unchanged;

use crate::{
    finding::{Findings, name},
    house::House,
};
use anyhow::{Context, Result, bail};
use layout::Exercise;
use progress::{Log, State};
use std::{collections::BTreeMap, path::PathBuf};

/// What the command takes.
#[derive(clap::Args, Default)]
#[command(after_help = "\
You edit exercises/<chapter>/<name>/src/lib.rs in your own editor; the task is in README.md beside it \
and in the page of the book.\n\
NAME is the exercise's name (`meter`) or its path (`reactor/meter`).\n\
What you have solved and which hints you took is kept in .exercise-progress.toml.")]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Show every exercise and how far you are (the default)
    List,
    /// Compile your answer, run its tests under a time limit, say what is missing
    Check {
        /// The exercise
        name: String,
        /// Grade this file, and leave your own answer and progress alone
        #[arg(long, value_name = "FILE")]
        answer: Option<PathBuf>,
    },
    /// Show the next hint
    Hint {
        /// The exercise
        name: String,
    },
    /// Show our solution, once you have yours
    Solution {
        /// The exercise
        name: String,
        /// Also before you have solved it
        #[arg(long)]
        anyway: bool,
    },
    /// Begin again; your answer is kept in a file beside it
    Reset {
        /// The exercise
        name: String,
    },
}

/// Runs the command.
///
/// # Errors
/// When the exercise is not known, or its tests do not pass yet.
pub fn run(house: &House, options: Options) -> Result<()> {
    match options.command.unwrap_or(Command::List) {
        Command::List => print!("{}", list(house)?),
        Command::Check { name, answer } => {
            let exercise = layout::find(house, &name)?;
            match answer {
                Some(answer) => solve::grade(house, &exercise, &answer)?,
                None => solve::check(house, &exercise)?,
            }
        }
        Command::Hint { name } => println!("{}", hint(house, &layout::find(house, &name)?)?),
        Command::Solution { name, anyway } => {
            println!("{}", solution(house, &layout::find(house, &name)?, anyway)?);
        }
        Command::Reset { name } => println!("{}", reset(house, &layout::find(house, &name)?)?),
    }
    Ok(())
}

/// The table of all exercises.
///
/// # Errors
/// When an exercise or the progress cannot be read.
pub fn list(house: &House) -> Result<String> {
    let mut found = Findings::default();
    let mut exercises = layout::all(house, &mut found);
    in_order_of_the_book(house, &mut exercises);
    let log = Log::open(house)?;
    found.print();
    if exercises.is_empty() {
        return Ok("There are no exercises yet.\n".to_owned());
    }
    let mut text = String::new();
    let width = exercises.iter().map(|e| e.name.len()).max().unwrap_or(0);
    let mut chapter = "";
    for exercise in &exercises {
        if exercise.chapter != chapter {
            chapter = &exercise.chapter;
            text += &format!("\n{chapter}\n");
        }
        let state = log.state(&exercise.path());
        let mark = match (state.solved, log.begun(&exercise.path())) {
            (true, _) => "solved",
            (false, true) => "begun",
            (false, false) => "",
        };
        text += &format!(
            "  {mark:7} {:width$}  {:3} min  {:11}  {}\n",
            exercise.name, exercise.spec.minutes, exercise.spec.level, exercise.spec.title
        );
    }
    let solved = exercises
        .iter()
        .filter(|exercise| log.state(&exercise.path()).solved)
        .count();
    text += &format!(
        "\n{solved} of {} solved. Next: read the README.md of one, edit its src/lib.rs, then\n  \
         cargo book exercise check NAME\n",
        exercises.len()
    );
    Ok(text)
}

/// Sorts them as a reader meets them; what no page shows comes last in its chapter.
fn in_order_of_the_book(house: &House, exercises: &mut [Exercise]) {
    let source = house.root.join("src");
    let page = |path: &str| std::fs::read_to_string(source.join(path)).unwrap_or_default();
    let book: String = page("SUMMARY.md")
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
        .map(page)
        .collect();
    let place = |exercise: &Exercise| {
        let shown = format!("{{{{#exercise {}}}}}", exercise.path());
        book.find(&shown).unwrap_or(usize::MAX)
    };
    let mut chapters: BTreeMap<String, usize> = BTreeMap::new();
    for exercise in &*exercises {
        let first = chapters
            .entry(exercise.chapter.clone())
            .or_insert(usize::MAX);
        *first = place(exercise).min(*first);
    }
    exercises.sort_by_cached_key(|exercise| {
        let chapter = exercise.chapter.clone();
        (chapters[&chapter], chapter, place(exercise))
    });
}

/// The next hint, which is remembered; the ones before it are shown again.
///
/// # Errors
/// When the progress cannot be read or written.
pub fn hint(house: &House, exercise: &Exercise) -> Result<String> {
    let mut log = Log::open(house)?;
    let mut state = log.state(&exercise.path());
    let hints = &exercise.spec.hints;
    if hints.is_empty() {
        bail!("{} has no hints", exercise.path());
    }
    let more = state.hints < hints.len();
    state.hints = (state.hints + 1).min(hints.len());
    log.set(&exercise.path(), state)?;
    let mut text = String::new();
    for (number, hint) in hints.iter().take(state.hints).enumerate() {
        text += &format!("Hint {} of {}: {hint}\n", number + 1, hints.len());
    }
    text += &if !more {
        format!(
            "These are all the hints. `cargo book exercise solution --anyway {}` shows our solution.",
            exercise.name
        )
    } else if state.hints < hints.len() {
        format!("The next one: cargo book exercise hint {}", exercise.name)
    } else {
        "This was the last one.".to_owned()
    };
    Ok(text)
}

/// Our solution, for those who have theirs.
///
/// # Errors
/// When the exercise is not solved yet and `anyway` is false.
pub fn solution(house: &House, exercise: &Exercise, anyway: bool) -> Result<String> {
    let log = Log::open(house)?;
    if !anyway && !log.state(&exercise.path()).solved {
        bail!(
            "{0} is not solved yet. `cargo book exercise check {0}` tells how far you are, \
             `cargo book exercise hint {0}` gives a hint;\nto see the solution anyway: \
             cargo book exercise solution --anyway {0}",
            exercise.name
        );
    }
    let path = exercise.solution();
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(format!("// {}\n{text}", name(house, &path)))
}

/// Puts the starter back, keeps the reader's file beside it, forgets the progress.
///
/// # Errors
/// When a file cannot be read or written.
pub fn reset(house: &House, exercise: &Exercise) -> Result<String> {
    let starter = std::fs::read_to_string(exercise.starter())
        .with_context(|| format!("{} cannot be read", exercise.starter().display()))?;
    let answer = exercise.answer();
    let mut text = String::new();
    if let Ok(old) = std::fs::read_to_string(&answer)
        && old != starter
    {
        let kept = free_name(exercise)?;
        std::fs::write(&kept, old)
            .with_context(|| format!("{} cannot be written", kept.display()))?;
        text = format!("Your answer is kept in {}.\n", name(house, &kept));
    }
    if let Some(folder) = answer.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&answer, starter)
        .with_context(|| format!("{} cannot be written", answer.display()))?;
    Log::open(house)?.forget(&exercise.path())?;
    text += &format!("{} is as it was at the start.", name(house, &answer));
    Ok(text)
}

/// `backup/1.rs`, or the next number that is free.
fn free_name(exercise: &Exercise) -> Result<PathBuf> {
    let folder = exercise.folder.join("backup");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("{} cannot be made", folder.display()))?;
    (1..)
        .map(|number| folder.join(format!("{number}.rs")))
        .find(|path| !path.exists())
        .context("no free name for a backup")
}

/// Remembers that the reader has begun, and whether the tests pass.
pub(crate) fn remember(house: &House, exercise: &Exercise, solved: bool) -> Result<State> {
    let mut log = Log::open(house)?;
    let mut state = log.state(&exercise.path());
    state.solved |= solved;
    log.set(&exercise.path(), state)?;
    Ok(state)
}
