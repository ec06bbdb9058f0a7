//! Recording from outside: each class once as it should be, and each way in which it can be wrong.
mod common;
#[path = "record/wrong.rs"]
mod wrong;
use book::{
    house::House,
    record::{self, Options, Recorded},
};
use common::{house, read, write};
use std::path::Path;

const HELLO: &str = "fn main() {\n    println!(\"hello\");\n}\n";

/// A workspace with one package of listings and its lab.
fn listings(root: &Path) {
    write(
        root,
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"listings/*\", \"listings/*/lab\"]\nexclude = [\"target\"]\n",
    );
    let _ = std::fs::remove_file(root.join("listings/.keep"));
    for (folder, name) in [("demo", "demo"), ("demo/lab", "demo-lab")] {
        write(
            root,
            &format!("listings/{folder}/Cargo.toml"),
            &format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n"),
        );
        write(
            root,
            &format!("listings/{folder}/src/lib.rs"),
            "//! Nothing.\n",
        );
    }
}

/// One listing of the package `demo`.
fn listing(root: &Path, name: &str, entry: &str, program: &str) {
    write(
        root,
        "listings/demo/listings.toml",
        &format!("[{name}]\ncaption = \"A {name}\"\n{entry}\n"),
    );
    let folder = if entry.contains("code =") {
        "fails"
    } else {
        "examples"
    };
    write(root, &format!("listings/demo/{folder}/{name}.rs"), program);
}

fn record(house: &House, check: bool) -> Recorded {
    let options = Options {
        check,
        ..Options::default()
    };
    record::record(house, &options).expect("it can begin")
}

fn wrong(recorded: &Recorded) -> String {
    recorded
        .found
        .sorted()
        .iter()
        .map(|finding| format!("{finding}\n"))
        .collect()
}

#[test]
fn a_real_listing_is_written_then_compared() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    listing(root, "hello", "class = \"real\"", HELLO);
    let said = wrong(&record(&house, true));
    assert!(
        said.contains("output/hello.txt: the file is missing"),
        "{said}"
    );
    assert!(
        said.contains("record it: cargo book record demo/hello"),
        "{said}"
    );
    assert!(
        !root.join("listings/demo/output").exists(),
        "--check wrote a file"
    );

    let recorded = record(&house, false);
    assert_eq!(wrong(&recorded), "");
    assert_eq!(recorded.written, ["listings/demo/output/hello.txt"]);
    assert_eq!(
        read(root, "listings/demo/output/hello.txt"),
        "$ cargo run -p demo --example hello\nhello\n"
    );
    assert_eq!(wrong(&record(&house, true)), "");

    listing(
        root,
        "hello",
        "class = \"real\"",
        &HELLO.replace("hello", "good-bye"),
    );
    let said = wrong(&record(&house, true));
    assert!(
        said.contains("- hello") && said.contains("+ good-bye"),
        "{said}"
    );
}

#[test]
fn ports_and_times_of_a_real_listing_may_differ_and_are_not_written_anew() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    let program = "fn main() {\n    println!(\"port {} after 3 ms\", std::process::id());\n}\n";
    listing(root, "hello", "class = \"real\"", program);
    assert_eq!(record(&house, false).written.len(), 1);
    assert_eq!(record(&house, false).written.len(), 0);
    assert_eq!(wrong(&record(&house, true)), "");
}

#[test]
fn a_simulated_listing_is_given_its_seed_and_knobs_and_gets_its_diagram() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    let recording = trace::start(trace::Setup::default());
    trace::say!("hello");
    let text = recording.finish();
    let program = format!(
        "fn main() {{\n    let world = std::env::var(\"UNTWISTED_WORLD\").unwrap_or_default();\n    \
         assert!([\"\", \"sim:7,latency=10ms\"].contains(&world.as_str()), \"{{world}}\");\n    \
         if let Ok(file) = std::env::var(\"UNTWISTED_TRACE\") {{\n        \
         std::fs::write(file, {text:?}).unwrap();\n    }}\n    println!(\"hello\");\n}}\n"
    );
    listing(
        root,
        "hello",
        "class = \"sim\"\nseed = 7\nknobs = \"latency=10ms\"",
        &program,
    );
    assert_eq!(wrong(&record(&house, false)), "");
    let kept = read(root, "diagrams/demo/hello.ndjson");
    assert!(kept.contains("\"src_sha256\":\""), "{kept}");
    assert!(read(root, "diagrams/demo/hello.mmd").contains("accTitle: A hello"));
    assert!(read(root, "diagrams/demo/hello.md").starts_with("1. "));
    assert_eq!(wrong(&record(&house, true)), "");

    // Another source has another digest, so a stale diagram is seen.
    listing(
        root,
        "hello",
        "class = \"sim\"\nseed = 7\nknobs = \"latency=10ms\"",
        &format!("// Changed.\n{program}"),
    );
    let said = wrong(&record(&house, true));
    assert!(
        said.contains("diagrams/demo/hello.ndjson: a run gives something else"),
        "{said}"
    );
}

