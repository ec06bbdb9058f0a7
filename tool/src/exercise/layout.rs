//! Reads the folders of the exercises; `exercises/README.md` says what is in them.
use crate::{
    finding::{Findings, name},
    house::House,
    problem::{in_toml, nearest},
};
use anyhow::{Result, bail};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

/// A wrong answer that is often written, and how its failing test explains it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrong {
    /// What the test's (or the compiler's) message must contain.
    pub why: String,
    /// The compiler's error code, for an answer that must not compile.
    pub code: Option<String>,
}

/// `exercise.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// What it is called.
    pub title: String,
    /// How many minutes it takes a reader.
    pub minutes: u32,
    /// `first steps`, `core` or `deeper`.
    pub level: String,
    /// What the reader can do afterwards.
    pub goals: Vec<String>,
    /// From a nudge to nearly the answer.
    pub hints: Vec<String>,
    /// How long its tests may run, in seconds, before they count as hanging.
    #[serde(default = "default_seconds")]
    pub seconds: u64,
    /// The wrong answers, by the name of their file.
    #[serde(default)]
    pub wrong: BTreeMap<String, Wrong>,
}

fn default_seconds() -> u64 {
    20
}

/// One exercise.
#[derive(Clone, Debug)]
pub struct Exercise {
    /// The chapter it belongs to.
    pub chapter: String,
    /// Its name: folder, package and library.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What `exercise.toml` says.
    pub spec: Spec,
}

impl Exercise {
    /// `reactor/echo_once`.
    pub fn path(&self) -> String {
        format!("{}/{}", self.chapter, self.name)
    }

    /// What the reader edits.
    pub fn answer(&self) -> PathBuf {
        self.folder.join("src/lib.rs")
    }

    /// Where the reader starts.
    pub fn starter(&self) -> PathBuf {
        self.folder.join("starter/lib.rs")
    }

    /// What passes.
    pub fn solution(&self) -> PathBuf {
        self.folder.join("solution/lib.rs")
    }

    /// One of the wrong answers.
    pub fn wrong(&self, wrong: &str) -> PathBuf {
        self.folder.join("wrong").join(format!("{wrong}.rs"))
    }

    /// How long its tests may run.
    pub fn limit(&self) -> Duration {
        Duration::from_secs(self.spec.seconds)
    }
}

/// Every exercise that can be read, in the order of chapters and names; the others are findings.
pub fn all(house: &House, found: &mut Findings) -> Vec<Exercise> {
    let mut exercises = Vec::new();
    let root = house.root.join("exercises");
    for chapter in folders(&root) {
        if file_name(&chapter) == "target" {
            continue;
        }
        for folder in folders(&chapter) {
            match load(&folder, &file_name(&chapter)) {
                Ok(exercise) => exercises.push(exercise),
                Err((line, what)) => found.add(
                    name(house, &folder.join("exercise.toml")),
                    line,
                    what,
                    "exercises/README.md says what stands in it",
                ),
            }
        }
    }
    exercises
}

/// Reads one folder, or says in which line of its `exercise.toml` what is wrong.
fn load(folder: &Path, chapter: &str) -> Result<Exercise, (usize, String)> {
    let text = std::fs::read_to_string(folder.join("exercise.toml"))
        .map_err(|error| (0, format!("the file cannot be read: {error}")))?;
    let text = text.trim_start_matches('\u{feff}');
    let spec = toml::from_str(text).map_err(|error| in_toml(text, &error))?;
    Ok(Exercise {
        chapter: chapter.to_owned(),
        name: file_name(folder),
        folder: folder.to_owned(),
        spec,
    })
}

/// The exercise that `wanted` means: `name` or `chapter/name`.
///
/// # Errors
/// When there is none; the message offers what looks like it.
pub fn find(house: &House, wanted: &str) -> Result<Exercise> {
    let mut found = Findings::default();
    let exercises = all(house, &mut found);
    let wanted = wanted.trim_matches('/');
    let wanted = wanted.strip_prefix("exercises/").unwrap_or(wanted);
    if let Some(exercise) = exercises
        .iter()
        .find(|exercise| exercise.name == wanted || exercise.path() == wanted)
    {
        return Ok(exercise.clone());
    }
    for problem in found.sorted() {
        if problem.file.contains(&format!("/{wanted}/")) {
            bail!("{problem}");
        }
    }
    let short = wanted.rsplit('/').next().unwrap_or(wanted);
    let offer = nearest(short, exercises.iter().map(|e| e.name.as_str()))
        .map(|near| format!("Did you mean `{near}`? "))
        .unwrap_or_default();
    bail!("there is no exercise `{wanted}`. {offer}`cargo book exercise list` names them all.")
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

/// The folders in a folder, sorted; hidden ones are left out.
pub(crate) fn folders(path: &Path) -> Vec<PathBuf> {
    entries(path)
        .into_iter()
        .filter(|entry| entry.is_dir())
        .collect()
}

/// What is in a folder, sorted; hidden entries are left out, and a missing folder is empty.
pub(crate) fn entries(path: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> = std::fs::read_dir(path)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|entry| !file_name(entry).starts_with('.'))
        .collect();
    entries.sort();
    entries
}
