//! Proves that every line of a crate that is built in steps stands on a page, once and in order.
use crate::{
    exercise::layout::entries,
    expand::{Page, Stepping, slashed},
    finding::{Findings, name},
    house::House,
    steps::{self, Part},
};
use std::collections::BTreeMap;

/// Compares what the pages show with the spans of each part, and looks for steps that no program
/// runs.
pub fn lint(house: &House, pages: &[Page], found: &mut Findings) {
    let parts = steps::all(house);
    let mut shown: BTreeMap<&str, Vec<(&Page, &Stepping)>> = BTreeMap::new();
    for page in pages {
        for stepping in &page.steppings {
            shown
                .entry(&stepping.part)
                .or_default()
                .push((page, stepping));
        }
    }
    for (path, part) in &parts {
        order(
            house,
            part,
            shown.get(path.as_str()).map_or(&[], Vec::as_slice),
            found,
        );
        run(house, part, found);
    }
    for package in parts
        .values()
        .map(|part| part.package.as_str())
        .collect::<std::collections::BTreeSet<_>>()
    {
        library(house, package, found);
    }
}

/// The pieces that the pages show are all that there are, in their order.
fn order(house: &House, part: &Part, shown: &[(&Page, &Stepping)], found: &mut Findings) {
    let all: Vec<(usize, usize)> = part
        .states
        .iter()
        .zip(1..)
        .flat_map(|(state, step)| (1..=state.pieces.len()).map(move |piece| (step, piece)))
        .collect();
    let mut seen: BTreeMap<(usize, usize), String> = BTreeMap::new();
    for (page, stepping) in shown {
        let here = format!("{}:{}", slashed(&page.file), stepping.line);
        for piece in stepping.pieces.clone() {
            let one = (stepping.step, piece);
            let what = format!(
                "piece {piece} of step {} of `{}`",
                stepping.step,
                part.path()
            );
            if let Some(there) = seen.get(&one) {
                let what = format!("{what} stands here again: first in {there}");
                found.add(
                    slashed(&page.file),
                    stepping.line,
                    what,
                    "show each piece once, or the reader types it twice",
                );
            } else if let Some(later) = seen.keys().next_back().filter(|later| **later > one) {
                let what = format!("{what} stands after piece {} of step {}", later.1, later.0);
                found.add(
                    slashed(&page.file),
                    stepping.line,
                    what,
                    "show the pieces in their order: each is put beside what stands there already",
                );
            }
            seen.entry(one).or_insert_with(|| here.clone());
        }
    }
    for (step, piece) in all.into_iter().filter(|one| !seen.contains_key(one)) {
        missing(house, part, step, piece, found);
    }
}

/// Says of each line of a piece that it stands on no page: in the finished file, if it is still
/// there.
fn missing(house: &House, part: &Part, step: usize, piece: usize, found: &mut Findings) {
    let state = &part.states[step - 1];
    let mend = format!(
        "write {{{{#step {} {step} {piece}}}}} where it belongs",
        part.path()
    );
    let mut spans = state.pieces[piece - 1]
        .spans
        .iter()
        .cloned()
        .flatten()
        .filter(|&at| !state.lines[at].trim().is_empty())
        .peekable();
    if spans.peek().is_none() {
        let what = format!("no page says that step {step} takes lines out: piece {piece}");
        found.add(name(house, &state.file), 0, what, mend.clone());
    }
    for at in spans {
        let (file, line) = match part.in_the_end(step, at) {
            Some(line) => (&part.states[part.states.len() - 1].file, line),
            None => (&state.file, at),
        };
        let what = format!("this line stands on no page: `{}`", state.lines[at].trim());
        found.add(name(house, file), line + 1, what, mend.clone());
    }
}

/// Each step but the last has a program, in `examples/`, that uses it: so it is compiled and run.
fn run(house: &House, part: &Part, found: &mut Findings) {
    let folder = house.package(&part.package);
    let programs: Vec<String> = entries(&folder.join("examples"))
        .iter()
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .collect();
    for state in &part.states[..part.states.len() - 1] {
        let path = format!(
            "../steps/{}",
            state.file.file_name().unwrap_or_default().to_string_lossy()
        );
        if !programs
            .iter()
            .any(|text| text.contains(&format!("#[path = \"{path}\"]")))
        {
            found.add(
                name(house, &state.file),
                0,
                "no program runs this step",
                format!(
                    "write an example with #[path = \"{path}\"] mod {};",
                    part.name
                ),
            );
        }
    }
}

