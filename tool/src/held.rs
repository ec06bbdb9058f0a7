//! Runs an untrusted program: bounded in time, memory, files and output, with nothing left
//! of it.
//!
//! Between the tool and the program stands a *supervisor*: this tool once more, as a process of its
//! own (`cargo book hold`). It sets the limits, starts the program, and adopts what the program's
//! children leave behind, so that at the end it can stop all of it and nothing else.
mod descendants;
mod fence;
mod supervisor;

use crate::limit::Outcome;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    ffi::OsStr,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

pub use fence::{Fence, fences};
pub use supervisor::keep;

/// What a program may use.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Bounds {
    /// How long it may run.
    pub time: Duration,
    /// How many bytes of data each of its processes may have. Held on Linux only.
    pub memory: u64,
    /// How many bytes a file may have that it writes.
    pub file: u64,
    /// How many bytes of each of its outputs are kept.
    pub output: usize,
}

/// A program, its bounds, and what it is given.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Held {
    /// The program.
    program: PathBuf,
    /// Its arguments.
    args: Vec<String>,
    /// What is added to its environment; nothing as a value takes a variable away.
    env: BTreeMap<String, Option<String>>,
    /// Whether that is all of its environment.
    cleared: bool,
    /// Where it runs.
    folder: PathBuf,
    /// What it may use.
    bounds: Bounds,
    /// What it can read from its standard input.
    input: String,
    /// The files it may touch; all when there is none.
    fence: Option<Fence>,
    /// How many processes it may have at once, itself among them.
    crowd: Option<usize>,
    /// A folder, and how many bytes all files in it may have together.
    room: Option<(PathBuf, u64)>,
}

impl Held {
    /// Returns a call of `command`, within `bounds`. Arguments and environment must be UTF-8; the
    /// folder is the current one unless the command names another.
    pub fn new(command: &Command, bounds: Bounds) -> Held {
        let text = |text: &OsStr| text.to_string_lossy().into_owned();
        Held {
            program: command.get_program().into(),
            args: command.get_args().map(text).collect(),
            env: command
                .get_envs()
                .map(|(key, value)| (text(key), value.map(text)))
                .collect(),
            cleared: false,
            folder: command.get_current_dir().unwrap_or(Path::new(".")).into(),
            bounds,
            input: String::new(),
            fence: None,
            crowd: None,
            room: None,
        }
    }

    /// Lets it read this from its standard input.
    pub fn input(mut self, input: impl Into<String>) -> Held {
        self.input = input.into();
        self
    }

    /// Lets it touch only the files behind a fence, where the system has fences ([`fences`]).
    pub fn fence(mut self, fence: Fence) -> Held {
        self.fence = Some(fence);
        self
    }

    /// Takes away its environment, but for what its command adds.
    pub fn cleared(mut self) -> Held {
        self.cleared = true;
        self
    }

    /// Stops it when it has more processes than this at once. Looked at every few milliseconds, on
    /// Linux only.
    pub fn crowd(mut self, most: usize) -> Held {
        self.crowd = Some(most);
        self
    }

    /// Stops it when the files in a folder have more bytes than this together. Looked at every few
    /// milliseconds.
    pub fn room(mut self, folder: impl Into<PathBuf>, bytes: u64) -> Held {
        self.room = Some((folder.into(), bytes));
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When the program cannot be started, or its supervisor was stopped by another program.
    pub fn run(&self) -> Result<Outcome> {
        let mut command = Command::new(tool()?);
        command
            .arg("hold")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        apart(&mut command);
        let mut supervisor = command
            .spawn()
            .context("the supervisor cannot be started")?;
        let (mut order, report, said) = (
            supervisor
                .stdin
                .take()
                .context("no pipe to the supervisor")?,
            supervisor
                .stdout
                .take()
                .context("no pipe from the supervisor")?,
            supervisor
                .stderr
                .take()
                .context("no pipe from the supervisor")?,
        );
        let said = std::thread::spawn(move || text_of(said));
        // A supervisor that cannot read this says why.
        let _ = writeln!(order, "{}", serde_json::to_string(self)?);
        let report = text_of(report);
        let status = supervisor.wait()?;
        // Until here: when this pipe closes, the supervisor takes us for dead and stops the
        // program.
        drop(order);
        let said = said.join().unwrap_or_default();
        match serde_json::from_str(&report) {
            Ok(outcome) => Ok(outcome),
            Err(_) if status.code().is_some() => bail!("{}", said.trim_end()),
            Err(_) => bail!("the process that watched over the program was itself stopped"),
        }
    }
}

fn text_of(mut pipe: impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = pipe.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A group of its own: Ctrl-C in a terminal reaches us, and the supervisor hears of our end.
fn apart(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Returns the tool's own program; a test of the tool finds it beside its own folder.
pub(crate) fn tool() -> Result<PathBuf> {
    let own = std::env::current_exe().context("the tool does not find its own program")?;
    let name = format!("book{}", std::env::consts::EXE_SUFFIX);
    if own.file_name() == Some(OsStr::new(&name)) {
        return Ok(own);
    }
    own.ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file())
        .with_context(|| format!("no `{name}` beside {}", own.display()))
}
