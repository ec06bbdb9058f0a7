//! What need not be rendered again after a save: the pages that are as they were.
//!
//! mdBook renders every page of a book that is no draft. Those whose text is as it was become
//! drafts, and are files of the site before; but for the neighbours of a new page, to which its
//! frame leads: they are rendered without their text, and then replaced.
use crate::house::House;
use anyhow::{Context, Result, bail};
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// A complete site, and what its pages were made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rendered {
    site: PathBuf,
    /// Of all that stands around the text of a page: the theme, the settings, the summary, and the
    /// names and the order of all pages.
    frame: Arc<[u8]>,
    /// The text of each page, as its directives were expanded. It is compared as it is: a digest of
    /// all texts takes longer than anything else here, in a program that is not optimised.
    texts: BTreeMap<PathBuf, Text>,
    /// The script of the contents, which all pages load.
    contents: String,
}

/// The text of a page.
#[derive(Clone, Debug)]
struct Text {
    words: Arc<str>,
    /// Whether mdBook itself still puts something in, which may come from a file that has changed.
    includes: bool,
}

impl Text {
    fn new(words: &str) -> Text {
        let includes = ["#include", "#rustdoc_include", "#playground"];
        Text {
            words: Arc::from(words),
            includes: includes.iter().any(|one| words.contains(one)),
        }
    }
}

/// Takes the text of the pages that are as they were out of a book, and notes what all of them are
/// made of.
#[derive(Clone, Debug)]
pub(crate) struct Sieve {
    before: Option<Rendered>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    now: Rendered,
    /// The pages that are as they were.
    same: BTreeSet<PathBuf>,
    /// The one that stands in the root as `index.html`, too.
    first: Option<PathBuf>,
}

