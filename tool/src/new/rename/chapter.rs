//! Renames a chapter: its folders, its packages, and what names them.
mod lock;
mod mention;
mod redirects;

use crate::{
    exercise::layout::{entries, file_name},
    finding::name as named_file,
    house::House,
    new::{named, rename::paths::moved},
    packages, tidy,
};
use anyhow::{Context, Result, bail};
use mention::{Chapter, PLACES, Verdict};
use std::{fs, path::PathBuf, process::Command};

/// A place that may mean the chapter, and which only its author can judge.
struct Left {
    file: String,
    line: usize,
    text: String,
}

/// Moves the chapter, and has everything name it anew.
///
/// # Errors
/// When there is no such chapter, or the new name is taken or will not do.
pub(super) fn rename(house: &House, old: &str, new: &str) -> Result<()> {
    free(house, old, new)?;
    let chapter = Chapter::read(house, old, new)?;
    let pages = pages(house, old);
    for place in PLACES {
        moved(house, &format!("{place}/{old}"), &format!("{place}/{new}"))?;
    }
    let files = texts(house);
    let chapter = chapter.with_modules_of(house, &files);
    let mut left = Vec::new();
    let mut changed = Vec::new();
    for file in &files {
        if mentions(house, &chapter, file, &mut left)? {
            changed.push(file.as_str());
        }
    }
    println!("changed what names it in {} files", changed.len());
    formatted(house, &changed);
    rewrite(house, "book.toml", |text| {
        redirects::kept(text, old, new, &pages)
    })?;
    for file in files.iter().filter(|file| file.ends_with("Cargo.lock")) {
        rewrite(house, file, lock::sorted)?;
    }
    for file in tidy::write(house)? {
        println!("changed {file}");
    }
    tell(old, new, &left);
    Ok(())
}

/// Refuses what cannot be renamed, before anything is moved.
fn free(house: &House, old: &str, new: &str) -> Result<()> {
    named(new, '_')?;
    if !house.root.join("src").join(old).join("index.md").is_file() {
        bail!("there is no chapter `{old}`: src/{old}/index.md is missing");
    }
    for place in PLACES {
        if house.root.join(place).join(new).exists() {
            bail!("{place}/{new} is there already");
        }
    }
    let lock = fs::read_to_string(house.root.join("Cargo.lock")).unwrap_or_default();
    if lock.contains(&format!("\nname = \"{new}\"\n")) {
        bail!("`{new}` is the name of a package that the book uses");
    }
    if let Some(other) = packages::all(house)?.get(new) {
        bail!("{} has that name", named_file(house, &other.manifest));
    }
    Ok(())
}

/// Returns the pages of a chapter, as `src/<chapter>` holds them: `index.md`, `appendix/names.md`.
fn pages(house: &House, chapter: &str) -> Vec<String> {
    let root = house.root.join("src").join(chapter);
    let mut open = vec![root.clone()];
    let mut pages = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(entries(&path));
        } else if path.extension().is_some_and(|ending| ending == "md") {
            pages.extend(path.strip_prefix(&root).ok().map(crate::finding::slashed));
        }
    }
    pages.sort();
    pages
}

/// Returns every text of the book but the tool's own sources, which name chapters as examples.
fn texts(house: &House) -> Vec<String> {
    let skipped = ["target", "site", "node_modules", "backup", "tool", "fonts"];
    let hidden = [".ci", ".github", ".cargo"].map(|name| house.root.join(name));
    let mut open: Vec<PathBuf> = entries(&house.root).into_iter().chain(hidden).collect();
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        let skip = skipped.contains(&file_name(&path).as_str()) || path.is_symlink();
        if path.is_dir() && !skip {
            open.extend(entries(&path));
        } else if path.is_file() && !skip {
            found.push(named_file(house, &path));
        }
    }
    found.sort();
    found
}

/// Changes a file of the root, when it is there.
fn rewrite(house: &House, path: &str, change: impl FnOnce(&str) -> String) -> Result<()> {
    let file = house.root.join(path);
    let Ok(old) = fs::read_to_string(&file) else {
        return Ok(());
    };
    let new = change(&old);
    if new != old {
        fs::write(&file, new).with_context(|| format!("{path} cannot be written"))?;
    }
    Ok(())
}

/// Changes each mention in a file. Returns whether there was one; adds what the author has to
/// judge.
fn mentions(house: &House, chapter: &Chapter, file: &str, left: &mut Vec<Left>) -> Result<bool> {
    let path = house.root.join(file);
    // A picture or a font is no text.
    let Ok(text) = fs::read_to_string(&path) else {
        return Ok(false);
    };
    let mut out = String::with_capacity(text.len());
    for (at, line) in text.split_inclusive('\n').enumerate() {
        let (line, open) = chapter.line(file, line);
        if open == Verdict::Unclear {
            left.push(Left {
                file: file.to_owned(),
                line: at + 1,
                text: line.trim().to_owned(),
            });
        }
        out += &line;
    }
    if out == text {
        return Ok(false);
    }
    fs::write(&path, out).with_context(|| format!("{file} cannot be written"))?;
    Ok(true)
}

/// Has what changed in the exercises formatted, for `cargo fmt` does not know all their answers.
fn formatted(house: &House, changed: &[&str]) {
    let answer = |file: &&&str| file.starts_with("exercises/") && file.ends_with(".rs");
    let answers: Vec<&&str> = changed.iter().filter(answer).collect();
    if answers.is_empty() {
        return;
    }
    let mut command = Command::new("rustfmt");
    command.args(["--edition", "2024"]).args(answers);
    let status = command.current_dir(&house.root).status();
    // Without rustfmt they are as right; `cargo book check --lint` names those that are not
    // formatted.
    if !status.is_ok_and(|status| status.success()) {
        println!("rustfmt has not formatted the answers of the exercises");
    }
}

/// Says what is left to the author.
fn tell(old: &str, new: &str, left: &[Left]) {
    if !left.is_empty() {
        println!("\nLeft as they are; look whether they mean the chapter:");
    }
    for one in left {
        let short: String = one.text.chars().take(100).collect();
        println!("  {}:{}: {short}", one.file, one.line);
    }
    println!(
        "\nNext:\n  1. cargo fmt: a name of another length breaks lines elsewhere.\n  \
         2. `git grep -nw {old}` shows where the text says it as a word, and where the tool's own sources do.\n  \
         3. cargo book check --lint\n  4. cargo book record {new} {new}-lab, and look at `git diff`."
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn a_name_that_is_taken_moves_nothing() {
        let fixture = Fixture::new();
        let refused = |old: &str, new: &str| {
            let error = rename(&fixture.house, old, new).unwrap_err().to_string();
            assert!(fixture.house.root.join("src/reactor/index.md").is_file());
            error
        };
        assert!(refused("reactr", "loops").contains("there is no chapter `reactr`"));
        assert!(refused("reactor", "two-words").contains("will not do as a name"));
        fixture.write("diagrams/loops/a.mmd", "");
        assert_eq!(
            refused("reactor", "loops"),
            "diagrams/loops is there already"
        );
        fixture.write("Cargo.lock", "[[package]]\nname = \"mio\"\n");
        assert!(refused("reactor", "mio").contains("a package that the book uses"));
    }
}
