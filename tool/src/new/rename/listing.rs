//! Renames a listing: its program and what is recorded of it, its twin's, and what names them.
use super::paths::moved;
use crate::{
    finding::name as named_file,
    house::House,
    manifest,
    new::{change, named, replaced, stands_alone, texts},
};
use anyhow::{Result, bail};

/// Moves the listing, and has everything name it anew.
///
/// # Errors
/// When there is no such listing, or the new name is taken or will not do.
pub(super) fn rename(house: &House, package: &str, old: &str, new: &str) -> Result<()> {
    named(new, '_')?;
    let all = manifest::all(house)?;
    let (path, to) = (format!("{package}/{old}"), format!("{package}/{new}"));
    let Some(known) = all.get(&path) else {
        bail!("there is no listing `{path}`");
    };
    if all.contains_key(&to) {
        bail!("there is a listing `{to}` already");
    }
    let mut both = vec![known];
    // Its twin has the same name, always.
    both.extend(all.get(&format!("{package}-lab/{old}")));
    for one in both {
        let folder = named_file(house, &one.folder);
        let places = [
            ("examples", "rs"),
            ("fails", "rs"),
            ("output", "txt"),
            ("predict", "toml"),
        ];
        for (place, ending) in places {
            moved(
                house,
                &format!("{folder}/{place}/{old}.{ending}"),
                &format!("{folder}/{place}/{new}.{ending}"),
            )?;
        }
        change(house, &format!("{folder}/listings.toml"), |text| {
            let text = text.replace(&format!("[{old}]\n"), &format!("[{new}]\n"));
            Ok(text.replace(&format!("after = \"{old}\""), &format!("after = \"{new}\"")))
        })?;
    }
    let chapter = known.chapter();
    for ending in ["ndjson", "mmd", "panels", "svg", "tasks.svg", "md"] {
        moved(
            house,
            &format!("diagrams/{chapter}/{old}.{ending}"),
            &format!("diagrams/{chapter}/{new}.{ending}"),
        )?;
    }
    let folder = named_file(house, &known.folder);
    for file in texts(house) {
        let own = file.starts_with(&format!("{folder}/"));
        change(house, &file, |text| {
            let mut text = no_file(text, &path, &to);
            if package == chapter {
                let (lab, other) = (
                    format!("{package}-lab/{old}"),
                    format!("{package}-lab/{new}"),
                );
                text = no_file(&text, &lab, &other);
            }
            for package in [package.to_owned(), format!("{package}-lab")] {
                let command = format!("-p {package} --example {old}");
                text = replaced(&text, &command, &format!("-p {package} --example {new}"));
            }
            // Another crate may have a program of this name.
            let file = |name: &str| match own {
                true => format!("examples/{name}.rs"),
                false => format!("{folder}/examples/{name}.rs"),
            };
            Ok(replaced(&text, &file(old), &file(new)))
        })?;
    }
    println!("record it again: cargo book record {to}");
    Ok(())
}

/// As [`replaced`], but where a file's name goes on, such as the page `reactor/timers.md`,
/// something else is meant.
fn no_file(text: &str, old: &str, new: &str) -> String {
    let pieces = text.split_inclusive(old);
    let mut out = String::new();
    let mut rest = text;
    for piece in pieces {
        rest = &rest[piece.len()..];
        let before = piece.strip_suffix(old);
        let is_file = [".md", ".rs", ".html"]
            .iter()
            .any(|end| rest.starts_with(end));
        match before {
            Some(before)
                if !is_file
                    && stands_alone(text, text.len() - rest.len() - old.len(), old.len()) =>
            {
                out.push_str(before);
                out.push_str(new);
            }
            _ => out.push_str(piece),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn a_listing_takes_its_twin_its_output_and_its_pictures_along() {
        let fixture = Fixture::new();
        rename(&fixture.house, "reactor", "simplest", "smallest").unwrap();
        assert!(
            fixture
                .read("src/reactor/index.md")
                .contains("{{#listing reactor/smallest}}")
        );
        assert!(
            fixture
                .read("listings/reactor/lab/listings.toml")
                .starts_with("[smallest]\n")
        );
        assert!(
            fixture
                .read("listings/reactor/output/smallest.txt")
                .starts_with("$ cargo run -p reactor --example smallest\n")
        );
        fixture.read("diagrams/reactor/smallest.mmd");
        assert_eq!(
            no_file(
                "`a/b` a/b.md a/b.rs a/bc a/b:part x-a/b a/b",
                "a/b",
                "a/new"
            ),
            "`a/new` a/b.md a/b.rs a/bc a/new:part x-a/b a/new"
        );
        let error = rename(&fixture.house, "reactor", "simplest", "x")
            .unwrap_err()
            .to_string();
        assert_eq!(error, "there is no listing `reactor/simplest`");
    }
}
