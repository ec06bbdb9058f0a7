//! The part of a file that a page shows, between `// ANCHOR: name` and `// ANCHOR_END: name`.
use crate::{finding::Finding, problem::nearest};
use std::{collections::BTreeMap, path::Path};

/// One line of a file, without its marks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Its number in the file, marks counted: what a trace and a compiler call it.
    pub(crate) number: usize,
    pub(crate) text: &'a str,
    pub(crate) visible: bool,
}

enum Mark<'a> {
    Start(&'a str),
    End(&'a str),
}

/// Reads a mark, in a comment of any language.
fn mark(line: &str) -> Option<Mark<'_>> {
    let name = |rest: &'_ str| -> usize {
        rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(rest.len())
    };
    for (word, end) in [("ANCHOR_END:", true), ("ANCHOR:", false)] {
        if let Some(at) = line.find(word) {
            let rest = line[at + word.len()..].trim_start();
            let rest = &rest[..name(rest)];
            return (!rest.is_empty()).then_some(if end {
                Mark::End(rest)
            } else {
                Mark::Start(rest)
            });
        }
    }
    None
}

/// Returns the lines of a file, without the marks; visible are those of `anchor`, or all.
///
/// # Errors
/// When the anchor is unknown, or any anchor of the file has no beginning or no end. `page` is
/// where the anchor is asked for.
pub(crate) fn cut<'a>(
    file: &Path,
    text: &'a str,
    anchor: Option<&str>,
    page: (&Path, usize),
) -> Result<Vec<Line<'a>>, Finding> {
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    let mut known: Vec<&str> = Vec::new();
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        match mark(line) {
            Some(Mark::Start(name)) => {
                if open.insert(name, at + 1).is_some() {
                    return Err(Finding::new(
                        file,
                        at + 1,
                        format!("anchor `{name}` begins again before its end"),
                    ));
                }
                known.push(name);
            }
            Some(Mark::End(name)) => {
                if open.remove(name).is_none() {
                    return Err(Finding::new(
                        file,
                        at + 1,
                        format!("anchor `{name}` ends here and never began"),
                    ));
                }
            }
            None => lines.push(Line {
                number: at + 1,
                text: line,
                visible: anchor.is_none_or(|name| open.contains_key(name)),
            }),
        }
    }
    if let Some((name, at)) = open.first_key_value() {
        return Err(Finding::new(
            file,
            *at,
            format!("anchor `{name}` has no end: write `// ANCHOR_END: {name}` after it"),
        ));
    }
    if let Some(anchor) = anchor
        && !known.contains(&anchor)
    {
        known.sort_unstable();
        known.dedup();
        let hint = match (nearest(anchor, known.iter().copied()), known.is_empty()) {
            (_, true) => "it has none".to_owned(),
            (Some(near), _) => format!("did you mean `{near}`? It has: {}", known.join(", ")),
            (None, _) => format!("it has: {}", known.join(", ")),
        };
        return Err(Finding::new(
            page.0,
            page.1,
            format!("unknown anchor `{anchor}` in {}; {hint}", file.display()),
        ));
    }
    Ok(lines)
}

/// Returns whether a file has an anchor of this name.
pub(crate) fn has(text: &str, anchor: &str) -> bool {
    text.lines()
        .any(|line| matches!(mark(line), Some(Mark::Start(name)) if name == anchor))
}

/// Returns all lines of a file but its marks.
pub(crate) fn lines(text: &str) -> Vec<Line<'_>> {
    let numbered = text.lines().enumerate();
    numbered
        .filter(|(_, line)| mark(line).is_none())
        .map(|(at, text)| Line {
            number: at + 1,
            text,
            visible: true,
        })
        .collect()
}

/// Returns the text of lines.
pub(crate) fn joined(lines: &[Line<'_>]) -> String {
    lines.iter().flat_map(|line| [line.text, "\n"]).collect()
}

/// Returns a file without its marks.
pub(crate) fn unmarked(text: &str) -> String {
    text.lines()
        .filter(|line| mark(line).is_none())
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Returns a Rust code block's content: what is not visible is hidden as rustdoc and mdBook hide
/// it.
pub(crate) fn hide(lines: &[Line<'_>]) -> String {
    let mut out = String::new();
    for line in lines {
        if line.visible {
            let code = line.text.trim_start();
            let indent = &line.text[..line.text.len() - code.len()];
            out.push_str(indent);
            // A visible line that begins with a lone `#` would be taken for a hidden one.
            if code == "#" || code.starts_with("# ") || code.starts_with("##") {
                out.push('#');
            }
            out.push_str(code);
        } else if line.text.is_empty() {
            out.push('#');
        } else {
            out.push_str("# ");
            out.push_str(line.text);
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "use x;\n\n// ANCHOR: all\nfn main() {\n    // ANCHOR: one\n    one();\n    // ANCHOR_END: one\n}\n// ANCHOR_END: all\n";

    fn shown(anchor: Option<&str>) -> Result<String, Finding> {
        let lines = cut(
            Path::new("x.rs"),
            FILE,
            anchor,
            (Path::new("src/page.md"), 7),
        )?;
        Ok(hide(&lines))
    }

    #[test]
    fn a_whole_file_loses_only_its_marks() {
        assert_eq!(
            shown(None).unwrap(),
            "use x;\n\nfn main() {\n    one();\n}\n"
        );
    }

    #[test]
    fn the_rest_of_a_fragment_is_hidden_so_that_it_compiles() {
        assert_eq!(
            shown(Some("one")).unwrap(),
            "# use x;\n#\n# fn main() {\n    one();\n# }\n"
        );
        assert_eq!(
            shown(Some("all")).unwrap(),
            "# use x;\n#\nfn main() {\n    one();\n}\n"
        );
    }

    #[test]
    fn an_unknown_anchor_names_the_page_and_lists_the_known_ones() {
        let problem = shown(Some("zzzz")).unwrap_err();
        assert_eq!(
            problem.to_string(),
            "src/page.md:7: unknown anchor `zzzz` in x.rs; it has: all, one"
        );
        let problem = shown(Some("ones")).unwrap_err();
        assert!(problem.what.contains("did you mean `one`?"), "{problem}");
    }

    #[test]
    fn an_anchor_without_end_or_beginning_is_named_where_it_stands() {
        let at = |text: &str| {
            cut(Path::new("x.rs"), text, None, (Path::new("p.md"), 1))
                .unwrap_err()
                .to_string()
        };
        assert!(at("a\n// ANCHOR: x\n").starts_with("x.rs:2: anchor `x` has no end"));
        assert!(at("// ANCHOR_END: x\n").starts_with("x.rs:1: anchor `x` ends here"));
        assert!(at("// ANCHOR: x\n// ANCHOR: x\n").starts_with("x.rs:2: anchor `x` begins again"));
    }

    #[test]
    fn visible_lines_that_look_hidden_are_escaped() {
        let lines = [Line {
            number: 1,
            text: "  # not hidden",
            visible: true,
        }];
        assert_eq!(hide(&lines), "  ## not hidden\n");
        let lines = [Line {
            number: 1,
            text: "#[derive(Debug)]",
            visible: true,
        }];
        assert_eq!(hide(&lines), "#[derive(Debug)]\n");
    }
}
