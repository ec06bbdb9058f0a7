//! Which places that have a chapter's name mean the chapter: judged by what stands before and
//! after.
use crate::{
    exercise::layout::{entries, file_name, folders},
    house::House,
    new::{rename::paths::flat, replaced, stands_alone},
    packages,
};
use anyhow::Result;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Where a chapter has a folder.
pub(super) const PLACES: [&str; 4] = ["src", "listings", "exercises", "diagrams"];

/// What a chapter is called, and what tells that a place means it.
pub(super) struct Chapter {
    old: String,
    new: String,
    /// What its packages are called besides, before and after: `web-lab`, `web_lab`.
    names: Vec<(String, String)>,
    /// What stands in its folders: `web/` before one of them is a path.
    inside: BTreeSet<String>,
    /// The folders and files in which the name is that of a module.
    modules: Vec<String>,
    root: PathBuf,
}

/// What is to be done with a place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Verdict {
    /// It is a word of the text.
    Word,
    /// It means the chapter.
    Chapter,
    /// It may: only its author knows.
    Unclear,
}

impl Chapter {
    /// Looks at the chapter's folders, before they move.
    ///
    /// # Errors
    /// When a manifest of `listings/` cannot be understood.
    pub(super) fn read(house: &House, old: &str, new: &str) -> Result<Chapter> {
        let mut names = Vec::new();
        let mut packages: BTreeSet<String> = packages::all(house)?.into_keys().collect();
        // A package for fuzzing stands outside the workspace.
        for folder in folders(&house.root.join("listings").join(old)) {
            let name = file_name(&folder);
            if folder.join("Cargo.toml").is_file() {
                packages.insert(format!("{old}-{name}"));
            }
        }
        for package in packages {
            if let Some(more) = package.strip_prefix(&format!("{old}-")) {
                names.push((package.clone(), format!("{new}-{more}")));
                let ident = |of: &str| format!("{of}_{}", more.replace('-', "_"));
                names.push((ident(old), ident(new)));
            }
        }
        let crates = [
            "",
            "examples",
            "fails",
            "steps",
            "lab/examples",
            "lab/fails",
        ];
        let looked = PLACES
            .map(|place| house.root.join(place).join(old))
            .into_iter()
            .chain(crates.map(|inside| house.root.join("listings").join(old).join(inside)));
        let stem = |path: &Path| Some(path.file_stem()?.to_str()?.to_owned());
        let inside = looked
            .flat_map(|folder| entries(&folder))
            .filter_map(|entry| stem(&entry))
            .collect();
        Ok(Chapter {
            old: old.to_owned(),
            new: new.to_owned(),
            names,
            inside,
            modules: Vec::new(),
            root: house.root.clone(),
        })
    }

    /// The same, with the places that have a module of this name.
    pub(super) fn with_modules_of(mut self, house: &House, files: &[String]) -> Chapter {
        let module = format!("mod {}", self.old);
        let declares = |line: &str| {
            let parts = line.trim_start().split_once(&module);
            parts.is_some_and(|(public, after)| {
                (public.is_empty() || public.starts_with("pub"))
                    && after.trim_start().starts_with([';', '{'])
            })
        };
        for file in files.iter().filter(|file| file.ends_with(".rs")) {
            let text = fs::read_to_string(house.root.join(file)).unwrap_or_default();
            if text.lines().any(declares) {
                let library = file.find("/src/").map(|at| &file[..at + "/src/".len()]);
                self.modules.push(library.unwrap_or(file).to_owned());
            }
        }
        self
    }

    /// A line with each mention changed, and whether one is left that its author must judge.
    pub(super) fn line(&self, file: &str, line: &str) -> (String, Verdict) {
        let mut text = line.to_owned();
        for (old, new) in &self.names {
            text = replaced(&text, old, new);
        }
        for place in ["flow", "label", "title"] {
            // What a drawn picture calls its parts.
            let id = |name: &str| format!("\"{place}-{name}-");
            text = text.replace(&id(&self.old), &id(&self.new));
        }
        let (mut out, mut from, mut left) = (String::new(), 0, Verdict::Word);
        for (at, _) in text.match_indices(&self.old) {
            if !stands_alone(&text, at, self.old.len()) {
                continue;
            }
            let (before, after) = (&text[..at], &text[at + self.old.len()..]);
            match self.judge(file, before, after) {
                Verdict::Chapter => {
                    out += &text[from..at];
                    out += &self.new;
                    from = at + self.old.len();
                }
                verdict => left = left.max(verdict),
            }
        }
        (out + &text[from..], left)
    }

