//! Has the sequence pictures drawn, and knows whether one is as old as its text.
use crate::{
    finding::{Findings, name},
    house::House,
    manifest::{Diagram, Listing},
    mermaid,
};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What draws them, from the root of the repository.
const SCRIPT: &str = "ci/browser/draw.mjs";

/// The panels of a picture: one SVG each, and what each shows (`turns 2 to 5`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Panel {
    pub(crate) svg: String,
    pub(crate) label: String,
}

/// Returns where the panels of `file.mmd` are kept.
pub(crate) fn beside(mmd: &Path) -> PathBuf {
    mmd.with_extension("panels")
}

/// Returns the panels that were drawn of exactly this text; none when they are older, or not there.
pub(crate) fn panels(mmd: &Path, text: &str) -> Option<Vec<Panel>> {
    let drawn = fs::read_to_string(beside(mmd)).ok()?;
    let (first, rest) = drawn.split_once('\n')?;
    if first != hash(text) {
        return None;
    }
    let panels: Vec<Panel> = rest
        .lines()
        .filter_map(|svg| {
            let (_, label) = svg.split_once(" data-label=\"")?;
            Some(Panel {
                svg: svg.to_owned(),
                label: label.split('"').next()?.to_owned(),
            })
        })
        .collect();
    (!panels.is_empty() && panels.len() == rest.lines().count()).then_some(panels)
}

/// Returns the first line of the panels of `text`.
pub(crate) fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256 {hex}")
}

/// Returns the texts of the sequence pictures of these listings, as far as they were recorded.
pub(crate) fn files<'a>(
    house: &House,
    listings: impl Iterator<Item = &'a Listing>,
) -> Vec<PathBuf> {
    listings
        .filter(|listing| listing.diagrams().contains(&Diagram::Sequence))
        .map(|listing| {
            let folder = house.root.join("diagrams").join(listing.chapter());
            folder.join(format!("{}.{}", listing.name, Diagram::Sequence.ending()))
        })
        .filter(|file| file.is_file())
        .collect()
}

/// Says which of `files` have no panels, or older ones. No browser is needed for that.
pub(crate) fn lint(house: &House, files: &[PathBuf], found: &mut Findings) {
    for file in files {
        if fs::read_to_string(file).is_ok_and(|text| panels(file, &text).is_none()) {
            found.add(
                name(house, file),
                0,
                format!("{} is not drawn of it", name(house, &beside(file))),
                "install what draws it with ci/setup, and record its listing again",
            );
        }
    }
}

/// Draws those of `files` whose panels are missing or older than their text. Returns the names of
/// what was written.
///
/// # Errors
/// When Chromium or what drives it is not there: the message says what installs them.
pub(crate) fn renew(house: &House, files: &[PathBuf]) -> Result<Vec<String>> {
    let old: Vec<&PathBuf> = files
        .iter()
        .filter(|file| fs::read_to_string(file).is_ok_and(|text| panels(file, &text).is_none()))
        .collect();
    if old.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = old.iter().map(|file| name(house, &beside(file))).collect();
    let folder = tempfile::tempdir().context("a folder for mermaid")?;
    let library = folder.path().join("mermaid.min.js");
    fs::write(&library, mermaid::SCRIPT)?;
    let drawn = Command::new("node")
        .arg(house.root.join(SCRIPT))
        .arg(&library)
        .args(&old)
        .output();
    let said = match drawn {
        Ok(output) if output.status.success() => return Ok(names),
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => format!("node: {error}"),
    };
    let said: Vec<&str> = said.lines().filter(|line| line.contains("rror")).collect();
    bail!(
        "{} is not drawn: {}\n    -> pictures are drawn in Chromium: `ci/setup` installs it; then \
         record again. Until then the page draws them itself, more slowly",
        names.join(", "),
        said.first().unwrap_or(&"no reason was given")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn panels_count_only_for_the_text_they_were_drawn_of() {
        let fixture = Fixture::new();
        let mmd = fixture.house.root.join("diagrams/reactor/simplest.mmd");
        let text = fs::read_to_string(&mmd).unwrap();
        assert_eq!(panels(&mmd, &text), None);
        let svg = "<svg data-label=\"turn 1\"></svg>";
        let drawn = format!("{}\n{svg}\n", hash(&text));
        fixture.write("diagrams/reactor/simplest.panels", &drawn);
        let found = panels(&mmd, &text).unwrap();
        assert_eq!(found[0].label, "turn 1");
        assert_eq!(found[0].svg, svg);
        assert_eq!(panels(&mmd, "another text"), None);
        fixture.write(
            "diagrams/reactor/simplest.panels",
            &format!("{drawn}what?\n"),
        );
        assert_eq!(panels(&mmd, &text), None, "a line that is no panel");
    }

    #[test]
    fn without_a_script_it_says_what_to_install() {
        let fixture = Fixture::new();
        let mmd = fixture.house.root.join("diagrams/reactor/simplest.mmd");
        let error = renew(&fixture.house, std::slice::from_ref(&mmd)).unwrap_err();
        let said = error.to_string();
        assert!(
            said.contains("diagrams/reactor/simplest.panels is not drawn")
                && said.contains("ci/setup"),
            "{said}"
        );
    }
}
