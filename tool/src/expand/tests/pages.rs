//! Tests what stands on a page besides listings: figures, minutes, boxes, whole files.
use super::*;

#[test]
fn an_appendix_is_named_and_its_minutes_are_not_counted() {
    let fixture = with("# Reactor\n\n{{#minutes}}");
    let page = "---\nminutes: 50\nlevel: core\ngoals: [a]\n---\n\n# Costs\n";
    fixture.write("src/reactor/appendix/costs.md", page);
    let summary = fixture.read("src/SUMMARY.md") + "  - [Costs](reactor/appendix/costs.md)\n";
    fixture.write("src/SUMMARY.md", &summary);
    let text = html(&fixture);
    assert!(
        text.contains("| *To look up:* [Costs](appendix/costs.md) | | not counted |"),
        "{text}"
    );
    assert!(
        text.contains("| **Together, with this page** | **5** | |"),
        "{text}"
    );
}

#[test]
fn a_figure_is_a_drawing_with_title_and_words() {
    let fixture = with("{{#figure reactor/loop}}");
    fixture.write(
        "diagrams/reactor/concept/loop.svg",
        "<svg viewBox=\"0 0 1 1\"><path d=\"M0 0\"/></svg>\n",
    );
    fixture.write(
        "diagrams/reactor/concept/loop.md",
        "# The loop\n\n1. It waits.\n",
    );
    let text = html(&fixture);
    assert!(
        text.contains("<svg role=\"img\" aria-labelledby=\"figure-reactor-loop-title\" viewBox"),
        "{text}"
    );
    assert!(
        text.contains("<figcaption id=\"figure-reactor-loop-title\">The loop</figcaption>"),
        "{text}"
    );
    assert!(
        text.contains("<summary>The figure in words</summary>\n\n1. It waits."),
        "{text}"
    );
}

#[test]
fn minutes_and_timetable_are_computed() {
    let fixture = with("{{#minutes}}\n\n{{#timetable}}");
    fixture.write(
        "src/SUMMARY.md",
        "[Start](start.md)\n- [Reactor](reactor/index.md)\n  - [Timers](reactor/timers.md)\n",
    );
    fixture.write(
        "src/reactor/timers.md",
        "---\nminutes: 12\nlevel: deeper\ngoals: [fire one, cancel one]\n---\n\n# Timers\n",
    );
    let text = html(&fixture);
    assert!(
        text.contains("| [Timers](timers.md) (*deeper*) | 12 | fire one; cancel one |"),
        "{text}"
    );
    assert!(text.contains("| **17** |"), "{text}");
    assert!(
        text.contains("### One day") && text.contains("### Twelve weeks"),
        "{text}"
    );
    assert!(
        text.contains("| 9:00 | [Reactor](../reactor/index.md) | 5 |"),
        "{text}"
    );
    let pages = chapters(&fixture.house, Target::Html).unwrap();
    let timers = pages.iter().find(|page| page.path.ends_with("timers.md"));
    let under = "# Timers\n\n<p class=\"page-facts\">12 minutes · deeper</p>\n";
    assert!(
        timers.is_some_and(|page| page.text.contains(under)),
        "{timers:?}"
    );
}

#[test]
fn a_box_in_twisted_gets_its_class() {
    let text = html(&with("> **In Twisted** the rails\n> are `same`.\n\nNext."));
    assert!(
        text.contains("<details class=\"in-twisted\">\n<summary>In Twisted</summary>\n\nIn Twisted the rails\nare `same`.\n\n</details>\n\nNext."),
        "{text}"
    );
}

#[test]
fn for_rustdoc_every_line_keeps_its_number() {
    let fixture = Fixture::new();
    let source = format!(
        "{PAGE}\n```rust\nfn main() {{}}\n```\n\n```rust,compile_fail,E0277\nfn main() {{ x }}\n```\n"
    );
    fixture.write("src/reactor/index.md", &source);
    let page = page(&fixture, Target::Doctest);
    assert_eq!(page.text.lines().count(), source.lines().count());
    let at = source.lines().position(|line| line == "```rust").unwrap();
    assert_eq!(page.text.lines().nth(at), Some("```rust"));
    assert!(!page.text.contains("{{#") && !page.text.contains("minutes"));
    assert_eq!(page.blocks.len(), 2);
    assert_eq!(page.blocks[0].line, at + 1);
    assert!(page.blocks[1].has("E0277"));
    assert_eq!(page.showings.len(), 1);
    assert_eq!(
        (page.showings[0].line, page.showings[0].listing.as_str()),
        (11, "reactor/simplest")
    );

    let skeptic = self::page(&fixture, Target::Skeptic);
    assert!(
        skeptic.text.contains("```rust\nfn main() {}"),
        "{}",
        skeptic.text
    );
    assert!(
        skeptic.text.contains("```text\nfn main() { x }"),
        "{}",
        skeptic.text
    );
}

#[test]
fn each_whole_file_has_a_page_without_marks_outside_the_summary() {
    let fixture = Fixture::new();
    let dest = fixture.house.root.join("target/out");
    crate::build::site(&fixture.house, &dest).unwrap();
    let whole = fixture.read("target/out/listings/reactor/simplest.html");
    assert!(whole.contains("println!"), "{whole}");
    assert!(!whole.contains("ANCHOR"), "{whole}");
    assert!(
        whole.contains("../../reactor/index.html#listing-reactor-simplest"),
        "{whole}"
    );
    let page = fixture.read("target/out/reactor/index.html");
    assert!(page.contains("<pre class=\"mermaid\">"), "{page}");
    assert!(
        fixture
            .house
            .root
            .join("target/out/mermaid.min.js")
            .is_file()
    );
    // It is found by its listing: neither the search nor paper has it.
    let index = fixture.read("target/out/searchindex.js");
    assert!(index.contains("reactor/index.html"), "{index}");
    assert!(!index.contains("listings/"), "{index}");
    let print = fixture.read("target/out/print.html");
    assert!(
        print.contains("href=\"listings/reactor/simplest.html\""),
        "{print}"
    );
    assert!(!print.contains("whole-file"), "{print}");
    // Every script that it names is there.
    for script in print.split("<script src=\"").skip(1) {
        let name = script.split('"').next().unwrap();
        assert!(dest.join(name).is_file(), "{name}");
    }
}

#[test]
fn no_page_script_or_style_of_the_site_reaches_another_host() {
    let fixture = Fixture::new();
    let dest = fixture.house.root.join("target/out");
    crate::build::site(&fixture.house, &dest).unwrap();
    for name in ["index.html", "reactor/index.html", "print.html", "404.html"] {
        let page = fixture.read(&format!("target/out/{name}"));
        for tag in ["src=\"http", "href=\"http", "url(http", "//play.rust-lang"] {
            assert!(!page.contains(tag), "{name} has {tag}");
        }
    }
    for entry in std::fs::read_dir(&dest).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        if path
            .file_name()
            .is_some_and(|name| name != "mermaid.min.js")
        {
            assert!(!text.contains("play.rust-lang.org"), "{}", path.display());
        }
    }
}

#[test]
fn the_book_that_is_built_runs_our_preprocessor_in_this_process() {
    // The fixture's book.toml names `false` as the command: it would fail if it were run.
    let fixture = Fixture::new();
    let book = load(&fixture.house, true, None).unwrap();
    assert!(book.execute_build_process(&Nothing).is_ok());
}

struct Nothing;

impl mdbook_renderer::Renderer for Nothing {
    fn name(&self) -> &str {
        "html"
    }

    fn render(&self, _: &mdbook_renderer::RenderContext) -> anyhow::Result<()> {
        Ok(())
    }
}
