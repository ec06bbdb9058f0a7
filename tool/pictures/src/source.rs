//! What stands in the source where an event points to: the function of a stage, the name of a Deferred.
use crate::{Look, header::rewrite};
use serde_json::Value;
use std::collections::BTreeMap;
use trace::read::{Error, Site};

/// A call, as it is written.
#[derive(Debug, PartialEq, Eq)]
struct Call {
    /// The last part of its name: `add_callback`.
    name: String,
    arguments: Vec<String>,
}

/// The trace with each site in a crate's `src` named after the function that it is in, at line and column 0. So an edit of
/// a library makes no recording stale. `sources`: the text of each file, by the name that it has in the sites.
///
/// # Errors
/// When the header cannot be read.
///
/// ```
/// use std::collections::BTreeMap;
/// let text = r#"{"v":1,"clock":"virtual","sites":[["a/src/b.rs",2,5,""],["a/examples/c.rs",3,5,""]]}"#;
/// let sources = BTreeMap::from([("a/src/b.rs".to_owned(), "fn first_line() {\n    read()\n}\n".to_owned())]);
/// let settled = pictures::settled(text, &sources)?;
/// assert!(settled.contains(r#"[["a/src/b.rs",0,0,"first_line"],["a/examples/c.rs",3,5,""]]"#));
/// # Ok::<(), trace::read::Error>(())
/// ```
pub fn settled(text: &str, sources: &BTreeMap<String, String>) -> Result<String, Error> {
    rewrite(text, |mut header| {
        let sites = header.get_mut("sites").and_then(Value::as_array_mut);
        for value in sites.into_iter().flatten() {
            let Ok(mut site) = serde_json::from_value::<Site>(value.clone()) else {
                continue;
            };
            if site.in_library() {
                if site.3.is_empty()
                    && let Some((before, _)) = around(sources, &site)
                {
                    site.3 = function(before).unwrap_or_default();
                }
                *value = Value::from(vec![
                    Value::from(site.0),
                    0.into(),
                    0.into(),
                    Value::from(site.3),
                ]);
            }
        }
        header
    })
}

fn around<'a>(sources: &'a BTreeMap<String, String>, site: &Site) -> Option<(&'a str, &'a str)> {
    let text = sources.get(&site.0)?;
    let line = usize::try_from(site.1).ok()?.checked_sub(1)?;
    let start = match line {
        0 => 0,
        _ => text.match_indices('\n').nth(line - 1)?.0 + 1,
    };
    let column = usize::try_from(site.2).ok()?.checked_sub(1)?;
    let offset = text[start..].char_indices().nth(column)?.0;
    Some(text.split_at(start + offset))
}

/// What the Deferred made at a place is called: by the function that made it, or else by its variable.
pub(super) fn made(look: &Look, site: &Site) -> Option<String> {
    if site.in_library() && !site.3.is_empty() {
        return Some(site.3.clone());
    }
    let (before, after) = around(&look.sources, site)?;
    let ours = after.starts_with("Deferred::") || after.starts_with("deferreds::Deferred::");
    if !ours {
        return parse(after).map(|call| call.name);
    }
    variable(before)
}

/// `let (resolver, poem) = ` gives `poem`; `let poem = ` does, too.
fn variable(before: &str) -> Option<String> {
    let line = before.rsplit([';', '{', '}']).next()?.trim();
    let pattern = line.strip_prefix("let ")?.strip_suffix('=')?;
    let pattern = match pattern.split_once(')') {
        Some((tuple, _)) => tuple.trim_start_matches('(').split(',').nth(1)?,
        None => pattern.split(':').next()?,
    };
    let name = pattern
        .trim()
        .trim_start_matches("mut ")
        .trim_start_matches('_');
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    (plain && name.len() > 1).then(|| name.to_owned())
}

