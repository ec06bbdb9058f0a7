//! The check from outside: a small book that is right, and each way in which its text can be wrong.
use book::{
    check::{self, Options, tested, workspace, written},
    expand::{self, Target},
    finding::Findings,
    fixture::Fixture,
};
use std::{collections::BTreeSet, path::PathBuf, time::Duration};

fn said(found: &Findings) -> String {
    found.sorted().iter().map(|f| format!("{f}\n")).collect()
}

/// Returns what the lint says of a book.
fn lint(fixture: &Fixture) -> String {
    let options = Options {
        lint: true,
        ..Options::default()
    };
    match check::check(&fixture.house, &options) {
        Ok(checked) => said(&checked.found),
        Err(error) => format!("{error:#}"),
    }
}

/// Returns a page with front matter and this text.
fn page(text: &str) -> String {
    let front = "---\nminutes: 5\nlevel: core\ngoals: [run it]\n---\n\n# Reactor\n\n{{#listing reactor/simplest}}\n\n";
    format!("{front}{text}\n")
}

#[test]
fn a_good_book_has_nothing_wrong() {
    let fixture = Fixture::new();
    assert_eq!(
        lint(&fixture),
        "diagrams/reactor/simplest.mmd: diagrams/reactor/simplest.panels is not drawn of it\n    \
         -> install what draws it with ci/setup, and record its listing again\n"
    );
    assert_eq!(lint(fixture.draw()), "");
}

#[test]
fn a_name_that_is_explained_stands_in_what_is_shown() {
    let fixture = Fixture::new();
    fixture.draw();
    fixture.write(
        "listings/reactor/src/turns.rs",
        "// ANCHOR: turn\npub fn turn(limit: Limit) {\n    wait(limit);\n}\n// ANCHOR_END: turn\n\n\
         fn wait(_: Limit) {}\npub fn stop() {}\npub struct Limit;\n\
         // ANCHOR: end\npub fn end() {}\n// ANCHOR_END: end\n",
    );
    let source = "{{#source reactor/turns.rs:turn}}\n\n";
    for (text, says) in [
        // The line of the name, and not that of the directive.
        (
            "It turns.\n`stop` ends it.",
            Some("src/reactor/index.md:14: `stop` is explained here"),
        ),
        (
            "Then `Turns::stop()` ends it.",
            Some("src/reactor/index.md:13: `stop` is explained here"),
        ),
        // What is shown, what is defined elsewhere, a link, another paragraph, a quotation.
        (
            "`turn` calls `wait(limit)`, with a `Limit`, in `main`; `Vec::push` is far away.",
            None,
        ),
        ("It turns; [`stop`](index.md) ends it.", None),
        ("It turns.\n\n`stop` ends it.", None),
        ("> `stop` ends it.", None),
        (
            "{{#listing reactor/simplest:print}}\n\n`stop` ends it.",
            None,
        ),
    ] {
        fixture.write("src/reactor/index.md", &page(&format!("{source}{text}")));
        let said = lint(&fixture);
        match says {
            Some(says) => assert!(said.starts_with(says), "{text}: {said}"),
            None => assert_eq!(said, "", "{text}"),
        }
    }
    // Code that stands above on the page has been seen, and code below has not.
    let end = "{{#source reactor/turns.rs:end}}\n\n";
    let after = |first: &str, second: &str| {
        let text = format!("{first}Words.\n\n{second}`turn` has an `end`.");
        fixture.write("src/reactor/index.md", &page(&text));
        lint(&fixture)
    };
    assert_eq!(after(source, end), "");
    let said = after(end, source);
    assert_eq!(said, "", "`end` was seen above: {said}");
    let block = "```rust\nfn main() {\n    let stop = 1;\n    assert_eq!(stop, 1);\n}\n```\n\n";
    fixture.write(
        "src/reactor/index.md",
        &page(&format!("{block}{source}`stop` ends it.")),
    );
    assert_eq!(lint(&fixture), "");
    fixture.write(
        "src/reactor/index.md",
        &page(&format!("{source}`stop` ends it.\n\n{block}")),
    );
    assert!(lint(&fixture).contains("`stop` is explained here"));
}

