//! The fenced blocks of a text, and the lines of each as they are read.
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};
use std::ops::Range;

/// Returns every fenced block: where it stands, its first line after the fence, and its code.
pub(super) fn fences(text: &str) -> Vec<(Range<usize>, String, String)> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM
        | Options::ENABLE_DEFINITION_LIST;
    let mut found: Vec<(Range<usize>, String, String)> = Vec::new();
    let mut inside = false;
    for (event, span) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                found.push((span, info.to_string(), String::new()));
                inside = true;
            }
            Event::Text(code) if inside => {
                if let Some(block) = found.last_mut() {
                    block.2.push_str(&code);
                }
            }
            _ => inside = false,
        }
    }
    found
}

/// Returns the lines of a block as they are read, and which are hidden.
pub(super) fn read(language: &str, code: &str) -> Vec<(String, bool)> {
    code.lines()
        .map(|line| match language {
            "rust" => hidden(line),
            _ => (line.to_owned(), false),
        })
        .collect()
}

/// A fragment and its whole file have the same lines, so they are coloured once.
pub(super) fn whole(lines: &[(String, bool)]) -> String {
    lines.iter().flat_map(|(line, _)| [line, "\n"]).collect()
}

/// Returns a line as it is read, and whether it is hidden.
fn hidden(line: &str) -> (String, bool) {
    let code = line.trim_start();
    let indent = &line[..line.len() - code.len()];
    match code.strip_prefix('#') {
        Some(rest) if rest.starts_with('#') => (format!("{indent}{rest}"), false),
        Some("") => (indent.to_owned(), true),
        Some(rest) if rest.starts_with(' ') => (format!("{indent}{}", &rest[1..]), true),
        _ => (line.to_owned(), false),
    }
}
