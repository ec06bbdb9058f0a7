//! Watches the book's folders and rebuilds at each save.
use super::State;
use crate::{
    build::{self, Search},
    house::House,
};
use anyhow::{Result, anyhow};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// The folders that a page is made of.
const FOLDERS: [&str; 5] = ["src", "listings", "diagrams", "exercises", "theme"];

/// How long nothing must change before a build begins: an editor's save is several events.
const QUIET: Duration = Duration::from_millis(30);

/// How long you must not save anything before the search index is made anew.
const PAUSE: Duration = Duration::from_secs(1);

/// Builds the book again and again.
pub(super) struct Builder {
    house: House,
    folder: PathBuf,
    state: watch::Sender<State>,
    saves: Receiver<()>,
    /// Builds that readers may still be loading from: the last good one is the last.
    kept: Vec<PathBuf>,
    watcher: RecommendedWatcher,
    watched: BTreeSet<PathBuf>,
    /// Files elsewhere that symbolic links in the folders lead to.
    elsewhere: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Builder {
    /// Begins to watch. Builds go into `folder`.
    pub(super) fn new(
        house: &House,
        folder: &Path,
        state: watch::Sender<State>,
    ) -> Result<Builder> {
        let (save, saves) = mpsc::channel();
        let root = house.root.clone();
        let elsewhere = Arc::<Mutex<BTreeSet<PathBuf>>>::default();
        let known = Arc::clone(&elsewhere);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let matters = event.is_ok_and(|event| {
                !matches!(event.kind, EventKind::Access(_))
                    && event.paths.iter().any(|path| {
                        let known = known.lock().unwrap_or_else(PoisonError::into_inner);
                        matters(&root, path) || known.contains(path)
                    })
            });
            if matters {
                let _ = save.send(());
            }
        })?;
        // The root itself, for book.toml (editors replace it) and for folders still to be made.
        watcher.watch(&house.root, RecursiveMode::NonRecursive)?;
        let mut builder = Builder {
            house: house.clone(),
            folder: folder.to_owned(),
            state,
            saves,
            kept: Vec::new(),
            watcher,
            watched: BTreeSet::new(),
            elsewhere,
        };
        builder.watch()?;
        Ok(builder)
    }

    /// Watches the folders that exist by now.
    fn watch(&mut self) -> Result<()> {
        for name in FOLDERS {
            let path = self.house.root.join(name);
            if path.is_dir() && self.watched.insert(path.clone()) {
                self.watcher.watch(&path, RecursiveMode::Recursive)?;
            }
        }
        let linked = linked(&self.house);
        for folder in linked.iter().filter_map(|file| file.parent()) {
            // The folder, because editors replace a file.
            let inside = FOLDERS
                .iter()
                .any(|name| folder.starts_with(self.house.root.join(name)));
            if !inside && self.watched.insert(folder.to_owned()) {
                self.watcher.watch(folder, RecursiveMode::NonRecursive)?;
            }
        }
        *self
            .elsewhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = linked;
        Ok(())
    }

    /// Builds once, then at each save, until the server ends. What you wait for comes without a
    /// search index; that follows when you pause.
    pub(super) fn run(mut self) {
        let mut search = Search::Everything;
        for turn in 0_u64.. {
            let began = Instant::now();
            let fresh = self.folder.join(turn.to_string());
            match self.build(&fresh, search) {
                Ok(()) if search == Search::Everything => self.show_all(fresh, turn == 0),
                Ok(()) => {
                    eprintln!("rebuilt in {} ms", began.elapsed().as_millis());
                    self.show(fresh);
                }
                Err(error) => {
                    let _ = fs::remove_dir_all(&fresh);
                    let error = format!("{error:#}");
                    eprintln!("\n{error}\n");
                    self.state.send_modify(|state| state.error = Some(error));
                    search = Search::Everything;
                }
            }
            let pause = (search == Search::Nothing).then_some(PAUSE);
            search = match self.wait(pause) {
                Some(Wake::Save) => Search::Nothing,
                Some(Wake::Pause) => Search::Everything,
                None => return,
            };
            if self.state.is_closed() {
                return;
            }
            if let Err(error) = self.watch() {
                eprintln!("a new folder cannot be watched: {error}");
            }
        }
    }

    /// One build; a panic inside mdBook is an error like any other.
    fn build(&self, fresh: &Path, search: Search) -> Result<()> {
        catch_unwind(AssertUnwindSafe(|| {
            build::site_with(&self.house, fresh, search)
        }))
        .unwrap_or_else(|panic| {
            let why = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no reason given");
            Err(anyhow!("mdBook gave up: {why}"))
        })
    }

    /// Lets readers see a build with its search index. They need not reload for that, except when
    /// it is the first.
    fn show_all(&mut self, fresh: PathBuf, first: bool) {
        let index = fs::read_dir(&fresh)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with("searchindex-"))
            });
        let copy = self.folder.join("searchindex.js");
        let kept = index.is_some_and(|index| fs::copy(index, &copy).is_ok());
        self.state.send_if_modified(|state| {
            state.index = kept.then_some(copy);
            false
        });
        if first || self.state.borrow().site.is_none() {
            self.show(fresh);
        } else {
            let _ = fs::remove_dir_all(fresh);
        }
    }

    /// Lets readers see a build; removes the one before the last.
    fn show(&mut self, fresh: PathBuf) {
        self.kept.push(fresh.clone());
        self.state.send_modify(|state| {
            state.site = Some(fresh);
            state.version += 1;
            state.error = None;
        });
        if self.kept.len() > 2 {
            let _ = fs::remove_dir_all(self.kept.remove(0));
        }
    }

    /// Waits for a save and for the quiet after it, or for a pause; none when nothing is watched
    /// any more.
    fn wait(&self, pause: Option<Duration>) -> Option<Wake> {
        match pause {
            None => self.saves.recv().ok()?,
            Some(pause) => match self.saves.recv_timeout(pause) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => return Some(Wake::Pause),
                Err(RecvTimeoutError::Disconnected) => return None,
            },
        }
        loop {
            match self.saves.recv_timeout(QUIET) {
                Ok(()) => {}
                Err(RecvTimeoutError::Timeout) => return Some(Wake::Save),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}

/// The files that symbolic links in the folders of a page lead to; a link to a folder is followed
/// by the watcher itself.
fn linked(house: &House) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut left: Vec<PathBuf> = FOLDERS.iter().map(|name| house.root.join(name)).collect();
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_dir() && entry.file_name() != "target" {
                left.push(entry.path());
            } else if kind.is_symlink()
                && let Ok(file) = entry.path().canonicalize()
                && file.is_file()
            {
                found.insert(file);
            }
        }
    }
    found
}

/// Why the builder goes on.
enum Wake {
    Save,
    Pause,
}

/// Whether a changed file can change a page: editors' own files and compiled ones cannot.
fn matters(root: &Path, path: &Path) -> bool {
    let path = path.strip_prefix(root).unwrap_or(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_ours = (path == Path::new("book.toml")
        || FOLDERS.iter().any(|name| path.starts_with(name)))
        && !path.iter().any(|part| part == "target")
        && path != Path::new("src").join(build::MERMAID_NAME);
    let is_temporary = name.starts_with('.')
        || name.ends_with('~')
        || name.ends_with(".swp")
        || name == "4913"
        || name.ends_with(".tmp");
    is_ours && !is_temporary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compiled_and_temporary_files_do_not_matter() {
        let root = Path::new("/book");
        let does = |path: &str| matters(root, &root.join(path));
        assert!(does("src/reactor/index.md"));
        assert!(does("listings/reactor/examples/simplest.rs"));
        assert!(does("book.toml"));
        assert!(!does("README.md"));
        assert!(!does("exercises/target/debug/x.d"));
        assert!(!does("src/reactor/.index.md.swp"));
        assert!(!does("src/reactor/index.md~"));
        assert!(!does("src/mermaid.min.js"));
    }
}