/// What the stage added at a place calls: one text, or two for `add_callbacks`; the name of what added it, if that is not
/// one of ours. In a library a stage is called after the function that adds it. Nothing, when the source is not there.
pub(super) fn stage(look: &Look, site: &Site) -> Vec<String> {
    if site.in_library() && !site.3.is_empty() {
        return vec![site.3.clone()];
    }
    let Some((before, after)) = around(&look.sources, site) else {
        return Vec::new();
    };
    let Some(Call { name, arguments }) = parse(after) else {
        return Vec::new();
    };
    let most = match name.as_str() {
        "add_callback" | "add_errback" | "add_both" => 1,
        "add_callbacks" => 2,
        _ => return vec![name],
    };
    match function(before).filter(|_| site.in_library()) {
        Some(function) => vec![function],
        None => arguments.into_iter().take(most).collect(),
    }
}

/// The name of the function that a place is in.
fn function(before: &str) -> Option<String> {
    let (_, after) = before.rsplit_once("fn ")?;
    let name: String = after
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}

fn parse(text: &str) -> Option<Call> {
    let open = text.find('(')?;
    let path = text[..open].trim();
    let path = path.split("::<").next()?;
    let name = path.rsplit("::").next()?.rsplit('.').next()?.trim();
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return None;
    }
    Some(Call {
        name: name.to_owned(),
        arguments: arguments(&text[open + 1..])?,
    })
}

/// The arguments up to the bracket that closes the call.
fn arguments(text: &str) -> Option<Vec<String>> {
    let (mut found, mut from) = (Vec::new(), 0);
    let (mut depth, mut angles) = (0_usize, 0_usize);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                while let Some((_, inner)) = chars.next() {
                    match inner {
                        '\\' => drop(chars.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            // A closure's head, whose commas part no arguments of the call.
            '|' if depth == 0 && tidy(&text[from..at]).is_empty() => {
                for (_, inner) in chars.by_ref() {
                    if inner == '|' {
                        break;
                    }
                }
            }
            '<' if angles > 0 || text[..at].ends_with("::") => angles += 1,
            '>' if angles > 0 && !text[..at].ends_with(['-', '=']) => angles -= 1,
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                let last = tidy(&text[from..at]);
                if !last.is_empty() {
                    found.push(last);
                }
                return Some(found);
            }
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 && angles == 0 => {
                found.push(tidy(&text[from..at]));
                from = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// On one line, without comments, `move` and paths that say nothing.
fn tidy(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split("// ").next().unwrap_or(line));
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    let text = words.join(" ");
    let text = text
        .strip_prefix("move ")
        .unwrap_or(if text == "move" { "" } else { &text });
    text.replace("trace::say!", "say!").replace(" .", ".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_a_name_and_its_arguments() {
        let call = parse(
            "add_callbacks(\n    move |a, b| f(a, \"),\"), // why\n    other::g,\n)\n.next()",
        )
        .unwrap();
        assert_eq!(call.name, "add_callbacks");
        assert_eq!(call.arguments, ["|a, b| f(a, \"),\")", "other::g"]);
        assert_eq!(
            parse("Deferred::<String>::new();").unwrap().arguments,
            [""; 0]
        );
        let call = parse("f(|f| Err::<(), Vec<u8>>(f), a < b, c)").unwrap();
        assert_eq!(call.arguments, ["|f| Err::<(), Vec<u8>>(f)", "a < b", "c"]);
        assert_eq!(parse("a + b"), None);
        assert_eq!(parse("f(a"), None);
    }

    #[test]
    fn a_stage_of_a_library_is_called_after_its_function() {
        let text = "//! A lock.\npub fn run(x: u8) {\n    d.add_both(|r| r)\n}\n";
        let look = |file: &str| Look {
            sources: [(file.to_owned(), text.to_owned())].into(),
            ..Look::default()
        };
        let at = |file: &str| stage(&look(file), &Site(file.to_owned(), 3, 7, String::new()));
        assert_eq!(at("listings/deferreds/src/lock.rs"), ["run"]);
        assert_eq!(at("listings/deferreds/examples/lock.rs"), ["|r| r"]);
    }

    #[test]
    fn a_variable_names_a_deferred() {
        for (text, name) in [
            ("x(); let (resolver, poem) = ", Some("poem")),
            ("{ let mut poem: Deferred<u8> = ", Some("poem")),
            ("let (_never, _late) = ", Some("late")),
            ("let (r, d) = ", None),
            ("foo(", None),
            ("let [a] = ", None),
        ] {
            assert_eq!(variable(text).as_deref(), name, "{text}");
        }
    }
}
