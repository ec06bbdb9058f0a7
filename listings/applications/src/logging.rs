//! What a program says while it runs: levels and targets, as text or JSON, to a file that can be
//! opened again.
use crate::SettingsError;
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tracing::Subscriber;
use tracing_subscriber::{
    filter::Targets,
    fmt::MakeWriter,
    layer::{Layer, SubscriberExt},
};

/// A log file, which can be opened again when a program such as logrotate has moved it away.
#[derive(Debug)]
pub struct LogFile {
    path: PathBuf,
    file: Mutex<File>,
}

impl LogFile {
    /// Opens it; what is in it stays.
    ///
    /// # Errors
    /// It cannot be opened.
    pub fn open(path: &Path) -> io::Result<Arc<LogFile>> {
        let path = std::path::absolute(path)?;
        Ok(Arc::new(LogFile {
            file: Mutex::new(append(&path)?),
            path,
        }))
    }

    // ANCHOR: reopen
    /// Opens it again. What was written is in the old one.
    ///
    /// # Errors
    /// It cannot be opened; then the old one is used further.
    pub fn reopen(&self) -> io::Result<()> {
        let new = append(&self.path)?;
        *self.file() = new;
        Ok(())
    }
    // ANCHOR_END: reopen

    /// Returns the file that is written to now.
    pub(crate) fn file(&self) -> std::sync::MutexGuard<'_, File> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn append(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

impl Write for &LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

/// Understands `info`, `warn,connection=debug` and the like: a level for all, and levels for
/// targets.
///
/// # Errors
/// A level that is none.
///
/// ```
/// assert!(applications::levels("warn,connection=debug").is_ok());
/// assert!(applications::levels("loud").is_err());
/// ```
pub fn levels(text: &str) -> Result<Targets, SettingsError> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    // A word alone would be taken for a target, and a misspelt level would log everything of a
    // target that does not exist.
    for word in text.split(',') {
        let level = word.split_once('=').map_or(word, |(_, level)| level);
        if !LEVELS.contains(&level.trim().to_ascii_lowercase().as_str()) {
            let what = format!(
                "log: {level:?} is no level; the levels are {}",
                LEVELS.join(", ")
            );
            return Err(SettingsError(what));
        }
    }
    text.parse()
        .map_err(|error| SettingsError(format!("log: {error}")))
}

// ANCHOR: subscriber
/// Returns what takes a program's events: those of the levels, one on each line, as text or as
/// JSON.
///
/// A line of a log names the spans that it happened in, so everything that one connection says can
/// be found.
pub fn subscriber<W>(
    levels: Targets,
    json: bool,
    times: bool,
    writer: W,
) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false);
    // Boxed, as each combination is a type of its own.
    tracing_subscriber::registry().with(
        match (json, times) {
            (false, false) => lines.without_time().boxed(),
            (false, true) => lines.boxed(),
            (true, false) => lines.json().flatten_event(true).without_time().boxed(),
            (true, true) => lines.json().flatten_event(true).boxed(),
        }
        .with_filter(levels),
    )
}
// ANCHOR_END: subscriber
