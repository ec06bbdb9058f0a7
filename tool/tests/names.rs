//! What the sources are called: the table of names in DECISIONS.md is kept, and the files that the
//! first page of a crate names are there.
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A row of the table.
struct Name {
    before: String,
    now: String,
    chapter: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Returns the rows of the section "Names"; the first word in backquotes of a cell is the name.
fn table() -> Vec<Name> {
    let text = fs::read_to_string(root().join("DECISIONS.md")).unwrap();
    let section = text.split("\n## ").find(|part| part.starts_with("Names\n"));
    let section = section.expect("DECISIONS.md has a section `Names`");
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 4, "before, now, crate, why: {row}");
        let name = |cell: &str| match cell.split('`').nth(1) {
            Some(name) => name.to_owned(),
            None => panic!("no name in backquotes: {row}"),
        };
        Name {
            before: name(cells[0]),
            now: name(cells[1]),
            chapter: cells[2].trim_matches('`').to_owned(),
        }
    })
    .collect()
}

/// Returns where the sources of a crate are: that of a chapter, the tool, or the pictures beside
/// it.
fn sources_of(package: &str) -> PathBuf {
    match package {
        "book" => root().join("tool/src"),
        "pictures" => root().join("tool/pictures/src"),
        chapter => root().join("listings").join(chapter).join("src"),
    }
}

/// Returns all files below a folder that end so, with their text.
fn files(folder: &Path, ending: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

/// Returns whether a line of Rust defines this name: a type, a function, a field, a module. With
/// its kind before it (`fn listener`), that kind only.
fn defines(line: &str, name: &str) -> bool {
    if name.contains(' ') {
        let mut found = line.match_indices(name);
        return found.any(|(at, _)| starts_with_word(&line[at..], name));
    }
    let code = line.trim_start();
    let code = code
        .strip_prefix("pub")
        .map_or(code, |rest| match rest.strip_prefix('(') {
            Some(rest) => rest.split_once(')').map_or("", |(_, rest)| rest),
            None => rest,
        });
    let mut code = code.trim_start();
    let kinds = [
        "async", "const", "struct", "enum", "trait", "type", "mod", "fn",
    ];
    let mut is_item = false;
    while let Some(kind) = kinds.iter().find(|kind| starts_with_word(code, kind)) {
        code = code[kind.len()..].trim_start();
        is_item = true;
    }
    let Some(rest) = code
        .strip_prefix(name)
        .filter(|_| starts_with_word(code, name))
    else {
        return false;
    };
    // A field stands at the depth of one block; deeper ones are those of a literal or of a pattern.
    let field = line.starts_with("    ") && !line.starts_with("     ");
    is_item || field && rest.starts_with(": ") && line.trim_end().ends_with(',')
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[test]
fn definitions_are_told_from_uses() {
    for line in [
        "struct Ends {",
        "pub(crate) struct Ends;",
        "    pub(super) fn Ends(&self) {",
        "mod Ends;",
        "    pub(crate) Ends: usize,",
        "pub const fn Ends<T>(",
    ] {
        assert!(defines(line, "Ends"), "{line}");
    }
    for line in [
        "struct EndsHere;",
        "let Ends = 1;",
        "        Ends: 1,",
        "// struct Ends",
    ] {
        assert!(!defines(line, "Ends"), "{line}");
    }
}

#[test]
fn no_old_name_is_back_and_each_new_one_is_there() {
    let table = table();
    assert!(table.len() > 30, "{} rows were read", table.len());
    let mut wrong = Vec::new();
    for Name {
        before,
        now,
        chapter,
    } in &table
    {
        let folder = sources_of(chapter);
        let sources = files(&folder, ".rs");
        assert!(!sources.is_empty(), "no crate {chapter}");
        if before.ends_with(".rs") {
            if folder.join(before).exists() {
                wrong.push(format!(
                    "{chapter}: the file {before} is back; it is {now} now"
                ));
            }
            if !folder.join(now).exists() {
                wrong.push(format!("{chapter}: there is no file {now}"));
            }
            continue;
        }
        for (path, text) in &sources {
            for (at, line) in text.lines().enumerate() {
                if defines(line, before) {
                    let path = path.display();
                    wrong.push(format!(
                        "{path}:{}: {before} is back; it is {now} now",
                        at + 1
                    ));
                }
            }
        }
        if !sources.iter().any(|(_, text)| text.contains(now.as_str())) {
            wrong.push(format!("{chapter}: there is no {now}"));
        }
        let pages = files(&root().join("src").join(chapter), ".md");
        let glossary = root().join("src/glossary.md");
        let glossary = (glossary.clone(), fs::read_to_string(glossary).unwrap());
        let is_type = before.starts_with(char::is_uppercase);
        for (path, text) in pages.iter().chain([&glossary]) {
            // Small words are those of the language, too; in the pages only types are told apart
            // from them.
            if is_type
                && text.contains(&format!("`{before}`"))
                && !text.contains(&format!("struct {before}"))
            {
                wrong.push(format!("{}: `{before}` is `{now}` now", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_ways_on_the_first_page_of_a_crate_lead_to_files_that_exist() {
    let mut ways = Vec::new();
    for (path, text) in files(&root().join("listings"), "/src/lib.rs") {
        let source = path.parent().unwrap();
        let page = text.lines().filter_map(|line| line.strip_prefix("//!"));
        let mut inside = false;
        for line in page {
            if line.trim_start().starts_with("```") {
                inside = line.trim() == "```text";
            }
            // In a drawing every word may be a file, in a sentence or a table those in backticks.
            let words: Vec<&str> = if inside {
                line.split(|c: char| !(c.is_alphanumeric() || "_/.".contains(c)))
                    .collect()
            } else {
                line.split('`').skip(1).step_by(2).collect()
            };
            for file in words.into_iter().filter(|word| word.ends_with(".rs")) {
                let here = source.join(file);
                assert!(here.exists(), "{}: there is no {file}", path.display());
                ways.push((path.clone(), file.to_owned()));
            }
        }
    }
    let of = |chapter: &str| {
        let page = root().join("listings").join(chapter).join("src/lib.rs");
        ways.iter().filter(|(path, _)| *path == page).count()
    };
    let leasts = [
        ("reactor", 15),
        ("deferreds", 20),
        ("coroutines", 12),
        ("transports", 12),
        ("protocols", 15),
        ("applications", 20),
        ("databases", 15),
        ("web", 20),
        ("qt", 4),
        ("poetry", 5),
        ("recital", 2),
        ("models", 4),
    ];
    for (chapter, least) in leasts {
        let named = of(chapter);
        assert!(named >= least, "the ways of {chapter} name {named} files");
    }
}

#[test]
fn test_files_name_no_document_that_is_not_here() {
    for (path, text) in files(&root().join("listings"), ".rs") {
        let head = text.lines().take_while(|line| line.starts_with("//!"));
        for word in head.flat_map(|line| line.split([' ', ',', ':'])) {
            let document = word.trim_end_matches("'s").trim_end_matches(".md");
            if document != word {
                let shouts = document.len() > 3 && document.chars().all(|c| c.is_ascii_uppercase());
                let there = root().join(format!("{document}.md")).exists();
                assert!(
                    there || !shouts,
                    "{}: there is no document {document}",
                    path.display()
                );
            }
        }
    }
}