#[test]
fn each_fault_of_a_page_is_found_with_its_line() {
    for (text, says) in [
        (
            "```rust,ignore\nfn main() {}\n```",
            "src/reactor/index.md:11: `ignore` hides a block",
        ),
        (
            "```\nx\n```",
            "src/reactor/index.md:11: this block does not say what it is",
        ),
        (
            "{{#include x.rs}}",
            "src/reactor/index.md:11: `{{#include}}` shows code that no test knows of",
        ),
        (
            "{{#listing reactor/simples}}",
            "src/reactor/index.md:11: unknown listing `reactor/simples`; did you mean",
        ),
        (
            "{{#listing reactor/simplest:prin}}",
            "src/reactor/index.md:11:",
        ),
        (
            "[a](../nowhere.md)",
            "src/reactor/index.md:11: a dead link: `../nowhere.md`",
        ),
        (
            "[a](../start.md#star)",
            "src/reactor/index.md:11: a dead link: `../start.md#star` leads to a page that has no `#star`; did you mean `#start`?",
        ),
        ("{{#exercise reactor/none}}", "src/reactor/index.md:11:"),
        ("{{#figure reactor/none}}", "src/reactor/index.md:11:"),
    ] {
        let fixture = Fixture::new();
        fixture.write("src/reactor/index.md", &page(text));
        let said = lint(&fixture);
        assert!(said.contains(says), "{text}, for {says:?}: {said}");
    }
}

#[test]
fn what_is_too_long_is_found_word_by_word() {
    let fixture = Fixture::new();
    fixture.draw();
    // Its front matter and its heading are words, too.
    let around = book::check::lengths::words(&page(""));
    let long = page(&"word ".repeat(1_201 - around));
    fixture.write("src/reactor/index.md", &long);
    let said = lint(&fixture);
    assert!(
        said.contains("src/reactor/index.md: the page has 1201 words; 1200 are the most"),
        "{said}"
    );
    assert!(
        said.contains("it says 5 minutes, and its 1201 words alone take 6"),
        "{said}"
    );
    // At the limit exactly, and with the minutes that it takes.
    let most = page(&"word ".repeat(1_200 - around)).replace("minutes: 5", "minutes: 6");
    fixture.write("src/reactor/index.md", &most);
    assert_eq!(lint(&fixture), "");
    // Nothing is excepted, whatever a file says.
    fixture.write("ci/lengths.toml", "pages = [\"src/reactor/index.md\"]\n");
    fixture.write(
        "src/reactor/index.md",
        &long.replace("minutes: 5", "minutes: 6"),
    );
    assert!(lint(&fixture).contains("the page has 1201 words"));
}

#[test]
fn an_appendix_is_not_counted_and_a_chapter_has_its_limit() {
    let fixture = Fixture::new();
    fixture.draw();
    let mut summary = fixture.read("src/SUMMARY.md");
    fixture.write("src/reactor/index.md", &page("{{#minutes}}"));
    let front = "---\nminutes: 9\nlevel: core\ngoals: [look it up]\n---\n\n# Page\n\n";
    for at in 0..9 {
        summary += &format!("  - [Page {at}](reactor/appendix/p{at}.md)\n");
        let text = format!("{front}{}\n", "word ".repeat(1_150));
        fixture.write(&format!("src/reactor/appendix/p{at}.md"), &text);
    }
    fixture.write("src/SUMMARY.md", &summary);
    assert_eq!(lint(&fixture), "");
    for at in 0..9 {
        fixture.write(
            &format!("src/reactor/p{at}.md"),
            &fixture.read(&format!("src/reactor/appendix/p{at}.md")),
        );
        fixture.remove(&format!("src/reactor/appendix/p{at}.md"));
    }
    fixture.write("src/SUMMARY.md", &summary.replace("/appendix/", "/"));
    let said = lint(&fixture);
    assert!(
        said.contains("src/reactor: the chapter has 10469 words; 10000 are the most"),
        "{said}"
    );
}

