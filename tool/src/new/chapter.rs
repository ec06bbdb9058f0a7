//! Begins a chapter: a crate with its lab, a first page, and the rows where chapters are named.
use super::{
    change,
    entries::{with_chapter, with_row},
    named, titled, write,
};
use crate::{house::House, packages, tidy};
use anyhow::{Result, bail};

/// Writes the files and the rows. Returns what to do next.
///
/// # Errors
/// When the name will not do or is taken.
pub(super) fn begin(house: &House, name: &str, title: Option<&str>) -> Result<String> {
    // The lab's package is `<name>-lab`, and Rust calls the crate by this name.
    let name = named(name, '_')?;
    let title = title.map_or_else(|| titled(name), str::to_owned);
    for place in ["src", "listings"] {
        if house.root.join(place).join(name).exists() {
            bail!("{place}/{name} is there already");
        }
    }
    package(house, name, &title)?;
    lab(house, name, &title)?;
    first_page(house, name, &title)?;
    enter(house, name, &title)?;
    Ok(next(name))
}

/// The chapter's crate, built on those that nearly every chapter needs.
fn package(house: &House, name: &str, title: &str) -> Result<()> {
    let known = packages::all(house)?;
    let before: Vec<&str> = ["deferreds", "reactor", "trace"]
        .into_iter()
        .filter(|name| known.contains_key(*name))
        .collect();
    let folder = format!("listings/{name}");
    write(
        house,
        &format!("{folder}/Cargo.toml"),
        &manifest(name, &format!("{title}."), &before),
    )?;
    write(
        house,
        &format!("{folder}/src/lib.rs"),
        &format!("//! {title}.\n"),
    )?;
    write(
        house,
        &format!("{folder}/listings.toml"),
        &format!(
            "# The listings of the chapter “{title}”: caption, class, and how each is recorded.\n"
        ),
    )
}

fn lab(house: &House, name: &str, title: &str) -> Result<()> {
    let folder = format!("listings/{name}/lab");
    let words =
        format!("The tokio twins of the chapter “{title}”, its benchmarks and heavy tests.");
    write(
        house,
        &format!("{folder}/Cargo.toml"),
        &manifest(&format!("{name}-lab"), &words, &[name, "tokio"]),
    )?;
    write(
        house,
        &format!("{folder}/src/lib.rs"),
        &format!("//! {words}\n"),
    )?;
    write(
        house,
        &format!("{folder}/listings.toml"),
        &format!("# The twins and the measurements of the chapter “{title}”.\n"),
    )
}

fn manifest(package: &str, words: &str, depends: &[&str]) -> String {
    let mut text = format!(
        "[package]\nname = \"{package}\"\ndescription = \"{words}\"\nversion.workspace = true\nedition.workspace = true\n\
         rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\n[lints]\nworkspace = true\n\n\
         [dependencies]\n"
    );
    for one in depends {
        text += &format!("{one}.workspace = true\n");
    }
    text
}

fn first_page(house: &House, name: &str, title: &str) -> Result<()> {
    let front = "---\nminutes: 5\nlevel: first steps\ngoals:\n  - find the section you need\nneeds: []\n---\n";
    write(
        house,
        &format!("src/{name}/index.md"),
        &format!(
            "{front}\n# {title}\n\nThe question that this chapter answers.\n\nAfter this chapter you can\n\n- say what it is about.\n\n\
             {{{{#minutes}}}}\n\nThe crate is `{name}`, in `listings/{name}`.\n"
        ),
    )
}

/// Enters the chapter where chapters are listed.
fn enter(house: &House, name: &str, title: &str) -> Result<()> {
    change(house, "src/SUMMARY.md", |text| {
        Ok(with_chapter(text, name, title))
    })?;
    if house.root.join("src/introduction/promises.md").is_file() {
        change(house, "src/introduction/promises.md", |text| {
            Ok(with_row(text, title))
        })?;
    }
    for file in tidy::write(house)? {
        println!("changed {file}");
    }
    Ok(())
}

fn next(name: &str) -> String {
    format!(
        "\nNext:\n  1. cargo book check --lint            it is complete as it stands\n  2. cargo book new page {name}/…          a section, and again for each\n  \
         3. cargo book new listing {name}/…       a program that a section shows\n  4. cargo book new exercise {name}/…      five or more\n  \
         5. If it is not the last chapter, move its lines in src/SUMMARY.md.\n  6. Correct `needs` in src/{name}/index.md and what src/introduction/promises.md says of it.\n     If it needs something installed: \
         [package.metadata.book] needs = [\"…\"] in listings/{name}/Cargo.toml."
    )
}
