//! Lints the fenced blocks of a page: languages, attributes, what stands in them.
use crate::{
    expand::{Block, Page, blocks, slashed},
    finding::Findings,
    problem::nearest,
};

/// The languages that a fence may name.
const LANGUAGES: [&str; 7] = [
    "rust", "console", "text", "toml", "python", "json", "mermaid",
];

/// The words that may follow `rust`.
const WORDS: [&str; 3] = ["no_run", "should_panic", "compile_fail"];

/// How a block of Rust is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Compiled and run.
    Run,
    /// Compiled.
    Compile,
    /// Compiled and run, and must panic.
    Panic,
    /// Refused by the compiler, with this code in the attributes.
    Refuse,
}

/// How a block is tested; nothing for other languages.
pub fn how(block: &Block) -> Option<How> {
    if block.language != "rust" {
        return None;
    }
    Some(if block.has("compile_fail") {
        How::Refuse
    } else if block.has("should_panic") {
        How::Panic
    } else if block.has("no_run") {
        How::Compile
    } else {
        How::Run
    })
}

/// The error code that a block names: `E0277`.
pub fn code(block: &Block) -> Option<&str> {
    block
        .attributes
        .iter()
        .map(String::as_str)
        .find(|word| is_code(word))
}

fn is_code(word: &str) -> bool {
    word.strip_prefix('E')
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
}

/// Looks at every block and at every line that includes a file.
pub fn lint(page: &Page, found: &mut Findings) {
    let file = slashed(&page.file);
    for block in &page.blocks {
        one(&file, block, found);
    }
    includes(&file, &page.source, found);
}

/// The same for a text that is no page, such as the task of an exercise.
pub fn lint_text(file: &str, text: &str, found: &mut Findings) {
    for block in blocks(text) {
        one(file, &block, found);
    }
}

fn one(file: &str, block: &Block, found: &mut Findings) {
    let mut wrong = |line: usize, what: String, mend: String| found.add(file, line, what, mend);
    language(block, &mut wrong);
    match block.language.as_str() {
        "console" => console(block, &mut wrong),
        "rust" => {
            attributes(block, &mut wrong);
            codes(block, &mut wrong);
            program(block, &mut wrong);
        }
        _ => {}
    }
}

/// Where a fault is told: its line, what it is, and what to do.
type Wrong<'a> = dyn FnMut(usize, String, String) + 'a;

fn language(block: &Block, wrong: &mut Wrong<'_>) {
    if LANGUAGES.contains(&block.language.as_str()) {
        return;
    }
    let what = match block.language.as_str() {
        "" => "this block does not say what it is".to_owned(),
        other => format!("the language `{other}` is not known"),
    };
    let offer = match nearest(&block.language, LANGUAGES) {
        Some(near) => format!("did you mean `{near}`? Known are: {}", LANGUAGES.join(", ")),
        None => format!("write one of: {}", LANGUAGES.join(", ")),
    };
    wrong(block.line, what, offer);
}

fn console(block: &Block, wrong: &mut Wrong<'_>) {
    let first = block.code.lines().find(|line| !line.trim().is_empty());
    if !first.is_some_and(|line| line.starts_with("$ ")) {
        wrong(
            block.line,
            "this console block does not begin with a command".into(),
            "begin it with `$ ` and the command; use `text` for output alone".into(),
        );
    }
}

fn attributes(block: &Block, wrong: &mut Wrong<'_>) {
    for word in &block.attributes {
        if word == "ignore" || word.starts_with("ignore-") {
            wrong(
                block.line,
                "`ignore` hides a block from every test".into(),
                "make it compile; `no_run` compiles it and does not run it; `text` is for sketches"
                    .into(),
            );
        } else if !WORDS.contains(&word.as_str()) && !is_code(word) {
            let offer = nearest(word, WORDS)
                .map(|near| format!("did you mean `{near}`? "))
                .unwrap_or_default();
            let known = WORDS.join(", ");
            wrong(
                block.line,
                format!("the attribute `{word}` is not known"),
                format!("{offer}Known are: {known}, and with compile_fail a code"),
            );
        }
    }
}

