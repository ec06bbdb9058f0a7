//! Finds our directives in a page: `{{#name argument option …}}`, outside code.
use crate::{finding::Finding, problem::nearest};
use std::path::Path;

/// The directives that stand on a line of their own.
const BLOCK: [&str; 9] = [
    "predict",
    "listing",
    "source",
    "step",
    "exercise",
    "figure",
    "files",
    "minutes",
    "timetable",
];
/// The directives that may stand inside a sentence.
const INLINE: [&str; 3] = ["ref", "count", "archive"];
/// mdBook's own, which we leave alone.
const OTHERS: [&str; 4] = ["include", "rustdoc_include", "playground", "title"];

/// One use of a directive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Directive {
    /// Its line, counted from 1.
    pub(crate) line: usize,
    pub(crate) name: String,
    /// What it is about: `reactor/timers:fire`.
    pub(crate) argument: String,
    pub(crate) options: Vec<String>,
}

impl Directive {
    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.iter().any(|known| known == option)
    }

    /// Returns the argument of a directive that takes `chapter/name` and no option. `example` is
    /// one that would do.
    pub(crate) fn chapter_and_name(
        &self,
        file: &Path,
        example: &str,
    ) -> Result<(&str, &str), Finding> {
        let problem = |what: String| Finding::new(file, self.line, what);
        let Some(parts) = self.argument.split_once('/') else {
            return Err(problem(format!(
                "`{}` is not chapter/name, for instance `{example}`",
                self.argument
            )));
        };
        match self.options.first() {
            Some(option) => Err(problem(format!(
                "unknown option `{option}`; `{}` takes none",
                self.name
            ))),
            None => Ok(parts),
        }
    }
}

/// A piece of a page, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A line of text, without its end.
    Text(&'a str),
    /// A line that is a directive.
    Block(Directive),
    /// A line of text with directives inside.
    Inline(&'a str, Vec<(std::ops::Range<usize>, Directive)>),
}

/// Takes a page apart. `skip` lines at its head are front matter and come back as empty text.
pub(crate) fn pieces<'a>(
    file: &Path,
    text: &'a str,
    skip: usize,
    problems: &mut Vec<Finding>,
) -> Vec<Piece<'a>> {
    let mut fence: Option<(char, usize)> = None;
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if at < skip {
            found.push(Piece::Text(""));
            continue;
        }
        let opening = line.trim_start().trim_start_matches("> ");
        let sign = opening.chars().next().unwrap_or(' ');
        let length = opening.chars().take_while(|c| *c == sign).count();
        if matches!(sign, '`' | '~') && length >= 3 {
            match fence {
                None => fence = Some((sign, length)),
                Some((open, least)) => {
                    if open == sign && length >= least && opening[length..].trim().is_empty() {
                        fence = None;
                    }
                }
            }
            found.push(Piece::Text(line));
            continue;
        }
        if fence.is_some() || !line.contains("{{#") {
            found.push(Piece::Text(line));
            continue;
        }
        found.push(one(file, line, at + 1, problems));
    }
    found
}

fn one<'a>(file: &Path, line: &'a str, number: usize, problems: &mut Vec<Finding>) -> Piece<'a> {
    let mut inline = Vec::new();
    let mut from = 0;
    while let Some(start) = line[from..].find("{{#").map(|at| at + from) {
        let in_code = line[..start].matches('`').count() % 2 == 1;
        let Some(end) = line[start..].find("}}").map(|at| at + start + 2) else {
            problems.push(Finding::new(
                file,
                number,
                "this directive has no end: close it with `}}`",
            ));
            break;
        };
        from = end;
        if in_code || line[..start].ends_with('\\') {
            continue;
        }
        let mut words = line[start + 3..end - 2].split_whitespace();
        let name = words.next().unwrap_or_default();
        if OTHERS.contains(&name) {
            continue;
        }
        let argument = words.next().unwrap_or_default().to_owned();
        let directive = Directive {
            line: number,
            name: name.to_owned(),
            argument,
            options: words.map(str::to_owned).collect(),
        };
        if INLINE.contains(&name) {
            inline.push((start..end, directive));
        } else if !BLOCK.contains(&name) {
            let hint = nearest(name, BLOCK.into_iter().chain(INLINE)).map_or_else(
                || format!("known are {}, {}", BLOCK.join(", "), INLINE.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            problems.push(Finding::new(
                file,
                number,
                format!("unknown directive `{name}`; {hint}"),
            ));
        } else if start != 0 || line[end..].trim() != "" {
            problems.push(Finding::new(
                file,
                number,
                format!("`{{{{#{name} …}}}}` must stand alone on its line, not indented"),
            ));
        } else {
            return Piece::Block(directive);
        }
    }
    if inline.is_empty() {
        Piece::Text(line)
    } else {
        Piece::Inline(line, inline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Vec<Piece<'_>>, Vec<String>) {
        let mut problems = Vec::new();
        let found = pieces(Path::new("p.md"), text, 0, &mut problems);
        let problems = problems.iter().map(ToString::to_string).collect();
        (found, problems)
    }

    #[test]
    fn a_directive_has_a_name_an_argument_and_options() {
        let (found, problems) = parse("a\n{{#listing reactor/timers:fire nooutput notwin}}\n");
        assert!(problems.is_empty());
        assert_eq!(found[0], Piece::Text("a"));
        let Piece::Block(directive) = &found[1] else {
            panic!("{found:?}")
        };
        assert_eq!(directive.line, 2);
        assert_eq!(directive.name, "listing");
        assert_eq!(directive.argument, "reactor/timers:fire");
        assert!(directive.has("notwin") && directive.has("nooutput"));
    }

    #[test]
    fn a_reference_stands_inside_a_sentence() {
        let (found, problems) = parse("See {{#ref reactor/simplest}} and go on.");
        assert!(problems.is_empty());
        let Piece::Inline(line, inner) = &found[0] else {
            panic!("{found:?}")
        };
        assert_eq!(&line[inner[0].0.clone()], "{{#ref reactor/simplest}}");
    }

    #[test]
    fn code_and_escapes_are_left_alone() {
        let text = "```text\n{{#listing x}}\n```\nwrite `{{#listing x}}` or \\{{#listing x}}\n{{#include x.md}}\n";
        let (found, problems) = parse(text);
        assert!(problems.is_empty(), "{problems:?}");
        assert!(found.iter().all(|piece| matches!(piece, Piece::Text(_))));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let (_, problems) = parse("x\n{{#listng reactor/simplest}}\n");
        assert_eq!(
            problems,
            ["p.md:2: unknown directive `listng`; did you mean `listing`?"]
        );
        let (_, problems) = parse("see {{#listing reactor/simplest}}\n");
        assert!(problems[0].contains("must stand alone"), "{problems:?}");
        let (_, problems) = parse("{{#listing reactor/simplest\n");
        assert!(problems[0].contains("no end"), "{problems:?}");
    }

    #[test]
    fn front_matter_keeps_its_lines_and_loses_its_text() {
        let mut problems = Vec::new();
        let found = pieces(
            Path::new("p.md"),
            "---\nminutes: 1\n---\n# T",
            3,
            &mut problems,
        );
        assert_eq!(
            found[..3],
            [Piece::Text(""), Piece::Text(""), Piece::Text("")]
        );
        assert_eq!(found[3], Piece::Text("# T"));
    }
}
