//! Remembers what a reader has begun, which hints were given and what is solved.
use crate::house::House;
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::PathBuf};

/// How far a reader is with one exercise.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, PartialEq, Eq)]
#[serde(default)]
pub struct State {
    /// How many hints were given.
    pub hints: usize,
    /// The tests have passed.
    pub solved: bool,
}

/// The whole file, by `chapter/name`.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    states: BTreeMap<String, State>,
}

impl Log {
    /// Reads `.exercise-progress.toml`; a missing file is an empty one.
    ///
    /// # Errors
    /// When the file is there and cannot be understood.
    pub fn open(house: &House) -> Result<Log> {
        let path = house.root.join(".exercise-progress.toml");
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => Err(error).with_context(|| format!("{}", path.display()))?,
        };
        let states = toml::from_str(&text).with_context(|| {
            format!(
                "{} is not right; delete it to begin again (your answers stay)",
                path.display()
            )
        })?;
        Ok(Log { path, states })
    }

    /// Whether the reader has worked on it.
    pub fn begun(&self, exercise: &str) -> bool {
        self.states.contains_key(exercise)
    }

    /// How far the reader is.
    pub fn state(&self, exercise: &str) -> State {
        self.states.get(exercise).copied().unwrap_or_default()
    }

    /// Remembers a state.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set(&mut self, exercise: &str, state: State) -> Result<()> {
        self.states.insert(exercise.to_owned(), state);
        self.write()
    }

    /// Forgets an exercise.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn forget(&mut self, exercise: &str) -> Result<()> {
        self.states.remove(exercise);
        self.write()
    }

    fn write(&self) -> Result<()> {
        let text = format!(
            "# What `cargo book exercise` remembers of you. Yours alone: not in the repository.\n{}",
            toml::to_string(&self.states)?
        );
        std::fs::write(&self.path, text)
            .with_context(|| format!("{} cannot be written", self.path.display()))
    }
}
