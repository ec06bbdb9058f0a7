//! Says in words where a piece of a step belongs: "In `Handle`, after `call_soon`".
use super::{Part, Piece};
use regex::Regex;
use std::sync::LazyLock;

/// The beginning of an item: its kind and its name.
static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:pub(?:\([a-z]+\))? )?(fn|struct|enum|trait|type|const|static|mod) (\w+)")
        .expect("it is fixed")
});
static IMPL: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^impl(?:<[^{]*?>)? (.+?) ?(?:where|\{|$)").expect("it is fixed"));
static FIELD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^(?:pub )?(\w+): [^=]*,$").expect("it is fixed"));

/// Returns how far a line is indented.
pub fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// Returns where a piece of a step belongs, in Markdown, as the beginning of a sentence without its
/// end.
pub fn place(part: &Part, step: usize, piece: &Piece) -> String {
    let state = &part.states[step - 1];
    let old = part.before(step);
    let gone: Vec<&str> = piece
        .gone
        .iter()
        .cloned()
        .flatten()
        .map(|at| old[at].trim())
        .filter(|l| !l.is_empty())
        .collect();
    let imports = state
        .lines
        .get(piece.spans.first().map_or(usize::MAX, |span| span.start));
    if step > 1
        && (gone.iter().all(|line| line.starts_with("use ")) && !gone.is_empty()
            || imports.is_some_and(|line| line.starts_with("use ")))
    {
        return match gone.as_slice() {
            [] => "At the top".to_owned(),
            [one] => format!("At the top, in place of `{one}`"),
            [first, rest @ ..] => {
                let middle: String = rest[..rest.len() - 1]
                    .iter()
                    .map(|line| format!(", `{line}`"))
                    .collect();
                format!(
                    "At the top, in place of `{first}`{middle} and `{}`",
                    rest[rest.len() - 1]
                )
            }
        };
    }
    let Some(first) = piece
        .spans
        .iter()
        .cloned()
        .flatten()
        .find(|&at| !state.lines[at].trim().is_empty())
    else {
        let inside = piece
            .gone
            .first()
            .and_then(|gone| enclosing(old, gone.start));
        return format!(
            "{}take out {}",
            inside.map_or(String::new(), |(_, name)| format!("In `{name}`, ")),
            these(&gone)
        );
    };
    let lines = &state.lines;
    let Some(above) = (0..first).rev().find(|&at| !lines[at].trim().is_empty()) else {
        return "A new file".to_owned();
    };
    let inside = enclosing(lines, first);
    let place = match &inside {
        _ if !gone.is_empty() => format!("in place of {}", these(&gone)),
        Some((header, _)) if *header == above => "first".to_owned(),
        // A block that is no item has no name: it is called by its first line.
        _ if lines[above].ends_with('{') => format!("first in `{}`", named(lines, above)),
        _ if lines[above].trim() == "}" && !is_item(lines, above) => {
            format!("after the end of `{}`", named(lines, above))
        }
        _ => format!("after `{}`", named(lines, above)),
    };
    match inside {
        Some((_, name)) => format!("In `{name}`, {place}"),
        None => place
            .replacen("after", "After", 1)
            .replacen("in place", "In place", 1),
    }
}

/// `a` and the two lines below it.
fn these(gone: &[&str]) -> String {
    let first = gone.first().copied().unwrap_or_default();
    match gone.len() {
        0 | 1 => format!("`{first}`"),
        2 => format!("`{first}` and the line below it"),
        n => format!("`{first}` and the {} lines below it", n - 1),
    }
}

/// Returns the innermost item around a line: the last line of its head, and its name.
fn enclosing(lines: &[String], at: usize) -> Option<(usize, String)> {
    let mut depth = indent(&lines[at]);
    let mut method: Option<(usize, String)> = None;
    for line in (0..at).rev() {
        let text = &lines[line];
        if text.trim().is_empty() || indent(text) >= depth {
            continue;
        }
        depth = indent(text);
        let head = head(lines, line);
        let trimmed = lines[head].trim();
        if let Some(found) = IMPL.captures(trimmed) {
            let owner = found[1].trim().to_owned();
            return Some(match method {
                Some((line, name)) if !owner.contains(" for ") => {
                    (line, format!("{}::{name}", bare(&owner)))
                }
                Some((line, name)) => (line, format!("{name}` of `impl {owner}")),
                None => (line, format!("impl {owner}")),
            });
        }
        if let Some(found) = ITEM.captures(trimmed) {
            match &found[1] {
                "fn" => method = method.or(Some((line, found[2].to_owned()))),
                kind => return Some((line, format!("{kind} {}", &found[2]))),
            }
        }
    }
    method
}

/// `Deferred` of `Deferred<T>`.
fn bare(name: &str) -> &str {
    name.split('<').next().unwrap_or(name)
}

/// Returns the first line of what has this line at its own level: of `) -> X {` and of `}` the line
/// that begins it.
fn head(lines: &[String], at: usize) -> usize {
    let closes = |line: &str| {
        ["}", ")", "]", "{", "where"]
            .iter()
            .any(|sign| line.trim_start().starts_with(sign))
    };
    if !closes(&lines[at]) {
        return at;
    }
    let level = indent(&lines[at]);
    let above = |line: &usize| {
        !lines[*line].trim().is_empty() && indent(&lines[*line]) == level && !closes(&lines[*line])
    };
    (0..at).rev().find(above).unwrap_or(at)
}

fn is_item(lines: &[String], at: usize) -> bool {
    let text = lines[head(lines, at)].trim();
    ITEM.is_match(text) || IMPL.is_match(text)
}

/// Returns what a reader would call the thing that ends in this line.
fn named(lines: &[String], at: usize) -> String {
    let text = lines[head(lines, at)].trim();
    if let Some(found) = ITEM.captures(text) {
        return match &found[1] {
            "fn" => found[2].to_owned(),
            kind => format!("{kind} {}", &found[2]),
        };
    }
    if let Some(found) = IMPL.captures(text) {
        return format!("impl {}", found[1].trim());
    }
    // In a literal of a struct the name alone would be that of a variable.
    let in_a_type = |name: &str| name.starts_with("struct ") || name.starts_with("enum ");
    if let Some(found) = FIELD.captures(text)
        && enclosing(lines, at).is_some_and(|(_, name)| in_a_type(&name))
    {
        return found[1].to_owned();
    }
    text.trim_end_matches(" {").to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{State, pieces};
    use super::*;

    fn places(old: &str, new: &str) -> Vec<String> {
        let states = [old, new].map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
        let [one, two] = states;
        let found = pieces(&one, &two);
        let state = |lines: Vec<String>, pieces| State {
            file: "x.rs".into(),
            lines,
            pieces,
        };
        let part = Part {
            package: "p".into(),
            name: "x".into(),
            states: vec![state(one, Vec::new()), state(two, found.clone())],
        };
        found.iter().map(|piece| place(&part, 2, piece)).collect()
    }

    #[test]
    fn a_place_is_named_by_what_stands_around_it() {
        let old = "use a;\n\nstruct A {\n    x: u8,\n}\n\nimpl A {\n    fn new() -> A {\n        let x = 1;\n        A { x }\n    }\n}\n\nimpl B for A {\n    fn go() {\n        for x in y {\n            z();\n        }\n    }\n}\n";
        let says = |new: &str| places(old, new);
        assert_eq!(
            says(&old.replace("x: u8,\n", "x: u8,\n    y: u8,\n")),
            ["In `struct A`, after `x`"]
        );
        assert_eq!(
            says(&old.replace("    let x = 1;\n", "    let x = 1;\n        w();\n")),
            ["In `A::new`, after `let x = 1;`"]
        );
        assert_eq!(
            says(&old.replace(
                "        A { x }\n    }\n",
                "        A { x }\n    }\n\n    fn two() {}\n"
            )),
            ["In `impl A`, after `new`"]
        );
        assert_eq!(
            says(&old.replace("    fn go() {\n", "    fn go() {\n        begin();\n")),
            ["In `go` of `impl B for A`, first"]
        );
        assert_eq!(
            says(&old.replace(
                "        }\n    }\n}\n",
                "        }\n        end();\n    }\n}\n"
            )),
            ["In `go` of `impl B for A`, after the end of `for x in y`"]
        );
        let first = old.replace("            z();", "            w();\n            z();");
        assert_eq!(
            says(&first),
            ["In `go` of `impl B for A`, first in `for x in y`"]
        );
        let literal = old.replace("A { x }", "A {\n            x: 1,\n        }");
        let longer = literal.replace("x: 1,\n", "x: 1,\n            y: 2,\n");
        assert_eq!(places(&literal, &longer), ["In `A::new`, after `x: 1,`"]);
        assert_eq!(
            says(&old.replace("impl A {\n", "struct C;\n\nimpl A {\n")),
            ["After `struct A`"]
        );
        assert_eq!(
            says(&old.replace("        let x = 1;\n", "        let x = 2;\n")),
            ["In `A::new`, in place of `let x = 1;`"]
        );
        assert_eq!(
            says(&old.replace("use a;\n", "use a::b;\nuse c;\n")),
            ["At the top, in place of `use a;`"]
        );
        assert_eq!(
            says(&old.replace("            z();\n", "")),
            ["In `go` of `impl B for A`, take out `z();`"]
        );
    }
}
