//! What `cargo book new` begins is complete after its own instructions, and a chapter that is only
//! half there is found.
use book::fixture::Fixture;
use std::process::Command;

/// Runs the tool in a book; its outputs together, and whether it went well.
fn book(fixture: &Fixture, words: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_book"))
        .args(words)
        .current_dir(&fixture.house.root)
        .output()
        .expect("it starts");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

fn well(fixture: &Fixture, words: &[&str]) -> String {
    let (ok, text) = book(fixture, words);
    assert!(ok, "{words:?}: {text}");
    text
}

/// Returns a book whose workspace can be compiled, without anything from elsewhere.
fn workspace() -> Fixture {
    let fixture = Fixture::new();
    fixture.draw();
    fixture.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"listings/*\", \"listings/*/lab\"]\nexclude = [\"exercises\", \"target\"]\n\n\
         [workspace.package]\nversion = \"0.1.0\"\nedition = \"2024\"\nrust-version = \"1.88\"\nlicense = \"MIT\"\npublish = false\n\n\
         [workspace.dependencies]\n# The chapters, by name.\nreactor = { path = \"listings/reactor\" }\n\
         untwisted = { path = \"listings/untwisted\" }\n# The floor.\ntokio = { path = \"stub\" }\n\n\
         [workspace.lints.rust]\nunsafe_code = \"forbid\"\n",
    );
    let package = |folder: &str, name: &str, more: &str| {
        let text = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{more}"
        );
        fixture.write(&format!("{folder}/Cargo.toml"), &text);
        fixture.write(&format!("{folder}/src/lib.rs"), "//! Nothing.\n");
    };
    package("stub", "tokio", "");
    package("listings/reactor", "reactor", "");
    package("listings/reactor/lab", "reactor-lab", "");
    let none = "[package.metadata.book]\nchapter = false\n\n[features]\n\n[dependencies]\n";
    package("listings/untwisted", "untwisted", none);
    fixture.write(
        "exercises/Cargo.toml",
        "[workspace]\nresolver = \"3\"\nmembers = [\"*/*\"]\nexclude = [\"target\"]\n",
    );
    fixture.write(
        "src/introduction/promises.md",
        "---\nminutes: 5\nlevel: core\ngoals: [see]\n---\n\n# Promises\n\n| chapter | holds | state |\n|---|---|---|\n\
         | Reactor | a loop | written |\n| Introduction | words | written |\n| The web | pages | planned |\n",
    );
    let front =
        "---\nminutes: 5\nlevel: core\ngoals: [see]\n---\n\n# Introduction\n\n{{#minutes}}\n";
    fixture.write("src/introduction/index.md", front);
    let summary = fixture.read("src/SUMMARY.md")
        + "- [Introduction](introduction/index.md)\n  - [Promises](introduction/promises.md)\n";
    fixture.write("src/SUMMARY.md", &summary);
    well(&fixture, &["tidy"]);
    well(&fixture, &["check", "--lint"]);
    fixture
}

