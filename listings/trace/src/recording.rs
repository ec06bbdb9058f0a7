//! The life of a recording: how it begins, also from the environment, and the file it leaves.
use crate::{
    Setup, on,
    recorder::{self, Recorder},
};
use std::{
    io,
    marker::PhantomData,
    path::{Path, PathBuf},
};

/// Begins to record this thread; the end of the [`Recording`] ends it.
///
/// A second recording on the same thread is empty and ends nothing: the first one goes on.
///
/// ```
/// use trace::Kind;
/// let recording = trace::start(trace::Setup::default());
/// trace::event(Kind::Note).attr("text", || "hello").record();
/// let text = recording.finish();
/// assert!(text.starts_with(r#"{"v":1,"#));
/// assert!(text.contains(r#""k":"note""#));
/// ```
pub fn start(setup: Setup) -> Recording {
    if on() {
        return Recording::new(false);
    }
    recorder::install(setup);
    Recording::new(true)
}

/// Begins to record when the environment asks for it: `UNTWISTED_TRACE` names the file to write,
/// `UNTWISTED_LISTING` the listing for its header. Without them nothing is recorded, and nothing is
/// written.
///
/// The file is written when the [`Recording`] is dropped, also by a panic.
pub fn start_from_env() -> Recording {
    let Some(file) = std::env::var_os("UNTWISTED_TRACE").filter(|file| !file.is_empty()) else {
        return Recording::new(false);
    };
    let mut recording = start(Setup {
        listing: std::env::var("UNTWISTED_LISTING").unwrap_or_default(),
        ..Setup::default()
    });
    if recording.active {
        recording.file = Some(PathBuf::from(file));
    }
    recording
}

/// A recording that goes on until it is finished or dropped.
#[derive(Debug)]
#[must_use = "dropping it ends the recording"]
pub struct Recording {
    active: bool,
    file: Option<PathBuf>,
    // It is about the thread that began it.
    thread: PhantomData<*const ()>,
}

impl Recording {
    fn new(active: bool) -> Self {
        Recording {
            active,
            file: None,
            thread: PhantomData,
        }
    }

    /// Ends the recording and returns it as text: the header line, then one event a line.
    /// Writes no file. Empty when this recording never was the thread's.
    pub fn finish(mut self) -> String {
        self.file = None;
        self.take()
    }

    /// Ends the recording and writes it to `path`.
    ///
    /// # Errors
    /// Those of writing the file.
    pub fn save(mut self, path: &Path) -> io::Result<()> {
        self.file = None;
        std::fs::write(path, self.take())
    }

    fn take(&mut self) -> String {
        if !std::mem::take(&mut self.active) {
            return String::new();
        }
        recorder::remove().map(Recorder::finish).unwrap_or_default()
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let file = self.file.take();
        let text = self.take();
        let Some(file) = file else { return };
        if let Err(error) = std::fs::write(&file, text) {
            eprintln!("the trace {} could not be written: {error}", file.display());
        }
    }
}
