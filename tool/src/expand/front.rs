//! Front matter: what a page says of itself in its first lines.

/// What stands between the two `---` at the head of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Front {
    /// How long the page takes, in minutes.
    pub minutes: u32,
    /// `first steps`, `core` or `deeper`.
    pub level: String,
    /// What the reader can do afterwards.
    pub goals: Vec<String>,
    /// The chapters that come before it.
    pub needs: Vec<String>,
    /// The terms of the glossary that it introduces.
    pub terms: Vec<String>,
}

/// The levels that a page or an exercise may have.
pub const LEVELS: [&str; 3] = ["first steps", "core", "deeper"];

/// What is wrong, and in which line of the text.
pub(crate) type Wrong = (usize, String);

/// Reads front matter. Gives it, and the number of lines before the text proper; none when the
/// text begins otherwise. A comment may stand before it.
pub(crate) fn parse(text: &str) -> Result<Option<(Front, usize)>, Wrong> {
    let lines: Vec<&str> = text.lines().collect();
    let Some(start) = opening(&lines) else {
        return Ok(None);
    };
    let Some(length) = lines[start + 1..]
        .iter()
        .position(|line| line.trim_end() == "---")
    else {
        return Err((
            start + 1,
            "the front matter has no end: close it with a line `---`".into(),
        ));
    };
    let end = start + 1 + length;
    let mut front = Front::default();
    let mut list: Option<&str> = None;
    let mut seen = Vec::new();
    for (at, line) in lines.iter().enumerate().take(end).skip(start + 1) {
        let number = at + 1;
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if let Some(item) = trimmed.strip_prefix("- ") {
            let Some(key) = list else {
                return Err((number, "this item belongs to no list".into()));
            };
            field(&mut front, key).push(unquote(item));
            continue;
        }
        let Some((key, value)) = trimmed.split_once(':') else {
            return Err((number, format!("`{trimmed}` is not `key: value`")));
        };
        let value = value.trim();
        if seen.contains(&key) {
            return Err((number, format!("`{key}` stands here twice")));
        }
        seen.push(key);
        list = None;
        match key {
            "minutes" => match value.parse() {
                Ok(minutes @ 1..=180) => front.minutes = minutes,
                _ => {
                    return Err((
                        number,
                        format!("`minutes` is a number from 1 to 180, not `{value}`"),
                    ));
                }
            },
            "level" => {
                let value = unquote(value);
                if !LEVELS.contains(&value.as_str()) {
                    return Err((
                        number,
                        format!("level `{value}` is none of: {}", LEVELS.join(", ")),
                    ));
                }
                front.level = value;
            }
            "goals" | "needs" | "terms" => {
                if value.is_empty() {
                    list = Some(key);
                } else if let Some(inner) =
                    value.strip_prefix('[').and_then(|v| v.strip_suffix(']'))
                {
                    *field(&mut front, key) = inner
                        .split(',')
                        .map(unquote)
                        .filter(|item| !item.is_empty())
                        .collect();
                } else {
                    return Err((number, format!("`{key}` is a list: `{key}: [a, b]`")));
                }
            }
            _ => {
                return Err((
                    number,
                    format!("unknown key `{key}`; known are minutes, level, goals, needs, terms"),
                ));
            }
        }
    }
    for key in ["minutes", "level"] {
        if !seen.contains(&key) {
            return Err((
                start + 1,
                format!(
                    "the front matter lacks `{key}`, for instance `{}`",
                    example(key)
                ),
            ));
        }
    }
    Ok(Some((front, end + 1)))
}

fn example(key: &str) -> &'static str {
    match key {
        "minutes" => "minutes: 12",
        _ => "level: core",
    }
}

/// The line of the first `---`, if nothing but a comment and blank lines stand before it.
fn opening(lines: &[&str]) -> Option<usize> {
    let mut in_comment = false;
    for (at, line) in lines.iter().enumerate() {
        let line = line.trim();
        if in_comment || line.starts_with("<!--") {
            in_comment = !line.ends_with("-->");
        } else if line == "---" {
            return Some(at);
        } else if !line.is_empty() {
            return None;
        }
    }
    None
}

fn field<'a>(front: &'a mut Front, key: &str) -> &'a mut Vec<String> {
    match key {
        "goals" => &mut front.goals,
        "needs" => &mut front.needs,
        _ => &mut front.terms,
    }
}

fn unquote(value: &str) -> String {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = value
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote))
        {
            return inner.to_owned();
        }
    }
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_are_read_and_the_text_begins_after_them() {
        let text = "<!-- what this is -->\n---\nminutes: 12\nlevel: first steps\ngoals:\n  - say which: this\n  - \"that\"\nneeds: [reactor, 'models']\nterms: []\n---\n\n# Page\n";
        let (front, lines) = parse(text).unwrap().unwrap();
        assert_eq!(front.minutes, 12);
        assert_eq!(front.level, "first steps");
        assert_eq!(front.goals, ["say which: this", "that"]);
        assert_eq!(front.needs, ["reactor", "models"]);
        assert!(front.terms.is_empty());
        assert_eq!(text.lines().nth(lines), Some(""));
        assert_eq!(text.lines().nth(lines + 1), Some("# Page"));
    }

    #[test]
    fn a_page_without_front_matter_has_none() {
        assert_eq!(parse("# Page\n\n---\n").unwrap(), None);
    }

    #[test]
    fn each_mistake_names_its_line() {
        let wrong = |text: &str| parse(text).unwrap_err();
        assert_eq!(wrong("---\nminutes: 3\n").0, 1);
        assert_eq!(wrong("---\nminutes: soon\n---\n").0, 2);
        assert_eq!(wrong("---\nminutes: 3\nlevel: hard\n---\n").0, 3);
        assert_eq!(wrong("---\nminutes: 3\nlevl: core\n---\n").0, 3);
        assert_eq!(wrong("---\nminutes: 3\nminutes: 3\n---\n").0, 3);
        assert_eq!(wrong("---\n- lost\n---\n").0, 2);
        assert_eq!(wrong("---\ngoals: one\n---\n").0, 2);
        let (line, what) = wrong("---\nlevel: core\n---\n");
        assert_eq!(line, 1);
        assert!(what.contains("minutes: 12"), "{what}");
    }
}