#[test]
fn a_new_chapter_is_complete_after_its_own_instructions() {
    let fixture = workspace();
    let said = well(&fixture, &["new", "chapter", "web", "--title", "The web"]);
    assert!(said.contains("cargo book check --lint"), "{said}");
    well(&fixture, &["check", "--lint"]);
    assert!(
        fixture
            .read("src/introduction/promises.md")
            .contains("| The web | pages | begun |")
    );
    assert!(
        fixture
            .read("listings/untwisted/Cargo.toml")
            .contains("web = [\"dep:web\", \"reactor\"]")
    );
    assert!(
        fixture
            .read("Cargo.toml")
            .contains("web = { path = \"listings/web\" }\n# The floor.")
    );

    well(&fixture, &["new", "page", "web/one-page"]);
    well(&fixture, &["check", "--lint"]);
    // A listing needs our reactor for its simulated world; this one has none, so it is a plain
    // program.
    let manifest = fixture.read("listings/web/Cargo.toml");
    fixture.write(
        "listings/web/Cargo.toml",
        &manifest.replace("reactor.workspace = true\n", ""),
    );
    well(&fixture, &["tidy"]);
    well(&fixture, &["new", "listing", "web/hello"]);
    let (ok, said) = book(&fixture, &["check", "--lint"]);
    assert!(!ok && said.contains("no page shows [hello]"), "{said}");
    well(&fixture, &["record", "web/hello"]);
    well(&fixture, &["new", "exercise", "web/twice"]);
    well(&fixture, &["check", "--exercise", "twice"]);
    let page = fixture.read("src/web/one-page.md")
        + "\n{{#listing web/hello}}\n\n{{#exercise web/twice}}\n";
    fixture.write("src/web/one-page.md", &page);
    well(&fixture, &["check", "--lint"]);
    let said = well(
        &fixture,
        &["rename", "listing", "web/hello", "web/greeting"],
    );
    assert!(
        said.contains("moved listings/web/examples/hello.rs to listings/web/examples/greeting.rs"),
        "{said}"
    );
    well(
        &fixture,
        &["rename", "page", "web/one-page", "web/first-page"],
    );
    well(&fixture, &["check", "--lint"]);
    // The second time, nothing is written.
    let (ok, said) = book(&fixture, &["new", "chapter", "web"]);
    assert!(!ok && said.contains("src/web is there already"), "{said}");
    let (ok, said) = book(&fixture, &["new", "exercise", "wbe/more"]);
    assert!(!ok && said.contains("did you mean `web`?"), "{said}");
}

#[test]
fn a_chapter_that_is_half_there_is_found() {
    let begun = |change: &dyn Fn(&Fixture)| {
        let fixture = workspace();
        well(&fixture, &["new", "chapter", "web", "--title", "The web"]);
        change(&fixture);
        let (ok, said) = book(&fixture, &["check", "--lint"]);
        assert!(!ok, "{said}");
        said
    };
    let without = |fixture: &Fixture, file: &str, part: &str| {
        let text = fixture.read(file);
        assert!(text.contains(part), "{file} has no {part}");
        fixture.write(file, &text.replace(part, ""));
    };
    let said = begun(&|fixture| {
        without(
            fixture,
            "src/introduction/promises.md",
            "| The web | pages | begun |\n",
        )
    });
    assert!(
        said.contains("src/introduction/promises.md: the chapter “The web” has no row"),
        "{said}"
    );
    let said = begun(&|fixture| {
        let file = "src/introduction/promises.md";
        fixture.write(file, &fixture.read(file).replace("begun", "planned"));
    });
    assert!(
        said.contains("promises.md:13: the chapter “The web” is planned no longer"),
        "{said}"
    );
    let said = begun(&|fixture| {
        without(
            fixture,
            "listings/untwisted/Cargo.toml",
            "web = [\"dep:web\", \"reactor\"]\n",
        )
    });
    assert!(
        said.contains("listings/untwisted/Cargo.toml:") && said.contains("cargo book tidy"),
        "{said}"
    );
    let said =
        begun(&|fixture| without(fixture, "Cargo.toml", "web = { path = \"listings/web\" }\n"));
    assert!(
        said.contains("Cargo.toml:") && said.contains("cargo book tidy"),
        "{said}"
    );
    let said = begun(&|fixture| {
        without(fixture, "src/SUMMARY.md", "- [The web](web/index.md)\n");
        fixture.remove("src/web/index.md");
    });
    assert!(
        said.contains("listings/web/Cargo.toml: the chapter `web` has a crate and no text"),
        "{said}"
    );
    let said = begun(&|fixture| drop(fixture.write("exercises/wbe/a/exercise.toml", "")));
    assert!(
        said.contains("exercises/wbe: there is no chapter `wbe`"),
        "{said}"
    );
    // `reactor` comes before `web`, and must not stand on it.
    let said = begun(&|fixture| {
        let file = "listings/reactor/Cargo.toml";
        fixture.write(
            file,
            &(fixture.read(file) + "[dependencies]\nweb = { path = \"../web\" }\n"),
        );
    });
    assert!(
        said.contains(
            "listings/reactor/Cargo.toml: it is built on `web`, a crate of a later chapter"
        ),
        "{said}"
    );
}

