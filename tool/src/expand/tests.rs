//! Tests each directive on a tiny book.
mod pages;
use super::{Page, Target, chapters, load, missing};
use crate::fixture::{Fixture, PAGE, SIMPLEST};

/// Returns the chapter's page, expanded.
fn page(fixture: &Fixture, target: Target) -> Page {
    chapters(&fixture.house, target)
        .unwrap_or_else(|error| panic!("{error:#}"))
        .into_iter()
        .find(|page| page.path.ends_with("reactor/index.md"))
        .expect("the chapter's page")
}

fn html(fixture: &Fixture) -> String {
    page(fixture, Target::Html).text
}

/// Returns the fixture with this text after the page's front matter.
pub(super) fn with(text: &str) -> Fixture {
    let fixture = Fixture::new();
    fixture.write(
        "src/reactor/index.md",
        &format!("---\nminutes: 5\nlevel: core\n---\n\n{text}\n"),
    );
    fixture
}

#[test]
fn a_listing_has_number_caption_file_code_twin_command_output_and_diagram() {
    let text = html(&Fixture::new());
    for part in [
        "id=\"listing-reactor-simplest\"",
        ">Listing 1-1</a> The smallest <code>loop</code>",
        "<a href=\"../listings/reactor/simplest.html\">listings/<wbr>reactor/<wbr>examples/<wbr>simplest.rs</a>",
        "```rust\n//! The smallest loop.\nfn main() {\n    println!(\"one\");\n}\n```",
        "data-tab=\"twin\"",
        "println!(\"one, awaited\");",
        "```console,command\ncargo run -p reactor --example simplest\n```",
        "```text,output\none\n```",
        "```text,output\none, awaited\n```",
        "```mermaid\nsequenceDiagram\n  a->>b: hi\n```",
        "<summary>The same, step by step</summary>\n\n1. a greets b",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    assert!(!text.contains("ANCHOR"), "{text}");
    assert!(!text.contains("minutes: 5"), "{text}");
}

#[test]
fn a_chain_stands_in_the_page_as_a_drawing_that_needs_no_script() {
    let fixture = Fixture::new();
    let manifest = "listings/reactor/listings.toml";
    let entry = fixture.read(manifest);
    fixture.write(
        manifest,
        &format!("{entry}diagram = [\"chain\", \"sequence\"]\n"),
    );
    assert!(
        html(&fixture).contains("the diagram of <code>reactor/simplest</code> is not recorded yet")
    );
    fixture.write(
        "diagrams/reactor/simplest.svg",
        "<svg class=\"rails\">\n<title>x</title>\n</svg>\n",
    );
    let text = html(&fixture);
    let drawing = "<div class=\"flow-drawing\">\n<svg class=\"rails\">\n<title>x</title>\n</svg>\n</div>\n\n```mermaid";
    assert!(text.contains(drawing), "{text}");
    assert!(
        text.contains("<details class=\"steps\" open>"),
        "a script may not come: {text}"
    );
    fixture.write(manifest, &format!("{entry}diagram = \"chain\"\n"));
    let text = html(&fixture);
    assert!(
        text.contains("<details class=\"steps\">") && !text.contains("mermaid"),
        "{text}"
    );
}

#[test]
fn a_fragment_hides_the_rest_and_the_twin_without_that_anchor_is_whole() {
    let text = html(&with("{{#listing reactor/simplest:print}}"));
    assert!(
        text.contains(
            "```rust\n# //! The smallest loop.\n# fn main() {\n    println!(\"one\");\n# }\n```"
        ),
        "{text}"
    );
    assert!(
        text.contains("```rust\n//! The twin.\nfn main() {"),
        "{text}"
    );
}

#[test]
fn a_picture_that_was_drawn_stands_in_the_page_and_needs_no_script() {
    let fixture = Fixture::new();
    let svg = |n: u8| format!("<svg class=\"sequence\" data-label=\"turn {n}\"></svg>");
    fixture.draw();
    let hash = fixture.read("diagrams/reactor/simplest.panels");
    let hash = hash.lines().next().expect("a hash").to_owned();
    let drawn = format!("{hash}\n{}\n{}\n{}\n", svg(1), svg(2), svg(3));
    fixture.write("diagrams/reactor/simplest.panels", &drawn);
    let text = html(&fixture);
    assert!(!text.contains("```mermaid"), "{text}");
    let first = format!("<div class=\"flow-drawing\">\n{}\n</div>", svg(1));
    assert!(text.contains(&first), "{text}");
    assert!(text.contains(
        "<details class=\"panels\">\n<summary>The picture goes on: turns 2 to 3</summary>"
    ));
    assert!(
        text.contains("<details class=\"steps\">"),
        "folded: the picture is there"
    );
    // Of another run: the page draws it itself, and its steps are open until it has.
    fixture.write(
        "diagrams/reactor/simplest.mmd",
        "sequenceDiagram\n  a->>b: new\n",
    );
    let text = html(&fixture);
    assert!(text.contains("```mermaid") && text.contains("<details class=\"steps\" open>"));
}

#[test]
fn a_step_that_names_a_line_leads_to_it() {
    let fixture = Fixture::new();
    fixture.write(
        "diagrams/reactor/simplest.md",
        "1. set at line 4, and simplest.rs:3, and other.rs:9\n",
    );
    let text = html(&fixture);
    assert!(
        text.contains(
            "1. set at [line 4](../listings/reactor/simplest.html#L4), and \
             [simplest.rs:3](../listings/reactor/simplest.html#L3), and other.rs:9"
        ),
        "{text}"
    );
}

#[test]
fn each_option_leaves_its_part_out() {
    for (option, part) in [
        ("notwin", "data-tab"),
        ("nooutput", "text,output"),
        ("nocommand", "console,command"),
        ("nodiagram", "```mermaid"),
    ] {
        let text = html(&with(&format!(
            "{{{{#listing reactor/simplest {option}}}}}"
        )));
        assert!(!text.contains(part), "{option}: {text}");
    }
}

#[test]
fn what_it_prints_may_stand_without_its_code() {
    let text = html(&with(
        "{{#listing reactor/simplest nooutput nocommand nodiagram notwin}}\n\nGuess.\n\n\
         {{#listing reactor/simplest nocode output command}}",
    ));
    let (first, second) = text.split_once("Guess.").expect("both");
    assert!(
        first.contains("fn main()") && !first.contains("text,output"),
        "{first}"
    );
    assert!(
        !second.contains("fn main()") && second.contains("```text,output\none\n"),
        "{second}"
    );
}

#[test]
fn a_later_fragment_is_code_only_unless_asked() {
    let text = html(&with(
        "{{#listing reactor/simplest}}\n\n{{#listing reactor/simplest:print}}\n\nend",
    ));
    let later = &text[text.find("listing-reactor-simplest-print").unwrap()..];
    assert!(later.contains(">Listing 1-1, again</a>"), "{later}");
    assert!(later.contains("println!(\"one\")"), "{later}");
    for part in ["text,output", "mermaid", "data-tab", "console,command"] {
        assert!(!later.contains(part), "{part}: {later}");
    }
    let text = html(&with(
        "{{#listing reactor/simplest}}\n\n{{#listing reactor/simplest:print output}}",
    ));
    assert_eq!(text.matches("```text,output\none\n").count(), 2, "{text}");
}

#[test]
fn a_listing_is_numbered_by_its_own_chapter_wherever_it_first_stands() {
    let fixture = Fixture::new();
    fixture.write(
        "src/SUMMARY.md",
        "[Start](start.md)\n- [Intro](intro/index.md)\n- [Reactor](reactor/index.md)\n",
    );
    fixture.write(
        "src/intro/index.md",
        "---\nminutes: 1\nlevel: core\n---\n\nSee {{#ref reactor/simplest}}.\n\n{{#listing reactor/simplest}}\n",
    );
    let pages = chapters(&fixture.house, Target::Html).unwrap();
    let intro = &pages[1].text;
    assert!(
        intro.contains("See [Listing 2-1](../reactor/index.md#listing-reactor-simplest)."),
        "{intro}"
    );
    assert!(intro.contains(">Listing 2-1</a>"), "{intro}");
}

#[test]
fn a_twin_without_output_of_its_own_prints_the_same() {
    let fixture = Fixture::new();
    fixture.remove("listings/reactor/lab/output/simplest.txt");
    assert!(html(&fixture).contains("It prints the same"));
    assert!(missing(&fixture.house).unwrap().is_empty());
}

#[test]
fn what_is_not_recorded_is_noted_on_the_page_and_for_the_check() {
    let fixture = Fixture::new();
    fixture.remove("listings/reactor/output/simplest.txt");
    fixture.remove("listings/reactor/lab/output/simplest.txt");
    fixture.remove("diagrams/reactor/simplest.md");
    let text = html(&fixture);
    assert!(text.contains("class=\"missing\""), "{text}");
    let notes = missing(&fixture.house).unwrap();
    assert_eq!(notes.len(), 3, "{notes:?}");
    assert_eq!(
        notes[0].to_string(),
        "src/reactor/index.md:11: the output of `reactor/simplest` is not recorded yet: run `cargo book record reactor/simplest`"
    );
}

#[test]
fn what_changed_since_an_earlier_listing_is_a_diff() {
    let fixture = with("{{#listing reactor/second}}");
    fixture.write(
        "listings/reactor/listings.toml",
        "[simplest]\ncaption = \"One\"\nclass = \"real\"\n[second]\ncaption = \"Two\"\nclass = \"real\"\nafter = \"simplest\"\n",
    );
    fixture.write(
        "listings/reactor/examples/second.rs",
        &SIMPLEST.replace("\"one\"", "\"two\""),
    );
    let text = html(&fixture);
    assert!(text.contains("<details class=\"changes\">"), "{text}");
    assert!(
        text.contains("-     println!(\"one\");\n+     println!(\"two\");"),
        "{text}"
    );
}

#[test]
fn a_listing_that_must_not_compile_says_what_the_compiler_says() {
    let fixture = with("{{#listing reactor/moved}}");
    fixture.write(
        "listings/reactor/listings.toml",
        "[moved]\ncaption = \"Moved\"\nclass = \"fails\"\ncode = \"E0382\"\n",
    );
    fixture.write("listings/reactor/fails/moved.rs", "fn main() {}\n");
    fixture.write(
        "listings/reactor/output/moved.txt",
        "$ cargo build\nerror[E0382]\n",
    );
    let text = html(&fixture);
    assert!(
        text.contains("```rust,compile_fail\nfn main() {}"),
        "{text}"
    );
    assert!(
        text.contains("The compiler says</p>\n\n```text,output\nerror[E0382]"),
        "{text}"
    );
}

#[test]
fn a_region_of_a_crate_stands_alone_and_dedented() {
    let fixture = with("{{#source reactor/lib.rs:turn}}");
    fixture.write(
        "listings/reactor/src/lib.rs",
        "impl X {\n    // ANCHOR: turn\n    fn turn() {\n        wait();\n    }\n    // ANCHOR_END: turn\n}\n",
    );
    let text = html(&fixture);
    assert!(
        text.contains("<code>listings/<wbr>reactor/<wbr>src/<wbr>lib.rs</code>"),
        "{text}"
    );
    assert!(
        text.contains("```rust\nfn turn() {\n    wait();\n}\n```"),
        "{text}"
    );
}

#[test]
fn an_exercise_is_a_card_with_task_hints_and_no_solution() {
    let fixture = with("{{#exercise reactor/echo_once}}\n\n{{#minutes}}");
    let folder = "exercises/reactor/echo_once";
    fixture.write(
        &format!("{folder}/exercise.toml"),
        "title = \"Echo once\"\nminutes = 15\nlevel = \"core\"\ngoals = [\"write a reply\"]\nhints = [\"Who?\", \"Keep `what`.\"]\n[wrong.a]\nwhy = \"x\"\n",
    );
    fixture.write(
        &format!("{folder}/README.md"),
        "# Echo once\n\nWrite `echo`.\n",
    );
    let text = html(&fixture);
    for part in [
        "id=\"exercise-echo_once\"",
        "15 minutes · core",
        "Write `echo`.",
        "You practise to write a reply.",
        "cargo book exercise check echo_once",
        "<summary>Hint 2</summary>\n\nKeep `what`.",
        "`cargo book exercise solution echo_once`",
        "| 1 exercises | 15 |",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    assert_eq!(text.matches("# Echo once").count(), 0, "{text}");
}
