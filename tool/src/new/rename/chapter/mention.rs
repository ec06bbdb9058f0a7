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

    /// Returns the same, with the places that have a module of this name.
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

    /// Returns a line with each mention changed, and whether one is left that its author must
    /// judge.
    pub(super) fn line(&self, file: &str, line: &str) -> (String, Verdict) {
        let mut text = line.to_owned();
        for (old, new) in &self.names {
            text = replaced(&text, old, new);
        }
        // A drawn picture refers to its parts, such as the heads of its arrows.
        let id = |name: &str| format!("flow-{name}-");
        text = text.replace(&id(&self.old), &id(&self.new));
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

    /// Returns what a place means, by what stands before and after it in its line.
    fn judge(&self, file: &str, before: &str, after: &str) -> Verdict {
        let manifest = file.ends_with("Cargo.toml") && !before.trim_start().starts_with('#');
        let feature = before.ends_with("feature = \"") && after.starts_with('"');
        let means = feature
            || self.is_path(file, before, after)
            || in_directive(before, after)
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

    /// Returns whether it is a part of a path: from the root, from the file, or as the tool writes
    /// it.
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

    /// Returns whether it is the crate's name in Rust, wherever Rust is quoted; nothing when it is
    /// none.
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
fn in_directive(before: &str, after: &str) -> bool {
    let open = before.rfind("{{#").map(|at| &before[at..]);
    // After a `/`, or with an ending, it is a file of this name.
    after.starts_with([' ', '/', '}'])
        && open.is_some_and(|open| open.ends_with(' ') && !open.contains(['}', '"']))
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

/// Returns whether it is a dependency, a feature or a package.
fn in_manifest(before: &str, after: &str) -> bool {
    let key = before.trim().is_empty() && after.trim_start().starts_with(['.', '=']);
    let header = before.ends_with("dependencies.") && after.starts_with(']');
    let name = (before.ends_with('"') || before.ends_with("\"dep:"))
        && (after.starts_with('"') || after.starts_with('/') || after.starts_with("?/"));
    key || header || name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chapter() -> Chapter {
        Chapter {
            old: "web".to_owned(),
            new: "sites".to_owned(),
            names: vec![
                ("web-lab".to_owned(), "sites-lab".to_owned()),
                ("web_lab".to_owned(), "sites_lab".to_owned()),
            ],
            inside: ["index", "hello", "src"].map(str::to_owned).into(),
            modules: vec!["listings/pocket/src/".to_owned()],
            root: PathBuf::from("/b"),
        }
    }

    /// A file, a line of it, and what becomes of that.
    const MEANT: [(&str, &str, &str); 16] = [
        (
            "Cargo.toml",
            "web = { path = \"listings/web\" }",
            "sites = { path = \"listings/sites\" }",
        ),
        (
            "listings/late/Cargo.toml",
            "web.workspace = true",
            "sites.workspace = true",
        ),
        (
            "listings/late/lab/Cargo.toml",
            "web-lab = { path = \"../../web/lab\" }",
            "sites-lab = { path = \"../../sites/lab\" }",
        ),
        (
            "listings/untwisted/Cargo.toml",
            "late = [\"dep:late\", \"web\"]",
            "late = [\"dep:late\", \"sites\"]",
        ),
        ("Cargo.lock", " \"web\",", " \"sites\","),
        (
            "src/SUMMARY.md",
            "- [The web](web/index.md)",
            "- [The web](sites/index.md)",
        ),
        (
            "src/late/appendix/x.md",
            "[a](../../web/hello.md#web)",
            "[a](../../sites/hello.md#web)",
        ),
        (
            "src/late/index.md",
            "{{#count exercises web}} of the web",
            "{{#count exercises sites}} of the web",
        ),
        (
            "src/late/index.md",
            "needs: [web, late]",
            "needs: [sites, late]",
        ),
        (
            "ci/parts.sh",
            "cargo test -p web -p web-lab",
            "cargo test -p sites -p sites-lab",
        ),
        (
            "src/a.md",
            "run `cargo book record web`, web",
            "run `cargo book record sites`, web",
        ),
        (
            "a.rs",
            "use untwisted::{web::{A}, late};",
            "use untwisted::{sites::{A}, late};",
        ),
        (
            "a.rs",
            "use web_lab::x; web::f(); \"web/hello\"",
            "use sites_lab::x; sites::f(); \"sites/hello\"",
        ),
        (
            "a.rs",
            "#[cfg(feature = \"web\")]",
            "#[cfg(feature = \"sites\")]",
        ),
        (
            "d.ndjson",
            "[\"listings/web/src/a.rs\",0,0,\"\"]",
            "[\"listings/sites/src/a.rs\",0,0,\"\"]",
        ),
        (
            "d.panels",
            "url(#flow-web-hello-1)",
            "url(#flow-sites-hello-1)",
        ),
    ];

    #[test]
    fn what_means_the_chapter_is_renamed_wherever_it_stands() {
        for (file, line, now) in MEANT {
            let line = format!("{line}\n");
            assert_eq!(
                chapter().line(file, &line),
                (format!("{now}\n"), Verdict::Word),
                "{file}"
            );
        }
    }

    #[test]
    fn what_does_not_mean_it_stays_and_what_may_is_told() {
        for (file, line, verdict) in [
            (
                "src/a.md",
                "the web is wide; a cobweb, web-like, webs",
                Verdict::Word,
            ),
            (
                "src/a.md",
                "[out](https://docs.rs/web/index.html)",
                Verdict::Word,
            ),
            ("src/a.md", "`twisted.web::x`, web/other", Verdict::Word),
            ("src/a.md", "{{#step late/web 2}}", Verdict::Word),
            ("src/a.md", "{{#files late web.rs}}", Verdict::Word),
            (
                "src/late/index.md",
                "{{#listing late/a}} of the web",
                Verdict::Word,
            ),
            (
                "listings/x/Cargo.toml",
                "description = \"pages of the web\"",
                Verdict::Word,
            ),
            ("a.rs", "let web = 1; other::web::x();", Verdict::Word),
            ("src/a.md", "the crate is `web`", Verdict::Unclear),
            ("ci/a.mjs", "chapter === \"web\"", Verdict::Unclear),
            // That crate has a module of this name.
            (
                "listings/pocket/src/lib.rs",
                "use web::x;",
                Verdict::Unclear,
            ),
        ] {
            assert_eq!(
                chapter().line(file, line),
                (line.to_owned(), verdict),
                "{file}: {line}"
            );
        }
    }
}