#[test]
fn each_fault_of_front_matter_is_found() {
    for (from, to, says) in [
        ("minutes: 5\n", "", "lacks `minutes`"),
        ("level: core", "level: hard", "level `hard` is none of"),
        (
            "goals: [run it]",
            "goals: []",
            "src/reactor/index.md:4: the page has no goals",
        ),
        (
            "goals: [run it]",
            "goals: [a]\nneeds: [reactr]",
            "src/reactor/index.md:5: it needs `reactr`, which is no chapter",
        ),
        (
            "goals: [run it]",
            "goals: [a]\nterms: [turn]",
            "src/reactor/index.md:5: the glossary does not define `turn`",
        ),
        (
            "---\nminutes: 5\nlevel: core\ngoals: [run it]\n---\n",
            "",
            "no front matter",
        ),
    ] {
        let fixture = Fixture::new();
        fixture.write("src/reactor/index.md", &page("").replace(from, to));
        let said = lint(&fixture);
        assert!(said.contains(says), "{to:?}, for {says:?}: {said}");
    }
}

#[test]
fn a_term_that_is_defined_twice_is_found() {
    let fixture = Fixture::new();
    fixture.write("src/glossary.md", "# Glossary\n\n### turn\n\n### turn\n");
    let summary = "# Summary\n\n[Start](start.md)\n\n- [Reactor](reactor/index.md)\n\n[Glossary](glossary.md)\n";
    fixture.write("src/SUMMARY.md", summary);
    let said = lint(&fixture);
    assert!(
        said.contains("src/glossary.md:5: `turn` is defined twice"),
        "{said}"
    );
}

#[test]
fn what_nobody_shows_is_found() {
    let fixture = Fixture::new();
    fixture.write("src/reactor/more.md", &page(""));
    assert!(lint(&fixture).contains("src/reactor/more.md:1: no entry in src/SUMMARY.md"));

    let fixture = Fixture::new();
    fixture.write("listings/reactor/examples/lost.rs", "fn main() {}\n");
    let text = lint(&fixture);
    assert!(
        text.contains("examples/lost.rs: listings/reactor/listings.toml has no entry for it"),
        "{text}"
    );

    let fixture = Fixture::new();
    fixture.write(
        "listings/reactor/listings.toml",
        "[simplest]\ncaption = \"A\"\nclass = \"sim\"\n\n[lost]\ncaption = \"B\"\nclass = \"real\"\n",
    );
    fixture.write("listings/reactor/examples/lost.rs", "fn main() {}\n");
    let text = lint(&fixture);
    assert!(text.contains("no page shows [lost]"), "{text}");
    assert!(
        text.contains("examples/lost.rs:1: it does not begin with what it shows"),
        "{text}"
    );

    let fixture = Fixture::new();
    fixture.write("diagrams/reactor/concept/loop.svg", "<svg/>\n");
    let text = lint(&fixture);
    assert!(
        text.contains("concept/loop.svg: no page shows this figure"),
        "{text}"
    );
    assert!(
        text.contains("concept/loop.md:1: the figure has no title and description"),
        "{text}"
    );
}

#[test]
fn a_listing_without_a_class_is_named_with_its_manifest() {
    let fixture = Fixture::new();
    fixture.write(
        "listings/reactor/listings.toml",
        "[simplest]\ncaption = \"A\"\n",
    );
    let said = lint(&fixture);
    assert!(
        said.starts_with("listings/reactor/listings.toml:1: [simplest]: missing field `class`"),
        "{said}"
    );
    assert!(said.contains("sim, real, twin, measure or fails"), "{said}");
}

#[test]
fn two_listings_of_one_name_are_found_and_a_twin_is_none() {
    let fixture = Fixture::new();
    fixture.draw();
    let twin = "[simplest]\ncaption = \"The same on tokio\"\nclass = \"twin\"\n";
    fixture.write(
        "listings/reactor/lab/examples/simplest.rs",
        "//! It.\nfn main() {}\n",
    );
    fixture.write("listings/reactor/lab/listings.toml", twin);
    let said = lint(&fixture);
    assert!(!said.contains("has the name of"), "{said}");
    let other = "[simplest]\ncaption = \"Another\"\nclass = \"real\"\n";
    fixture.write(
        "listings/web/examples/simplest.rs",
        "//! It.\nfn main() {}\n",
    );
    fixture.write("listings/web/listings.toml", other);
    let said = lint(&fixture);
    let wanted = "listings/web/listings.toml: [simplest] has the name of reactor/simplest";
    assert!(said.contains(wanted), "{said}");
}