/// Returns a book with a chapter `web` that has all that a chapter can have, and one that is built
/// on it.
fn two_chapters() -> Fixture {
    let fixture = workspace();
    let begin = |what: &str, name: &str| drop(well(&fixture, &["new", what, name]));
    let add = |file: &str, text: &str| drop(fixture.write(file, &(fixture.read(file) + text)));
    let replace = |file: &str, old: &str, new: &str| {
        let text = fixture.read(file);
        assert!(text.contains(old), "{file} has no {old}");
        fixture.write(file, &text.replace(old, new));
    };
    well(&fixture, &["new", "chapter", "web", "--title", "The web"]);
    well(&fixture, &["new", "chapter", "late", "--title", "Late"]);
    // The reactor of this book has no world for a listing to begin with.
    let reactor = "reactor.workspace = true\n";
    replace("listings/web/Cargo.toml", reactor, "");
    replace(
        "listings/late/Cargo.toml",
        reactor,
        "web.workspace = true\n",
    );
    for (what, name) in [
        ("page", "web/one-page"),
        ("page", "web/appendix/names"),
        ("listing", "web/hello"),
        ("listing", "late/later"),
        ("exercise", "web/twice"),
    ] {
        begin(what, name);
    }
    well(&fixture, &["tidy"]);
    fixture.write(
        "listings/web/src/lib.rs",
        "//! The web, in `listings/web`: [`web::kind`].\n\n/// Returns a word.\npub fn kind() -> &'static str {\n    \"web\"\n}\n",
    );
    fixture.write(
        "listings/late/examples/later.rs",
        "//! Later.\nuse web::kind;\n\nfn main() {\n    println!(\"{} {}\", kind(), web::kind());\n}\n",
    );
    well(&fixture, &["record", "web/hello", "late/later"]);
    add(
        "exercises/web/twice/solution/lib.rs",
        "\n/// Returns a word.\npub fn word() -> &'static str {\n    untwisted::web::kind()\n}\n",
    );
    add(
        "src/web/one-page.md",
        "\n{{#listing web/hello}}\n\n{{#exercise web/twice}}\n\n[Names](appendix/names.md) and [first](../web/index.md). \
         The web is wide; `web` is a word.\n",
    );
    add("src/web/appendix/names.md", "\n[Up](../one-page.md)\n");
    add(
        "src/late/index.md",
        "\n[The web](../web/one-page.md#one-page) has {{#count exercises web}}; `cargo run -p web --example hello`.\n\n\
         {{#listing late/later}}\n",
    );
    replace("src/late/index.md", "needs: []", "needs: [web]");
    add(
        "book.toml",
        "\n[output.html.redirect]\n\"/web/first.html\" = \"one-page.html\"\n\"/start/web.html\" = \"../web/index.html\"\n",
    );
    well(&fixture, &["check", "--lint"]);
    fixture
}

#[test]
fn a_renamed_chapter_is_whole_and_its_old_addresses_work() {
    let fixture = two_chapters();
    let said = well(&fixture, &["rename", "chapter", "web", "sites"]);
    // What only the author knows is told by its place.
    assert!(
        said.contains("src/sites/one-page.md:") && said.contains("`web` is a word"),
        "{said}"
    );
    well(&fixture, &["check", "--lint"]);
    well(&fixture, &["check", "--exercise", "twice"]);
    // They are compiled again, and print what they printed: the word in the crate is no name of it.
    well(
        &fixture,
        &["record", "--check", "sites/hello", "late/later"],
    );
    assert!(
        fixture
            .read("listings/late/examples/later.rs")
            .contains("kind(), sites::kind()")
    );
    well(&fixture, &["build"]);
    for (old, new) in [
        ("web/index.html", "../sites/index.html"),
        ("web/one-page.html", "../sites/one-page.html"),
        ("web/appendix/names.html", "../../sites/appendix/names.html"),
        ("web/first.html", "../sites/one-page.html"),
        ("start/web.html", "../sites/index.html"),
    ] {
        let page = fixture.read(&format!("target/site/{old}"));
        assert!(page.contains(new), "{old} does not lead to {new}: {page}");
        let there = fixture.house.root.join("target/site").join(old);
        let there = there.parent().expect("a folder").join(new);
        assert!(there.is_file(), "{} is no page", there.display());
    }
}