impl Sieve {
    /// Returns one that keeps back what is in a site already, if there is one.
    pub(crate) fn new(before: Option<&Rendered>) -> Sieve {
        Sieve {
            before: before.cloned(),
            seen: Arc::default(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the texts out of an expanded book.
    ///
    /// # Errors
    /// When the theme or the settings cannot be read.
    pub(crate) fn sift(&self, house: &House, book: &mut Book) -> Result<()> {
        let mut seen = Seen::default();
        seen.now.frame = frame(house, book)?;
        let before = self
            .before
            .as_ref()
            .filter(|before| before.frame == seen.now.frame);
        seen.first = chapters(book).find_map(|chapter| chapter.path.clone());
        // In the order of the book, which is not that of `for_each_mut`.
        let mut order = Vec::new();
        for chapter in chapters(book) {
            let Some(path) = &chapter.path else {
                continue;
            };
            let last = before.and_then(|before| before.texts.get(path));
            let same = last.filter(|last| *last.words == *chapter.content);
            let text = match same {
                Some(last) => last.clone(),
                None => Text::new(&chapter.content),
            };
            order.push((path.clone(), same.is_some() && !text.includes));
            seen.now.texts.insert(path.clone(), text);
        }
        let near = |at: usize| [at.wrapping_sub(1), at + 1].map(|at| order.get(at));
        let mut drafts = BTreeSet::new();
        for (at, (path, _)) in order.iter().enumerate().filter(|(_, (_, same))| *same) {
            seen.same.insert(path.clone());
            if near(at).into_iter().flatten().all(|(_, same)| *same) {
                drafts.insert(path);
            }
        }
        book.for_each_mut(|item| {
            let BookItem::Chapter(chapter) = item else {
                return;
            };
            let Some(path) = chapter.path.clone() else {
                return;
            };
            if seen.same.contains(&path) {
                chapter.content.clear();
            }
            if drafts.contains(&path) {
                chapter.path = None;
            }
        });
        *self.seen() = seen;
        Ok(())
    }

    /// Returns the files that mdBook has rendered: those of all other pages are as they were.
    pub(crate) fn anew(&self) -> Vec<PathBuf> {
        anew(&self.seen())
    }

    /// Puts the pages that were kept back into the site that was built without them, and the
    /// contents that they load. Returns what the site is made of.
    ///
    /// # Errors
    /// When one of them is not in the site before, or cannot be written.
    pub(crate) fn put_back(&self, dest: &Path) -> Result<Rendered> {
        let mut seen = self.seen();
        let new = contents(dest)?;
        let before = self.before.as_ref().filter(|_| !seen.same.is_empty());
        seen.now.contents = before.map_or(new.clone(), |before| before.contents.clone());
        if let Some(before) = before {
            // In those of this build the drafts are no links.
            for page in anew(&seen) {
                let page = dest.join(page);
                let text = fs::read_to_string(&page)?;
                fs::write(&page, text.replace(&new, &before.contents))?;
            }
            if new != before.contents {
                fs::remove_file(dest.join(&new))?;
            }
            let same = seen.same.iter().map(|path| path.with_extension("html"));
            let index = seen.first.as_ref().filter(|path| seen.same.contains(*path));
            let index = index.map(|_| PathBuf::from("index.html"));
            let around = [before.contents.as_str(), "toc.html", "404.html"].map(PathBuf::from);
            for name in same.chain(index).chain(around) {
                replace(&before.site.join(&name), &dest.join(&name))?;
            }
        }
        dest.clone_into(&mut seen.now.site);
        Ok(seen.now.clone())
    }
}

fn anew(seen: &Seen) -> Vec<PathBuf> {
    let texts = seen.now.texts.keys();
    let pages: Vec<_> = texts.filter(|path| !seen.same.contains(*path)).collect();
    let first = pages.iter().any(|path| seen.first.as_ref() == Some(*path));
    let files = pages.iter().map(|path| path.with_extension("html"));
    files
        .chain(first.then(|| PathBuf::from("index.html")))
        .collect()
}

/// Returns what the script of the contents is called: its name has a digest in it.
pub(crate) fn contents(site: &Path) -> Result<String> {
    for entry in fs::read_dir(site)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("toc-") && name.ends_with(".js") {
            return Ok(name);
        }
    }
    bail!("mdBook wrote no contents into {}", site.display())
}

fn chapters(book: &Book) -> impl Iterator<Item = &Chapter> {
    book.iter().filter_map(|item| match item {
        BookItem::Chapter(chapter) => Some(chapter),
        _ => None,
    })
}

/// Returns all that stands around the text of a page.
fn frame(house: &House, book: &Book) -> Result<Arc<[u8]>> {
    let mut all = Vec::new();
    let mut add = |bytes: &[u8]| {
        all.extend(bytes.len().to_le_bytes());
        all.extend(bytes);
    };
    for file in ["book.toml", "src/SUMMARY.md"] {
        add(&fs::read(house.root.join(file))?);
    }
    let mut files = Vec::new();
    files_below(&house.root.join("theme"), &mut files)?;
    files.sort();
    for file in files {
        add(file.as_os_str().as_encoded_bytes());
        add(&fs::read(&file)?);
    }
    // The whole listings come last, and a build of the pages alone is without them.
    let own = |chapter: &&Chapter| {
        let path = chapter.path.as_deref();
        !path.is_some_and(|path| path.starts_with("listings"))
    };
    for chapter in chapters(book).filter(own) {
        add(format!("{:?} {:?} {:?}", chapter.path, chapter.number, chapter.name).as_bytes());
    }
    Ok(all.into())
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Puts a file in the place of another, if there is one; both sites then have it.
fn replace(from: &Path, to: &Path) -> Result<()> {
    match fs::remove_file(to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // mdBook makes no folder for drafts.
            fs::create_dir_all(to.parent().unwrap_or(to))?;
        }
        done => done.with_context(|| to.display().to_string())?,
    }
    fs::hard_link(from, to)
        .or_else(|_| fs::copy(from, to).map(drop))
        .with_context(|| from.display().to_string())
}

#[cfg(test)]
mod tests {
    use crate::{
        build::{Extent, site_with},
        fixture::Fixture,
    };
    use std::{fs, path::PathBuf};

    #[test]
    fn after_a_save_one_page_is_new_and_all_when_the_frame_is() {
        let fixture = Fixture::new();
        let out = fixture.house.root.join("target/out");
        let whole = out.join("whole");
        let rendered = site_with(&fixture.house, &whole, Extent::Everything).unwrap();
        let page = fixture.read("src/reactor/index.md");
        fixture.write("src/reactor/index.md", &format!("{page}\nA zebra.\n"));
        let saved = out.join("saved");
        let rendered = site_with(&fixture.house, &saved, Extent::Pages(&whole, &rendered)).unwrap();
        let read = |site: &str, page: &str| fixture.read(&format!("target/out/{site}/{page}"));
        assert!(read("saved", "reactor/index.html").contains("A zebra."));
        for same in ["index.html", "print.html"] {
            assert_eq!(read("saved", same), read("whole", same), "{same}");
        }
        // What its pages load is there.
        let index = read("saved", "index.html");
        let at = index.find("toc-").expect("the contents");
        let toc: String = index[at..].chars().take_while(|c| *c != '"').collect();
        assert!(saved.join(&toc).is_file(), "{toc}");
        // The words of a page that is taken over are not lost at the save after it.
        fixture.write("src/reactor/index.md", &page);
        let again = out.join("again");
        let rendered = site_with(&fixture.house, &again, Extent::Pages(&whole, &rendered)).unwrap();
        assert!(!read("again", "reactor/index.html").contains("A zebra."));
        assert_eq!(read("again", "index.html"), index);
        fixture.write("theme/header.hbs", "<p>A new frame</p>\n");
        let framed = out.join("framed");
        site_with(&fixture.house, &framed, Extent::Pages(&whole, &rendered)).unwrap();
        for page in ["index.html", "reactor/index.html"] {
            assert!(read("framed", page).contains("A new frame"), "{page}");
        }
        assert_eq!(fs::read_dir(out).unwrap().count(), 4);
    }

    #[test]
    fn of_a_long_book_only_the_new_page_and_its_neighbours_are_rendered() {
        let fixture = Fixture::new();
        // Until all of the site is made, a saved page has no button to print it, and no description.
        let settings = fixture.read("book.toml");
        fixture.write(
            "book.toml",
            &format!("{settings}print = {{ enable = false }}\n"),
        );
        let mut summary = fixture.read("src/SUMMARY.md");
        for number in 1..=5 {
            summary += &format!("- [Page {number}](page{number}.md)\n");
            fixture.write(
                &format!("src/page{number}.md"),
                &format!("# Page {number}\n\nWords.\n"),
            );
        }
        fixture.write("src/SUMMARY.md", &summary);
        let out = fixture.house.root.join("target/out");
        let files = |site: &str| {
            let mut files = Vec::new();
            super::files_below(&out.join(site), &mut files).unwrap();
            let mut names: Vec<_> = files
                .iter()
                .map(|file| file.strip_prefix(out.join(site)).unwrap().to_owned())
                .collect();
            names.sort();
            names
        };
        let mut rendered = site_with(&fixture.house, &out.join("0"), Extent::Everything).unwrap();
        for save in 1..=2 {
            fixture.write("src/page3.md", &format!("# Page 3\n\nSave {save}.\n"));
            let (last, now) = (out.join("0"), out.join(save.to_string()));
            rendered = site_with(&fixture.house, &now, Extent::Pages(&last, &rendered)).unwrap();
            assert_eq!(files(&save.to_string()), files("0"));
        }
        // Each page is what a whole build makes of it.
        site_with(&fixture.house, &out.join("all"), Extent::Everything).unwrap();
        let is_page = |name: &&PathBuf| name.extension().is_some_and(|end| end == "html");
        for name in files("0").iter().filter(is_page) {
            let page = |site: &str| {
                let text = fs::read_to_string(out.join(site).join(name)).unwrap();
                let lines = text
                    .lines()
                    .filter(|line| !line.contains("\"description\""));
                lines.collect::<Vec<_>>().join("\n")
            };
            assert_eq!(page("2"), page("all"), "{}", name.display());
        }
    }

    #[test]
    fn a_page_that_is_gone_from_the_site_before_is_named() {
        let fixture = Fixture::new();
        let out = fixture.house.root.join("target/out");
        let whole = out.join("whole");
        let rendered = site_with(&fixture.house, &whole, Extent::Everything).unwrap();
        fs::remove_file(whole.join("reactor/index.html")).unwrap();
        let again = site_with(
            &fixture.house,
            &out.join("again"),
            Extent::Pages(&whole, &rendered),
        );
        let told = format!("{:#}", again.unwrap_err());
        assert!(told.contains("whole/reactor/index.html: "), "{told}");
    }
}