#[test]
fn an_entry_that_promises_nothing_is_refused() {
    for (entry, says) in [
        (
            "caption = \"A\"\nclass = \"simm\"",
            ":3: [simplest]: unknown variant `simm`",
        ),
        (
            "caption = \"A\"\nclass = \"twin\"",
            "move the entry to listings/reactor/lab/listings.toml",
        ),
    ] {
        let fixture = Fixture::new();
        fixture.write(
            "listings/reactor/listings.toml",
            &format!("[simplest]\n{entry}\n"),
        );
        let said = lint(&fixture);
        assert!(said.contains(says), "{says:?}: {said}");
    }
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let fixture = Fixture::new();
    fixture.write(
        "src/reactor/index.md",
        &page("```rust,ignore\nfn main() {}\n```\n\n[a](b.md)\n\n```rst\n```"),
    );
    let said = lint(&fixture);
    for part in ["`ignore`", "dead link", "did you mean `rust`?"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn with_page_only_that_page_counts() {
    let fixture = Fixture::new();
    fixture.write("src/reactor/index.md", &page("```rst\n```"));
    fixture.write("src/start.md", "# Start\n\n```tom\n```\n");
    let of = |file: &str| {
        let options = Options {
            lint: true,
            page: Some(PathBuf::from(file)),
            ..Options::default()
        };
        check::check(&fixture.house, &options)
    };
    for name in ["src/start.md", "start.md"] {
        let text = said(&of(name).expect("a page").found);
        assert!(
            text.contains("start.md:3") && !text.contains("index.md"),
            "{text}"
        );
    }
    let error = of("src/nowhere.md").expect_err("no page").to_string();
    assert!(error.contains("is no page of the book"), "{error}");
    let error = of("src/strat.md").expect_err("no page").to_string();
    assert!(error.contains("did you mean `start.md`?"), "{error}");
}

/// Runs the doctests of the fixture's chapter, without any dependency.
fn doctests(fixture: &Fixture, limit: u64) -> (Vec<bool>, String) {
    workspace::write(&fixture.house).expect("written");
    let pages = expand::chapters(&fixture.house, Target::Doctest).expect("a book");
    let chapters = BTreeSet::from(["reactor".to_owned()]);
    let given = written::write(&fixture.house, &pages, &[], &chapters).expect("written");
    let mut found = Findings::default();
    let limit = Duration::from_secs(limit);
    let passed = tested::doctests(&fixture.house, &["reactor"], &given, limit, &mut found);
    (passed.expect("it can run").0, said(&found))
}

#[test]
fn blocks_are_compiled_and_run_and_their_lines_are_those_of_the_page() {
    let fixture = Fixture::new();
    let good = "```rust\nfn main() {\n    assert_eq!(1 + 1, 2);\n}\n```\n\n```rust,no_run\nfn main() {\n    loop {}\n}\n```\n\n```rust,should_panic\nfn main() {\n    panic!(\"as it must\");\n}\n```\n";
    fixture.write("src/reactor/index.md", &page(good));
    let (passed, text) = doctests(&fixture, 300);
    assert_eq!((passed, text.as_str()), (vec![true; 3], ""));

    let bad = "```rust\nfn main() {\n    assert_eq!(1 + 1, 3, \"as in the text\");\n}\n```\n\n```rust\nfn main() {\n    undefined();\n}\n```\n";
    fixture.write("src/reactor/index.md", &page(&format!("{good}\n{bad}")));
    let (passed, text) = doctests(&fixture, 300);
    assert_eq!(passed, [true, true, true, false, false]);
    assert!(
        text.contains("src/reactor/index.md:29: rustdoc says"),
        "{text}"
    );
    assert!(text.contains("as in the text"), "{text}");
    assert!(
        text.contains("src/reactor/index.md:35: rustdoc says"),
        "{text}"
    );
    assert!(text.contains("undefined"), "{text}");
}

#[test]
fn a_block_that_hangs_is_stopped_and_named() {
    let fixture = Fixture::new();
    fixture.write(
        "src/reactor/index.md",
        &page("```rust\nfn main() {\n    loop {\n        std::thread::park();\n    }\n}\n```\n"),
    );
    let (passed, text) = doctests(&fixture, 10);
    assert_eq!(passed, [false]);
    assert!(
        text.contains("src/reactor/index.md:11: rustdoc ran longer than 10 s and was stopped"),
        "{text}"
    );
}
