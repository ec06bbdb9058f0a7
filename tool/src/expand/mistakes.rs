//! Tests that each mistake in a page is named with file, line and remedy.
use super::{Target, chapters, tests::with};
use crate::fixture::Fixture;

fn wrong(fixture: &Fixture) -> String {
    match chapters(&fixture.house, Target::Html) {
        Ok(_) => panic!("nothing was found wrong"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn each_mistake_is_named_with_file_line_and_remedy() {
    for (text, says) in [
        (
            "{{#listing reactor/simples}}",
            "src/reactor/index.md:6: unknown listing `reactor/simples`; did you mean `reactor/simplest`?",
        ),
        (
            "{{#listing web/poem}}",
            "src/reactor/index.md:6: unknown listing `web/poem`; add it to the listings.toml of its package",
        ),
        (
            "{{#listing reactor/simplest:prnt}}",
            "src/reactor/index.md:6: unknown anchor `prnt` in listings/reactor/examples/simplest.rs; did you mean `print`? It has: print",
        ),
        (
            "{{#listing reactor/simplest loud}}",
            "src/reactor/index.md:6: unknown option `loud`; known are notwin",
        ),
        (
            "{{#source reactor}}",
            "src/reactor/index.md:6: `reactor` is not package/file.rs",
        ),
        (
            "{{#source reactor/gone.rs}}",
            "src/reactor/index.md:6: listings/reactor/src/gone.rs cannot be read",
        ),
        (
            "{{#figure reactor/gone}}",
            "src/reactor/index.md:6: diagrams/reactor/concept/gone.svg cannot be read",
        ),
        (
            "{{#exercise reactor/gone}}",
            "src/reactor/index.md:6: unknown exercise `reactor/gone`; make it in exercises/reactor/gone/",
        ),
        (
            "See {{#ref reactor/gone}}.",
            "src/reactor/index.md:6: unknown listing `reactor/gone`",
        ),
        (
            "See {{#ref reactor/simplest}}.",
            "src/reactor/index.md:6: no page shows listing `reactor/simplest`",
        ),
        (
            "{{#lsting reactor/simplest}}",
            "src/reactor/index.md:6: unknown directive `lsting`; did you mean `listing`?",
        ),
    ] {
        let said = wrong(&with(text));
        assert!(said.starts_with(says), "{text}\nsays  {said}\nnot   {says}");
    }
}

#[test]
fn all_mistakes_are_named_at_once() {
    let said = wrong(&with("{{#listing reactor/a}}\n\n{{#figure reactor/b}}"));
    assert_eq!(said.lines().count(), 2, "{said}");
}

#[test]
fn mistakes_in_manifests_and_files_are_named_there() {
    let fixture = Fixture::new();
    fixture.write(
        "listings/reactor/listings.toml",
        "[simplest]\ncaption = \" \"\nclass = \"sim\"\n",
    );
    let said = wrong(&fixture);
    assert!(said.contains("listing `reactor/simplest` has no caption: give it one in listings/reactor/listings.toml"), "{said}");

    let fixture = Fixture::new();
    fixture.write(
        "listings/reactor/examples/simplest.rs",
        "// ANCHOR: x\nfn main() {}\n",
    );
    assert!(
        wrong(&fixture)
            .starts_with("listings/reactor/examples/simplest.rs:1: anchor `x` has no end")
    );

    let fixture = Fixture::new();
    fixture.remove("listings/reactor/examples/simplest.rs");
    assert!(wrong(&fixture).contains("listings/reactor/examples/simplest.rs cannot be read"));

    let fixture = Fixture::new();
    fixture.write("listings/reactor/output/simplest.txt", "one\n");
    assert!(
        wrong(&fixture)
            .starts_with("listings/reactor/output/simplest.txt:1: an output begins with `$ `")
    );

    let fixture = Fixture::new();
    fixture.write("src/reactor/index.md", "# Reactor\n");
    assert!(
        wrong(&fixture).starts_with("src/reactor/index.md:1: no front matter: begin the page with")
    );
}
