//! Renames a chapter, a page, a listing or an exercise wherever it is named.
mod chapter;
mod exercise;
mod listing;
mod page;
mod paths;

use super::What;
use crate::house::House;
use anyhow::{Context, Result, bail};

/// What the command takes.
#[derive(clap::Args, Debug)]
#[command(after_help = "\
Files move, and what names them is changed: directives, links, entries, commands. Nothing is recorded or committed.\n\
A chapter is its pages, its crate with the lab, its exercises and its diagrams; its old addresses go on working.\n\n\
Examples:\n  cargo book rename chapter web sites\n  cargo book rename page reactor/seam reactor/two-worlds\n  cargo book rename listing reactor/timers reactor/heap\n  \
cargo book rename exercise reactor/meter reactor/gauge")]
pub struct Options {
    /// What to rename: chapter, page, listing or exercise
    #[arg(value_enum)]
    what: What,
    /// Its name now: chapter/name, or a chapter's
    old: String,
    /// Its new name, in the same chapter: chapter/name
    new: String,
}

/// Runs the command.
///
/// # Errors
/// When there is no such thing, or the new name is taken or will not do.
pub fn run(house: &House, options: &Options) -> Result<()> {
    if options.what == What::Chapter {
        return chapter::rename(house, &options.old, &options.new);
    }
    let (chapter, old) = options
        .old
        .split_once('/')
        .context("the old name is not chapter/name")?;
    let (to, new) = options
        .new
        .split_once('/')
        .context("the new name is not chapter/name")?;
    if chapter != to {
        bail!("it stays in its chapter: write {chapter}/{new}");
    }
    match options.what {
        What::Page => page::rename(house, chapter, old, new)?,
        What::Listing => listing::rename(house, chapter, old, new)?,
        What::Exercise => exercise::rename(house, chapter, old, new)?,
        What::Chapter => {}
    }
    println!("\nNext: cargo book check --lint, and look at `git diff`.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn a_page_and_an_exercise_keep_what_leads_to_them() {
        let fixture = Fixture::new();
        let front = "---\nminutes: 5\nlevel: core\ngoals: [a]\n---\n\n";
        fixture.write(
            "src/reactor/one.md",
            &format!("{front}# One\n\n{{{{#exercise reactor/meter}}}}\n"),
        );
        let summary = fixture.read("src/SUMMARY.md") + "  - [One](reactor/one.md)\n";
        fixture.write("src/SUMMARY.md", &summary);
        fixture.write("src/start.md", "# Start\n\n[one](reactor/one.md#one)\n");
        page::rename(&fixture.house, "reactor", "one", "two").unwrap();
        assert!(
            fixture
                .read("src/SUMMARY.md")
                .contains("[One](reactor/two.md)")
        );
        assert!(
            fixture
                .read("src/start.md")
                .contains("(reactor/two.md#one)")
        );
        fixture.write(
            "exercises/reactor/meter/Cargo.toml",
            "[package]\nname = \"meter\"\n",
        );
        fixture.write(
            "exercises/reactor/meter/tests/check.rs",
            "use meter::Meter;\nuse odometer::x;\n",
        );
        exercise::rename(&fixture.house, "reactor", "meter", "gauge").unwrap();
        assert_eq!(
            fixture.read("exercises/reactor/gauge/tests/check.rs"),
            "use gauge::Meter;\nuse odometer::x;\n"
        );
        assert!(
            fixture
                .read("exercises/reactor/gauge/Cargo.toml")
                .contains("name = \"gauge\"")
        );
        assert!(
            fixture
                .read("src/reactor/two.md")
                .contains("{{#exercise reactor/gauge}}")
        );
    }
}
