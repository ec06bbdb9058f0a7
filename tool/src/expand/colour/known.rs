//! What was coloured before: a second build has few new programs.
use super::{
    fenced::{fences, read, whole},
    paint::{html, syntax},
};
use crate::parallel;
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, PoisonError},
};
use syntect::parsing::SyntaxReference;

/// How many blocks are remembered.
const MOST: usize = 5_000;

/// What the last build of this process knew.
pub(super) static LAST: Mutex<Option<Known>> = Mutex::new(None);

/// What was coloured before: a second build has few new programs, and syntect needs a minute for
/// all of the book.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The lines of a block as HTML, by a digest of its language and code.
    blocks: BTreeMap<String, String>,
    file: Option<PathBuf>,
    pub(super) changed: bool,
    /// Whole pages as they were and as they became: of a book that is saved again and again, one is
    /// new.
    pages: HashMap<String, String>,
}

impl Known {
    /// Returns what is kept in a folder that may be removed at any time. What cannot be read is
    /// made again.
    pub(crate) fn open(folder: &Path) -> Known {
        let file = folder.join("colours.json");
        // While one serves, a build follows the other, and the file holds what is known here
        // already.
        let last = LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(known) = last.filter(|known| known.file.as_ref() == Some(&file)) {
            return known;
        }
        let blocks = fs::read(&file)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        Known {
            blocks,
            file: Some(file),
            changed: false,
            pages: HashMap::new(),
        }
    }

    /// Returns a whole page as it became, or what `make` makes of it.
    pub(super) fn page(&mut self, text: &str, make: impl FnOnce(&mut Known) -> String) -> String {
        if let Some(done) = self.pages.get(text) {
            return done.clone();
        }
        let out = make(self);
        if self.pages.len() >= MOST {
            self.pages.clear();
        }
        self.pages.insert(text.to_owned(), out.clone());
        out
    }

    /// Keeps it for the next build; where it may not be written, that one colours again.
    pub(crate) fn keep(mut self) {
        self.write();
        self.changed = false;
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
    }

    fn write(&self) {
        let Some(file) = self.file.as_ref().filter(|_| self.changed) else {
            return;
        };
        // Two builds at a time do not write into one file.
        let fresh = file.with_extension(std::process::id().to_string());
        let written = serde_json::to_vec(&self.blocks)
            .map_err(io::Error::other)
            .and_then(|bytes| fs::write(&fresh, bytes))
            .and_then(|()| fs::rename(&fresh, file));
        if written.is_err() {
            let _ = fs::remove_file(fresh);
        }
    }

    /// Colours, on all processors, what these texts have and no build has coloured yet.
    pub(crate) fn prepare(&mut self, texts: &[&str]) -> anyhow::Result<()> {
        let mut open = BTreeMap::new();
        for (_, info, code) in texts.iter().flat_map(|text| fences(text)) {
            let word = info.split([' ', '\t', ',']).find(|word| !word.is_empty());
            if let Some((language, syntax)) = word.and_then(syntax) {
                let code = whole(&read(language, &code));
                let key = key(language, &code);
                if !self.blocks.contains_key(&key) {
                    open.insert(key, (syntax, code));
                }
            }
        }
        let open: Vec<_> = open.into_iter().collect();
        let at_once = std::thread::available_parallelism().map_or(1, usize::from);
        let done = parallel::map(&open, at_once, |(_, (syntax, code))| Ok(html(syntax, code)))?;
        for ((key, _), html) in open.into_iter().zip(done) {
            self.add(key, html);
        }
        Ok(())
    }

    fn add(&mut self, key: String, html: String) {
        if self.blocks.len() >= MOST {
            self.blocks.clear();
        }
        self.blocks.insert(key, html);
        self.changed = true;
    }

    /// Returns the lines of a block as HTML: from before, or coloured now.
    pub(super) fn lines(&mut self, language: &str, syntax: &SyntaxReference, code: &str) -> String {
        let key = key(language, code);
        if let Some(html) = self.blocks.get(&key) {
            return html.clone();
        }
        let html = html(syntax, code);
        self.add(key, html.clone());
        html
    }
}

/// Returns the digest of a block. Another version of that file colours otherwise.
fn key(language: &str, code: &str) -> String {
    static VERSION: LazyLock<Sha256> =
        LazyLock::new(|| Sha256::new_with_prefix(include_str!("paint.rs")));
    let mut digest = VERSION.clone();
    for part in [language, code] {
        digest.update([0]);
        digest.update(part);
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
