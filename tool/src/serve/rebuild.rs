//! Watches the book's folders and rebuilds at each save.
use super::State;
use crate::{
    build::{self, Extent},
    house::House,
    mermaid,
    unchanged::Rendered,
};
use anyhow::{Result, anyhow};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher, event::ModifyKind};
use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// The folders that a page is made of.
const FOLDERS: [&str; 5] = ["src", "listings", "diagrams", "exercises", "theme"];

/// How long nothing must change before a build begins: an editor's save is several events.
const QUIET: Duration = Duration::from_millis(30);

/// How long you must not save anything before all of the site is made again.
const PAUSE: Duration = Duration::from_secs(1);

/// Builds the book again and again.
pub(super) struct Builder {
    house: House,
    folder: PathBuf,
    state: watch::Sender<State>,
    news: Receiver<News>,
    /// For the thread that makes all of the site.
    tell: Sender<News>,
    /// Builds that readers may still be loading from: the last good one is the last.
    kept: Vec<PathBuf>,
    /// The last build of all of the site.
    whole: Option<PathBuf>,
    /// What the last good build was made of.
    rendered: Option<Rendered>,
    /// How many builds were begun.
    begun: u64,
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
        let (tell, news) = mpsc::channel();
        let save = tell.clone();
        let root = house.root.clone();
        let elsewhere = Arc::<Mutex<BTreeSet<PathBuf>>>::default();
        let known = Arc::clone(&elsewhere);
        let mut watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            let Ok(event) = event else { return };
            let matters = !matches!(event.kind, EventKind::Access(_))
                && event.paths.iter().any(|path| {
                    let known = known.lock().unwrap_or_else(PoisonError::into_inner);
                    matters(&root, path) || known.contains(path)
                });
            if matters {
                // Words that are written into a file move no file.
                let moved = !matches!(event.kind, EventKind::Modify(ModifyKind::Data(_)));
                let _ = save.send(News::Save { moved });
            }
        })?;
        // The root itself, for book.toml (editors replace it) and for folders still to be made.
        watcher.watch(&house.root, RecursiveMode::NonRecursive)?;
        let mut builder = Builder {
            house: house.clone(),
            folder: folder.to_owned(),
            state,
            news,
            tell,
            kept: Vec::new(),
            whole: None,
            rendered: None,
            begun: 0,
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

    /// Builds once, then at each save, until the server ends. What you wait for are the pages; the
    /// rest of the site follows when you pause, on another thread, so that no save waits for it.
    pub(super) fn run(mut self) {
        let fresh = self.place();
        match build(&self.house, &fresh, Extent::Everything) {
            Ok(rendered) => self.show_whole(fresh, rendered, true),
            Err(error) => self.tell_error(&fresh, &error),
        }
        // Whether pages were built since the rest was, and whether the rest is being built now.
        let (mut behind, mut under_way) = (false, false);
        loop {
            match self.wait(behind && !under_way) {
                Some(News::Save { moved }) => {
                    // What is being built on the other thread is of before.
                    behind = true;
                    // To look for links takes as long as to write many a page.
                    if moved && let Err(error) = self.watch() {
                        eprintln!("a new folder cannot be watched: {error}");
                    }
                    self.rebuild();
                }
                Some(News::Pause) => {
                    (behind, under_way) = (false, true);
                    self.build_whole();
                }
                Some(News::Whole(fresh, built)) => {
                    under_way = false;
                    match built {
                        Ok(rendered) if !behind => self.show_whole(fresh, rendered, false),
                        _ => drop(fs::remove_dir_all(fresh)),
                    }
                }
                None => return,
            }
            if self.state.is_closed() {
                return;
            }
        }
    }

    /// Returns a folder for the next build.
    fn place(&mut self) -> PathBuf {
        self.begun += 1;
        self.folder.join(self.begun.to_string())
    }

    /// The pages, as soon as can be; all of the site, as long as there is none.
    fn rebuild(&mut self) {
        let began = Instant::now();
        let fresh = self.place();
        let whole = self.whole.clone();
        let extent = match (&whole, &self.rendered) {
            (Some(whole), Some(last)) => Extent::Pages(whole, last),
            _ => Extent::Everything,
        };
        match build(&self.house, &fresh, extent) {
            Ok(rendered) => {
                eprintln!("rebuilt in {} ms", began.elapsed().as_millis());
                match whole {
                    Some(_) => {
                        self.rendered = Some(rendered);
                        self.show(fresh);
                    }
                    None => self.show_whole(fresh, rendered, true),
                }
            }
            Err(error) => self.tell_error(&fresh, &error),
        }
    }

    fn tell_error(&mut self, fresh: &Path, error: &anyhow::Error) {
        let _ = fs::remove_dir_all(fresh);
        let error = format!("{error:#}");
        eprintln!("\n{error}\n");
        if self.whole.is_some() || !self.show_part(&error) {
            self.state.send_modify(|state| state.error = Some(error));
        }
    }

    /// While there has been no good build, what can be built is better than nothing.
    fn show_part(&mut self, error: &str) -> bool {
        let fresh = self.place();
        let built = catch_unwind(AssertUnwindSafe(|| {
            build::site_in_part(&self.house, &fresh)
        }));
        let Ok(Ok(wrong)) = built else {
            let _ = fs::remove_dir_all(&fresh);
            return false;
        };
        self.state.send_modify(|state| {
            state.site = Some(fresh.clone());
            state.version += 1;
            state.error = Some(match wrong.list.is_empty() {
                true => error.to_owned(),
                false => wrong.to_string(),
            });
            state.part = true;
        });
        self.keep(fresh);
        true
    }

    /// Begins to build all of the site on another thread.
    fn build_whole(&mut self) {
        let (house, fresh, tell) = (self.house.clone(), self.place(), self.tell.clone());
        std::thread::spawn(move || {
            give_way();
            // What is wrong with it was told by the build of the pages.
            let built = build(&house, &fresh, Extent::Everything).map_err(drop);
            let _ = tell.send(News::Whole(fresh, built));
        });
    }

    /// Lets readers see all of the site. They need not reload for what the pages lacked.
    fn show_whole(&mut self, fresh: PathBuf, rendered: Rendered, news: bool) {
        self.whole = Some(fresh.clone());
        self.rendered = Some(rendered);
        if !news {
            self.state.send_if_modified(|state| {
                state.site = Some(fresh.clone());
                false
            });
        }
        match news {
            true => self.show(fresh),
            false => self.keep(fresh),
        }
    }

    /// Lets readers see a build.
    fn show(&mut self, fresh: PathBuf) {
        self.state.send_modify(|state| {
            state.site = Some(fresh.clone());
            state.version += 1;
            state.error = None;
            state.part = false;
        });
        self.keep(fresh);
    }

    /// Keeps a build and the one before it, and the last one of all; removes the others.
    fn keep(&mut self, fresh: PathBuf) {
        self.kept.push(fresh);
        let last = self.kept.len().saturating_sub(2);
        let old: Vec<_> = self.kept.drain(..last).collect();
        for build in old {
            match self.whole.as_ref() == Some(&build) {
                true => self.kept.insert(0, build),
                false => drop(fs::remove_dir_all(build)),
            }
        }
    }

    /// Waits for news: a save and the quiet after it, all of the site, or, if it is wanted, a
    /// pause; none when nothing is watched any more.
    fn wait(&self, pause: bool) -> Option<News> {
        let first = match pause {
            false => self.news.recv().ok()?,
            true => match self.news.recv_timeout(PAUSE) {
                Ok(news) => news,
                Err(RecvTimeoutError::Timeout) => return Some(News::Pause),
                Err(RecvTimeoutError::Disconnected) => return None,
            },
        };
        let News::Save { mut moved } = first else {
            return Some(first);
        };
        loop {
            match self.news.recv_timeout(QUIET) {
                Ok(News::Whole(fresh, _)) => {
                    // It is of before this save; a client waits to hear that it has come.
                    let _ = self.tell.send(News::Whole(fresh, Err(())));
                    return Some(News::Save { moved });
                }
                Ok(News::Save { moved: too }) => moved |= too,
                Ok(News::Pause) => {}
                Err(RecvTimeoutError::Timeout) => return Some(News::Save { moved }),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }
}

/// One build; a panic inside mdBook is an error like any other.
fn build(house: &House, fresh: &Path, extent: Extent<'_>) -> Result<Rendered> {
    catch_unwind(AssertUnwindSafe(|| build::site_with(house, fresh, extent))).unwrap_or_else(
        |panic| {
            let why = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("no reason given");
            Err(anyhow!("mdBook gave up: {why}"))
        },
    )
}

/// Lets this thread and those that it starts run when no save wants the processor. Only Linux knows
/// that of a thread; elsewhere, it would slow down all of the server.
fn give_way() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, 10);
}

/// Returns the files that symbolic links in the folders of a page lead to; a link to a folder is
/// followed by the watcher itself.
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
enum News {
    /// A file has changed; or one has come, gone, or got another name.
    Save { moved: bool },
    /// Nothing was saved for a while.
    Pause,
    /// All of the site was built, in this folder, or not.
    Whole(PathBuf, Result<Rendered, ()>),
}

/// Returns whether a changed file can change a page: editors' own files and compiled ones cannot.
fn matters(root: &Path, path: &Path) -> bool {
    let path = path.strip_prefix(root).unwrap_or(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_ours = (path == Path::new("book.toml")
        || FOLDERS.iter().any(|name| path.starts_with(name)))
        && !path.iter().any(|part| part == "target")
        && path != Path::new("src").join(mermaid::NAME);
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