/// The library's own file names its parts and does nothing else: no page shows it.
fn library(house: &House, package: &str, found: &mut Findings) {
    let file = house.package(package).join("src/lib.rs");
    for (line, number) in std::fs::read_to_string(&file)
        .unwrap_or_default()
        .lines()
        .zip(1..)
    {
        let plain = line.is_empty()
            || line.starts_with("//!")
            || line.starts_with("#![")
            || (line.starts_with("pub mod ") && line.ends_with(';'));
        if !plain {
            found.add(
                name(house, &file),
                number,
                format!("no page can show this line: `{line}`"),
                "move it into a part; lib.rs only names them",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        expand::{Target, chapters},
        fixture::Fixture,
    };

    const ONE: &str = "//! A part.\nfn one() {\n    1\n}\n";
    const TWO: &str = "//! A part.\nfn one() {\n    2;\n    1\n}\n\nfn two() {\n    1\n}\n";

    fn said(page: &str, more: impl FnOnce(&Fixture)) -> Vec<String> {
        let fixture = Fixture::new();
        fixture.write(
            "src/reactor/index.md",
            &format!("---\nminutes: 5\nlevel: core\n---\n\n# T\n\n{page}\n"),
        );
        fixture.write("listings/tiny/steps/part_1.rs", ONE);
        fixture.write("listings/tiny/src/part.rs", TWO);
        fixture.write("listings/tiny/src/lib.rs", "//! Tiny.\npub mod part;\n");
        fixture.write(
            "listings/tiny/examples/one.rs",
            "#[path = \"../steps/part_1.rs\"]\nmod part;\nfn main() {}\n",
        );
        more(&fixture);
        let pages =
            chapters(&fixture.house, Target::Html).unwrap_or_else(|error| panic!("{error:#}"));
        let mut found = Findings::default();
        lint(&fixture.house, &pages, &mut found);
        found.sorted().iter().map(ToString::to_string).collect()
    }

    const ALL: &str =
        "{{#step tiny/part 1}}\n\n{{#step tiny/part 2 1}}\n\nText.\n\n{{#step tiny/part 2 2}}";

    #[test]
    fn a_crate_whose_lines_all_stand_on_pages_is_well() {
        assert_eq!(said(ALL, |_| {}), [""; 0]);
    }

    #[test]
    fn a_line_on_no_page_is_named_with_file_and_line_though_equal_ones_are_shown() {
        let found = said("{{#step tiny/part 1}}\n\n{{#step tiny/part 2 1}}", |_| {});
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(
            found[0].starts_with(
                "listings/tiny/src/part.rs:7: this line stands on no page: `fn two() {`"
            ),
            "{found:?}"
        );
        // Lines 8 and 9 are `1` and `}`, which the first step shows as well.
        assert!(
            found[1].starts_with("listings/tiny/src/part.rs:8: this line stands on no page: `1`"),
            "{found:?}"
        );
        assert!(
            found[2].starts_with("listings/tiny/src/part.rs:9: this line stands on no page: `}`"),
            "{found:?}"
        );
        assert!(
            found[2].contains("write {{#step tiny/part 2 2}}"),
            "{found:?}"
        );
    }

    #[test]
    fn a_line_shown_twice_or_out_of_order_is_named_where_it_stands() {
        let found = said(&format!("{ALL}\n\n{{{{#step tiny/part 2 2}}}}"), |_| {});
        assert!(found.len() == 1 && found[0].starts_with("src/reactor/index.md:16: piece 2 of step 2 of `tiny/part` stands here again: first in src/reactor/index.md:14"), "{found:?}");
        let found = said("{{#step tiny/part 2}}\n\n{{#step tiny/part 1}}", |_| {});
        assert!(
            found.len() == 1
                && found[0]
                    .contains("piece 1 of step 1 of `tiny/part` stands after piece 2 of step 2"),
            "{found:?}"
        );
    }

    #[test]
    fn a_step_that_no_program_runs_and_a_library_that_does_something_are_named() {
        let found = said(ALL, |fixture| {
            fixture.remove("listings/tiny/examples/one.rs")
        });
        assert!(
            found.len() == 1 && found[0].contains("steps/part_1.rs: no program runs this step"),
            "{found:?}"
        );
        let found = said(ALL, |fixture| {
            drop(fixture.write(
                "listings/tiny/src/lib.rs",
                "//! Tiny.\npub mod part;\nfn x() {}\n",
            ))
        });
        assert!(
            found.len() == 1
                && found[0].starts_with("listings/tiny/src/lib.rs:3: no page can show"),
            "{found:?}"
        );
    }
}
