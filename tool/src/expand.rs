//! Expands the book: the one function behind serve, build, preprocess and every test of the text.
mod assemble;
mod block;
mod card;
mod changes;
mod colour;
mod count;
mod directive;
mod figure;
mod files;
mod fragment;
mod front;
mod lines;
mod listing;
mod minutes;
#[cfg(test)]
mod mistakes;
mod pages;
mod paper;
mod parts;
mod place;
pub(crate) mod predict;
mod references;
mod source;
mod step;
mod summary;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use crate::finding::slashed;
pub use block::{Block, blocks};
pub use front::{Front, LEVELS};
pub use references::{Excerpt, Page, Showing, Stepping};

use crate::{
    finding::{Finding, Findings},
    house::House,
    unchanged::Sieve,
};
use anyhow::Result;
use colour::Medium;
use mdbook_driver::MDBook;
use mdbook_preprocessor::{
    Preprocessor, PreprocessorContext,
    book::{Book, BookItem},
};
use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

/// Whom a page is expanded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The reader: directives become cards, tabs and figures; each whole file gets a page.
    Html,
    /// rustdoc: every line keeps its number. Directives and front matter become empty lines,
    /// because Cargo compiles the listings themselves.
    Doctest,
    /// skeptic: as for rustdoc, and what it cannot judge (`compile_fail`, `should_panic`) is text.
    Skeptic,
}

/// Returns the pages of the book in the order of SUMMARY.md, expanded for `target`.
///
/// ```no_run
/// # fn main() -> anyhow::Result<()> {
/// use book::{expand::{self, Target}, house::House};
/// let house = House::find(std::path::Path::new("."))?;
/// for page in expand::chapters(&house, Target::Doctest)? {
///     for block in page.blocks.iter().filter(|block| block.language == "rust") {
///         println!("{}:{}", page.file.display(), block.line);
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`Findings`] when pages are wrong: each with file, line and what to do.
pub fn chapters(house: &House, target: Target) -> Result<Vec<Page>> {
    summary::check(house)?;
    let book = MDBook::load(&house.root)?.book;
    Ok(pages::expand(house, book, target, true)?.1)
}

/// Returns the book, ready to be built in this process: our preprocessor runs here and not as the
/// command that `book.toml` names for stock mdBook. The pages of whole listings, which are most of
/// all, can be left out, and so can, by a sieve, the texts that are as they were.
///
/// # Errors
/// When `book.toml`, `SUMMARY.md` or a page cannot be read.
pub(crate) fn load(house: &House, whole_files: bool, sieve: Option<Sieve>) -> Result<MDBook> {
    summary::check(house)?;
    let mut book = MDBook::load(&house.root)?;
    book.with_preprocessor(Untwisted {
        house: house.clone(),
        whole_files,
        in_part: None,
        medium: Medium::Screen,
        sieve,
    });
    Ok(book)
}

/// Returns the book as it is printed: without the pages of whole listings, and without what only a
/// screen can show.
///
/// # Errors
/// As [`load`].
pub(crate) fn load_for_paper(house: &House) -> Result<MDBook> {
    let mut book = MDBook::load(&house.root)?;
    book.with_preprocessor(Untwisted {
        house: house.clone(),
        whole_files: false,
        in_part: None,
        medium: Medium::Paper,
        sieve: None,
    });
    Ok(book)
}

/// Returns the book without what is wrong with it: a page says what is not finished, instead of
/// stopping all others. What is wrong is in the list once the book has been built.
///
/// # Errors
/// When there is no readable `book.toml` or `SUMMARY.md`.
pub(crate) fn load_in_part(house: &House) -> Result<(MDBook, Wrong)> {
    let wrong: Wrong = Arc::new(Mutex::new(summary::problems(house)?));
    let config = mdbook_driver::config::Config::from_disk(house.root.join("book.toml"))?;
    let summary = summary::in_part(house)?;
    let mut book = MDBook::load_with_config_and_summary(&house.root, config, summary)?;
    book.with_preprocessor(Untwisted {
        house: house.clone(),
        whole_files: true,
        in_part: Some(Arc::clone(&wrong)),
        medium: Medium::Screen,
        sieve: None,
    });
    Ok((book, wrong))
}

/// What is wrong with a book that is shown in part.
pub(crate) type Wrong = Arc<Mutex<Findings>>;

/// Returns what a page wants and does not find yet, such as an output that is not recorded. The
/// site shows a note in its place; `cargo book check` does not let it pass.
///
/// # Errors
/// [`Findings`] when pages are wrong.
pub fn missing(house: &House) -> Result<Vec<Finding>> {
    let pages = chapters(house, Target::Html)?;
    Ok(pages.into_iter().flat_map(|page| page.notes).collect())
}

/// Our preprocessor: the directives, then mdbook-mermaid.
#[derive(Debug)]
pub struct Untwisted {
    /// The repository.
    pub house: House,
    /// Whether each whole listing gets a page.
    whole_files: bool,
    /// Where to note what is wrong, if that is to stop nothing.
    in_part: Option<Wrong>,
    /// What the pages are for.
    medium: Medium,
    /// What keeps back the texts that are as they were.
    sieve: Option<Sieve>,
}

impl Untwisted {
    /// Returns the preprocessor that makes the whole book, and fails when a page is wrong.
    pub fn new(house: House) -> Untwisted {
        Untwisted {
            house,
            whole_files: true,
            in_part: None,
            medium: Medium::Screen,
            sieve: None,
        }
    }
}

impl Preprocessor for Untwisted {
    fn name(&self) -> &str {
        "untwisted"
    }

    fn run(&self, context: &PreprocessorContext, book: Book) -> Result<Book> {
        let target = match context.renderer.as_str() {
            "html" => Target::Html,
            _ => Target::Doctest,
        };
        let (mut book, _) = match &self.in_part {
            Some(wrong) => {
                let mut wrong = wrong.lock().unwrap_or_else(PoisonError::into_inner);
                pages::expand_in_part(&self.house, book, target, &mut wrong)?
            }
            None => pages::expand(&self.house, book, target, self.whole_files)?,
        };
        if target != Target::Html {
            return Ok(book);
        }
        if let Some(sieve) = &self.sieve {
            sieve.sift(&self.house, &mut book)?;
        }
        let mut book = mdbook_mermaid::Mermaid.run(context, book)?;
        let mut known = colour::Known::open(&self.house.target);
        if self.medium == Medium::Screen {
            let mut texts = Vec::new();
            for item in book.iter() {
                if let BookItem::Chapter(chapter) = item {
                    texts.push(chapter.content.as_str());
                }
            }
            known.prepare(&texts)?;
        }
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item {
                chapter.content = colour::page(&chapter.content, self.medium, &mut known);
                if self.medium == Medium::Paper {
                    chapter.content = paper::page(&chapter.content);
                }
            }
        });
        known.keep();
        Ok(book)
    }
}

/// Returns the problems inside an error, if it is made of them.
pub fn problems(error: &anyhow::Error) -> Option<&[Finding]> {
    error
        .downcast_ref::<Findings>()
        .map(|problems| problems.list.as_slice())
}

/// Returns a path as a link has it.
pub(crate) fn href(path: &Path) -> String {
    slashed(path).replace(' ', "%20")
}