/// Returns a recorded run with this many Deferreds, each with a stage that was added in line 1 of
/// `hello`.
fn chains(count: usize) -> String {
    let mut text = String::from(
        r#"{"v":1,"listing":"demo/hello","clock":"virtual","sites":[["listings/demo/examples/hello.rs",1,22,""]],"hosts":["program"]}"#,
    );
    text += "\n{\"n\":1,\"t\":0,\"w\":0,\"k\":\"run.start\"}\n";
    let mut number = 1;
    let mut event = |kind: &str, object: &str, parent: usize, more: &str| {
        number += 1;
        text += &format!(
            "{{\"n\":{number},\"t\":0,\"w\":0,\"k\":\"{kind}\",{object}\"p\":{parent},\"h\":0{more}}}\n"
        );
        number
    };
    for at in 1..=count {
        let d = format!("\"o\":\"d{at}\",");
        event("df.new", &d, 1, "");
        event("df.add", &d, 1, r#","s":0,"a":{"stage":"callback","i":0}"#);
        event("df.fire", &d, 1, r#","a":{"rail":"ok"}"#);
        let start = event("cb.start", &d, 1, r#","a":{"i":0,"rail":"ok"}"#);
        event(
            "cb.end",
            &d,
            start,
            r#","a":{"rail":"err","value":"no <poem>"}"#,
        );
    }
    event("run.end", "", 1, "");
    text
}

#[test]
fn a_chain_is_drawn_with_its_stages_named_as_in_the_source() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    let with = |count: usize, entry: &str| {
        let text = chains(count);
        let program = format!(
            "fn a(poem: P) {{ poem.add_callback(first_line) }}\nstruct P;\nimpl P {{\n    fn add_callback(self, stage: fn()) {{\n        \
             stage()\n    }}\n}}\nfn first_line() {{}}\nfn main() {{\n    a(P);\n    if let Ok(file) = std::env::var(\"UNTWISTED_TRACE\") {{\n        \
             std::fs::write(file, {text:?}).unwrap();\n    }}\n    println!(\"hello\");\n}}\n"
        );
        listing(
            root,
            "hello",
            &format!("class = \"sim\"\n{entry}"),
            &program,
        );
    };
    with(2, "diagram = [\"chain\", \"sequence\"]");
    assert_eq!(wrong(&record(&house, false)), "");
    let drawn = read(root, "diagrams/demo/hello.svg");
    for part in [
        "<title>A hello</title>",
        ">d1<",
        ">d2<",
        ">first_line<",
        ">callback, line 1<",
        ">no &lt;poem&gt;<",
    ] {
        assert!(drawn.contains(part), "no {part} in\n{drawn}");
    }
    assert!(read(root, "diagrams/demo/hello.mmd").contains("sequenceDiagram"));
    assert!(read(root, "diagrams/demo/hello.md").contains("the callback “first_line”"));
    assert_eq!(wrong(&record(&house, true)), "");
    write(root, "diagrams/demo/hello.svg", &drawn.replace("d2", "d3"));
    let said = wrong(&record(&house, true));
    assert!(
        said.contains("diagrams/demo/hello.svg: a run gives something else"),
        "{said}"
    );

    // One that is not asked for any more is an orphan.
    with(2, "diagram = \"chain\"\nchains = [\"d2\"]");
    assert_eq!(wrong(&record(&house, false)), "");
    assert!(!root.join("diagrams/demo/hello.mmd").exists());
    let drawn = read(root, "diagrams/demo/hello.svg");
    assert!(drawn.contains(">d2<") && !drawn.contains(">d1<"), "{drawn}");

    for (count, entry, message) in [
        (
            9,
            "diagram = \"chain\"",
            "the run has 9 Deferreds, and one figure shows at most 8: name those it shall show",
        ),
        (
            2,
            "diagram = \"chain\"\nchains = [\"d3\"]",
            "the run has no Deferred `d3`; it has d1, d2",
        ),
        (0, "diagram = \"chain\"", "the run has no Deferred to draw"),
    ] {
        with(count, entry);
        let said = wrong(&record(&house, false));
        assert!(
            said.contains("listings.toml: [hello] its diagram: "),
            "{said}"
        );
        assert!(said.contains(message), "{said}");
    }
    with(1, "diagram = \"rails\"");
    let error = record::record(&house, &Options::default())
        .unwrap_err()
        .to_string();
    assert!(error.contains("listings/demo/listings.toml:4"), "{error}");
    assert!(
        error.contains("\"sequence\", \"chain\", \"tasks\", a list of them, or \"none\""),
        "{error}"
    );
}

#[test]
fn a_twin_has_its_own_file_only_when_it_says_something_else() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    listing(root, "hello", "class = \"real\"", HELLO);
    write(
        root,
        "listings/demo/lab/listings.toml",
        "[hello]\ncaption = \"Its twin\"\nclass = \"twin\"\n",
    );
    write(root, "listings/demo/lab/examples/hello.rs", HELLO);
    assert_eq!(
        record(&house, false).written,
        ["listings/demo/output/hello.txt"]
    );
    assert_eq!(wrong(&record(&house, true)), "");

    write(
        root,
        "listings/demo/lab/examples/hello.rs",
        &HELLO.replace("hello", "hi"),
    );
    assert_eq!(
        record(&house, false).written,
        ["listings/demo/lab/output/hello.txt"]
    );
    assert_eq!(wrong(&record(&house, true)), "");

    write(root, "listings/demo/lab/examples/hello.rs", HELLO);
    let said = wrong(&record(&house, true));
    assert!(said.contains("one file is enough"), "{said}");
}

#[test]
fn programs_that_fail_keep_what_the_compiler_or_the_panic_says() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    listing(
        root,
        "refused",
        "class = \"fails\"\ncode = \"E0308\"",
        "fn main() {\n    let _: u8 = \"a\";\n}\n",
    );
    assert_eq!(wrong(&record(&house, false)), "");
    let text = read(root, "listings/demo/output/refused.txt");
    assert!(
        text.starts_with(
            "$ cargo book record --show demo/refused\nerror[E0308]: mismatched types\n"
        ),
        "{text}"
    );
    assert!(
        text.contains("--> listings/demo/fails/refused.rs:2:17"),
        "{text}"
    );
    assert_eq!(wrong(&record(&house, true)), "");

    std::fs::remove_dir_all(root.join("listings/demo/output")).expect("removed");
    listing(
        root,
        "panics",
        "class = \"fails\"\npanics = true",
        "fn main() {\n    println!(\"so far\");\n    panic!(\"no further\");\n}\n",
    );
    assert_eq!(wrong(&record(&house, false)), "");
    assert_eq!(
        read(root, "listings/demo/output/panics.txt"),
        "$ cargo run -p demo --example panics\nso far\nthread 'main' panicked at listings/demo/examples/panics.rs:3:5:\nno further\n"
    );
    assert_eq!(wrong(&record(&house, true)), "");
}