/// A block that is refused names the error, and no other does.
fn codes(block: &Block, wrong: &mut Wrong<'_>) {
    match (block.has("compile_fail"), code(block)) {
        (true, None) => wrong(
            block.line,
            "`compile_fail` names no error code, so any error would do".into(),
            "write the code, as in rust,compile_fail,E0277".into(),
        ),
        (false, Some(code)) => wrong(
            block.line,
            format!("{code} stands here without `compile_fail`"),
            "add compile_fail, or remove the code".into(),
        ),
        _ => {}
    }
}

/// A block is a whole program, and runs to its end.
fn program(block: &Block, wrong: &mut Wrong<'_>) {
    if !block.has("compile_fail") && !block.code.contains("fn main()") {
        wrong(
            block.line,
            "this block has no `fn main()`, so it does not stand alone".into(),
            "make it a whole program (hide lines with `# `), or show a listing".into(),
        );
    }
    for (at, text) in block.code.lines().enumerate() {
        if text.contains("process::exit") {
            wrong(
                block.line + 1 + at,
                "`process::exit` ends a test before its assertions, and it passes".into(),
                "return from main instead".into(),
            );
        }
    }
}

/// Files are shown by our directives alone, and by anchors alone.
fn includes(file: &str, source: &str, found: &mut Findings) {
    for (at, line) in source.lines().enumerate() {
        for (start, _) in line.match_indices("{{#") {
            if line[..start].ends_with('\\') || line[..start].matches('`').count() % 2 == 1 {
                continue;
            }
            let inner = line[start + 3..].split("}}").next().unwrap_or_default();
            let mut words = inner.split_whitespace();
            let (name, argument) = (
                words.next().unwrap_or_default(),
                words.next().unwrap_or_default(),
            );
            if ["include", "rustdoc_include", "playground"].contains(&name) {
                found.add(
                    file,
                    at + 1,
                    format!("`{{{{#{name}}}}}` shows code that no test knows of"),
                    "use {{#listing package/name}} or {{#source package/file.rs:anchor}}",
                );
            }
            if let Some((_, anchor)) = argument.split_once(':')
                && ["listing", "source", "include"].contains(&name)
                && anchor.starts_with(|c: char| c.is_ascii_digit() || c == ':')
            {
                found.add(
                    file,
                    at + 1,
                    format!("`{argument}` shows lines by number, and numbers move"),
                    "put `// ANCHOR: name` and `// ANCHOR_END: name` around them, and name it",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(fence: &str, code: &str) -> String {
        let mut found = Findings::default();
        lint_text(
            "p.md",
            &format!("# T\n\n```{fence}\n{code}\n```\n"),
            &mut found,
        );
        found.sorted().iter().map(|f| format!("{f}\n")).collect()
    }

    const MAIN: &str = "fn main() {}";

    #[test]
    fn good_blocks_pass() {
        for (fence, code) in [
            ("rust", MAIN),
            ("rust,no_run", MAIN),
            ("rust,should_panic", MAIN),
            ("rust,compile_fail,E0277", "let x;"),
            ("console", "$ ls\na"),
            ("text", "anything"),
        ] {
            assert_eq!(said(fence, code), "", "{fence}");
        }
    }

    #[test]
    fn each_bad_fence_is_found_with_its_line() {
        for (fence, code, says) in [
            ("", "x", "p.md:3: this block does not say what it is"),
            ("rst", "x", "did you mean `rust`?"),
            ("rust,ignore", MAIN, "`ignore` hides a block"),
            ("rust,norun", MAIN, "did you mean `no_run`?"),
            ("rust,compile_fail", MAIN, "names no error code"),
            ("rust,E0277", MAIN, "without `compile_fail`"),
            ("rust", "let x = 1;", "has no `fn main()`"),
            (
                "rust",
                "fn main() {\n    std::process::exit(0)\n}",
                "p.md:5: `process::exit`",
            ),
            ("console", "ls", "does not begin with a command"),
        ] {
            let said = said(fence, code);
            assert!(said.contains(says), "{fence}: {said}");
        }
    }

    #[test]
    fn includes_and_line_numbers_are_found() {
        let mut found = Findings::default();
        let text = "a\n{{#include a.rs}}\n`{{#include b.rs}}`\n{{#listing a/b:3:9}}\n{{#listing a/b:three}}\n";
        includes("p.md", text, &mut found);
        let lines: Vec<_> = found.sorted().iter().map(|f| f.line).collect();
        assert_eq!(lines, [2, 4]);
    }
}
