//! `{{#files reactor handle.rs turn.rs}}`: files of a chapter's crate in reading order, each by its
//! first line.
use super::{
    directive::Directive,
    references::{PageInfo, References},
};
use crate::{exercise::layout::entries, finding::Finding, problem::nearest};
use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

/// The option that stands for every file which this page does not name.
const REST: &str = "rest";

/// Expands the directive into a table: the file, what its first line says, how many lines of code
/// it has.
pub(crate) fn table(
    refs: &References,
    info: &PageInfo,
    directive: &Directive,
) -> Result<String, Finding> {
    let problem = |what: String| Finding::new(&info.file, directive.line, what);
    let package = directive.argument.as_str();
    let source = refs.house.package(package).join("src");
    if !source.is_dir() {
        return Err(problem(format!(
            "there is no crate `{package}` in listings/"
        )));
    }
    let all = files(&source, "");
    let mut wanted: Vec<String> = Vec::new();
    for option in &directive.options {
        if option == REST {
            let page = fs::read_to_string(refs.house.root.join(&info.file)).unwrap_or_default();
            let named = named(&page, package);
            wanted.extend(
                all.iter()
                    .filter(|file| !named.contains(file.as_str()))
                    .cloned(),
            );
        } else if all.contains(option) {
            wanted.push(option.clone());
        } else {
            let hint = match nearest(option, all.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "if it is gone, take it off this page; `{REST}` lists what the page does not name"
                ),
            };
            return Err(problem(format!(
                "there is no file `{option}` in listings/{package}/src; {hint}"
            )));
        }
    }
    if directive.options.is_empty() {
        return Err(problem(format!(
            "name the files in reading order, or `{REST}`: `{{{{#files {package} lib.rs}}}}`"
        )));
    }
    let mut out = String::from("| file | what it does | lines |\n|---|---|--:|\n");
    for file in wanted {
        let text = fs::read_to_string(source.join(&file)).unwrap_or_default();
        let says = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("//! "))
            .unwrap_or("");
        let _ = writeln!(
            out,
            "| `{file}` | {} | {} |",
            says.replace('|', "\\|"),
            code(&text)
        );
    }
    Ok(out)
}

/// Returns every Rust file below a folder, with the path from there.
fn files(folder: &Path, above: &str) -> Vec<String> {
    let mut found = Vec::new();
    for path in entries(folder) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            found.extend(files(&path, &format!("{above}{name}/")));
        } else if name.ends_with(".rs") {
            found.push(format!("{above}{name}"));
        }
    }
    found.sort();
    found
}

/// Returns the files of a crate that a page names in its directives.
fn named<'a>(page: &'a str, package: &str) -> BTreeSet<&'a str> {
    let opening = format!("{{{{#files {package} ");
    page.lines()
        .filter_map(|line| line.strip_prefix(&opening)?.split("}}").next())
        .flat_map(str::split_whitespace)
        .collect()
}

/// Lines that are not blank, no comment, and no test.
fn code(text: &str) -> usize {
    text.lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with("//"))
        .count()
}

#[cfg(test)]
mod tests {
    use super::super::{Target, chapters, tests::with};

    #[test]
    fn files_stand_in_the_order_of_the_page_and_the_rest_at_the_end() {
        let fixture = with("{{#files reactor b.rs}}\n\nText.\n\n{{#files reactor rest}}");
        fixture.write(
            "listings/reactor/src/a.rs",
            "//! The first.\n\n// No code.\nfn a() {}\n\n#[cfg(test)]\nmod tests {}\n",
        );
        fixture.write(
            "listings/reactor/src/b.rs",
            "//! The second.\nfn b() {}\nfn c() {}\n",
        );
        fixture.write("listings/reactor/src/deep/c.rs", "//! The third.\n");
        let pages = chapters(&fixture.house, Target::Html).unwrap();
        let text = &pages
            .iter()
            .find(|page| page.path.ends_with("reactor/index.md"))
            .unwrap()
            .text;
        let (first, rest) = text.split_once("Text.").unwrap();
        assert!(
            first.contains("|--:|\n| `b.rs` | The second. | 2 |\n\n"),
            "{first}"
        );
        assert!(
            rest.contains("|--:|\n| `a.rs` | The first. | 1 |\n| `deep/c.rs` | The third. | 0 |\n"),
            "{rest}"
        );
    }

    #[test]
    fn a_file_that_is_gone_is_named_with_file_and_line() {
        let fixture = with("{{#files reactor handel.rs}}");
        fixture.write("listings/reactor/src/handle.rs", "//! H.\n");
        let said = chapters(&fixture.house, Target::Html)
            .unwrap_err()
            .to_string();
        assert!(said.starts_with("src/reactor/index.md:6: there is no file `handel.rs` in listings/reactor/src; did you mean `handle.rs`?"), "{said}");
    }
}