    /// What a place means, by what stands before and after it in its line.
    fn judge(&self, file: &str, before: &str, after: &str) -> Verdict {
        let manifest = file.ends_with("Cargo.toml") && !before.trim_start().starts_with('#');
        let means = self.is_path(file, before, after)
            || in_directive(before)
            || in_command(before)
            || (manifest && in_manifest(before, after))
            || (file.ends_with("Cargo.lock") && quoted(before, after))
            || (file.ends_with(".md") && before.starts_with("needs:"));
        if means {
            return Verdict::Chapter;
        }
        if let Some(verdict) = self.in_rust(file, before, after) {
            return verdict;
        }
        let code = before.ends_with('`') && after.starts_with('`');
        match code || quoted(before, after) {
            true => Verdict::Unclear,
            false => Verdict::Word,
        }
    }

    /// Whether it is a part of a path: from the root, from the file, or as the tool writes it.
    fn is_path(&self, file: &str, before: &str, after: &str) -> bool {
        let of_path = |c: char| c.is_ascii_alphanumeric() || "_./:-%~".contains(c);
        let token = &before[before.trim_end_matches(of_path).len()..];
        if token.contains("://") {
            return false;
        }
        let from_root = ["listings/", "exercises/", "diagrams/"]
            .iter()
            .any(|place| token.ends_with(place));
        let pages = token.strip_suffix("src/");
        let page = pages.is_some_and(|up| up.replace("../", "").is_empty());
        if from_root || page {
            return true;
        }
        if token.is_empty() {
            let Some(inside) = after.strip_prefix('/').or(after.strip_prefix("%2F")) else {
                return false;
            };
            let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let first = &inside[..inside.len() - inside.trim_start_matches(name).len()];
            return self.inside.contains(first);
        }
        let folder = self.root.join(file);
        let folder = folder.parent().unwrap_or(&self.root);
        let whole = flat(&folder.join(token).join(&self.old));
        token.ends_with('/')
            && PLACES
                .iter()
                .any(|place| whole == self.root.join(place).join(&self.old))
    }

    /// Whether it is the crate's name in Rust, wherever Rust is quoted; nothing when it is none.
    fn in_rust(&self, file: &str, before: &str, after: &str) -> Option<Verdict> {
        let used = before.trim_start();
        let imported =
            used.ends_with("use ") && (after.starts_with(';') || after.starts_with(" as "));
        let listed = used.contains("untwisted::{") && after.starts_with([',', '}']);
        if !after.starts_with("::") && !imported && !listed {
            return None;
        }
        if before.ends_with('.') || (before.ends_with("::") && !before.ends_with("untwisted::")) {
            return Some(Verdict::Word);
        }
        let own = self
            .modules
            .iter()
            .any(|place| file.starts_with(place.as_str()));
        let document = used.starts_with("///") || used.starts_with("//!");
        let of_chapter = file.starts_with(&format!("listings/{}/", self.new));
        match own && !(document && of_chapter) {
            true => Some(Verdict::Unclear),
            false => Some(Verdict::Chapter),
        }
    }
}

fn quoted(before: &str, after: &str) -> bool {
    before.ends_with('"') && after.starts_with('"')
}

/// `{{#count listings web`.
fn in_directive(before: &str) -> bool {
    let open = before.rfind("{{#").map(|at| &before[at..]);
    open.is_some_and(|open| !open.contains(['}', '"']))
}

/// `cargo test -p web`, `cargo book record web`.
fn in_command(before: &str) -> bool {
    let option = ["-p ", "--package ", "--features ", "-F "];
    let last = before
        .rfind(['`', '$', '\n'])
        .map_or(before, |at| &before[at..]);
    option.iter().any(|option| before.ends_with(option))
        || (before.ends_with(' ') && last.contains("book record "))
}

/// A dependency, a feature or a package.
fn in_manifest(before: &str, after: &str) -> bool {
    let key = before.trim().is_empty() && after.trim_start().starts_with(['.', '=']);
    let header = before.ends_with("dependencies.") && after.starts_with(']');
    let name = (before.ends_with('"') || before.ends_with("\"dep:"))
        && (after.starts_with('"') || after.starts_with('/') || after.starts_with("?/"));
    key || header || name
}