#[test]
fn a_measurement_is_run_only_when_asked() {
    let (folder, house) = house();
    let root = folder.path();
    listings(root);
    listing(
        root,
        "turn",
        "class = \"measure\"",
        "fn main() {\n    println!(\"a turn {} ns\", std::process::id());\n}\n",
    );
    let measure = |check| {
        let options = Options {
            check,
            measure: true,
            ..Options::default()
        };
        record::record(&house, &options).expect("it can begin")
    };
    assert_eq!(wrong(&measure(false)), "");
    let text = read(root, "listings/demo/output/turn.txt");
    assert!(
        text.starts_with("$ cargo run --release -p demo --example turn\n"),
        "{text}"
    );
    assert!(
        text.lines()
            .last()
            .is_some_and(|line| line.starts_with("Measured on ")),
        "{text}"
    );
    assert_eq!(
        wrong(&record(&house, true)),
        "",
        "not run, and its file has the shape"
    );
    assert_eq!(
        wrong(&measure(true)),
        "",
        "run, and only the shape is compared"
    );
    write(
        root,
        "listings/demo/output/turn.txt",
        "$ cargo run --release -p demo --example turn\na turn 3 ns\n",
    );
    let said = wrong(&record(&house, true));
    assert!(said.contains("does not name the machine"), "{said}");
}
