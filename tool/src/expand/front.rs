//! Front matter: what a page says of itself in its first lines.
use crate::markup::escape;

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

/// Reads front matter. Returns it with the number of lines before the text proper, or `None` when
/// the text begins otherwise. A comment may stand before it.
pub(crate) fn parse(text: &str) -> Result<Option<(Front, usize)>, Wrong> {
    let lines: Vec<&str> = text.lines().collect();
    let Some(start) = opening(&lines) else {
        return Ok(None);
    };
    let inside = &lines[start + 1..];
    let Some(length) = inside.iter().position(|line| line.trim_end() == "---") else {
        return Err((
            start + 1,
            "the front matter has no end: close it with a line `---`".into(),
        ));
    };
    let mut reader = Reader::default();
    for (line, number) in inside[..length].iter().zip(start + 2..) {
        reader.line(line.trim()).map_err(|what| (number, what))?;
    }
    let front = reader.end().map_err(|what| (start + 1, what))?;
    Ok(Some((front, start + length + 2)))
}

/// What has been read of front matter.
#[derive(Default)]
struct Reader<'a> {
    front: Front,
    seen: Vec<&'a str>,
    /// The list to which an item belongs.
    list: Option<&'a str>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, line: &'a str) -> Result<(), String> {
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if let Some(item) = line.strip_prefix("- ") {
            let list = self.list.ok_or("this item belongs to no list")?;
            field(&mut self.front, list).push(unquote(item));
            return Ok(());
        }
        let Some((key, value)) = line.split_once(':') else {
            return Err(format!("`{line}` is not `key: value`"));
        };
        if self.seen.contains(&key) {
            return Err(format!("`{key}` stands here twice"));
        }
        self.seen.push(key);
        self.list = None;
        self.entry(key, value.trim())
    }

    fn entry(&mut self, key: &'a str, value: &str) -> Result<(), String> {
        match key {
            "minutes" => match value.parse() {
                Ok(minutes @ 1..=180) => self.front.minutes = minutes,
                _ => {
                    return Err(format!(
                        "`minutes` is a number from 1 to 180, not `{value}`"
                    ));
                }
            },
            "level" => {
                let level = unquote(value);
                if !LEVELS.contains(&level.as_str()) {
                    return Err(format!("level `{level}` is none of: {}", LEVELS.join(", ")));
                }
                self.front.level = level;
            }
            "goals" | "needs" | "terms" if value.is_empty() => self.list = Some(key),
            "goals" | "needs" | "terms" => {
                let inner = value
                    .strip_prefix('[')
                    .and_then(|rest| rest.strip_suffix(']'));
                let inner = inner.ok_or_else(|| format!("`{key}` is a list: `{key}: [a, b]`"))?;
                let items = inner.split(',').map(unquote);
                *field(&mut self.front, key) = items.filter(|item| !item.is_empty()).collect();
            }
            _ => {
                return Err(format!(
                    "unknown key `{key}`; known are minutes, level, goals, needs, terms"
                ));
            }
        }
        Ok(())
    }

    /// Returns what was read, if nothing is missing.
    fn end(self) -> Result<Front, String> {
        match ["minutes", "level"]
            .into_iter()
            .find(|key| !self.seen.contains(key))
        {
            Some(key) => Err(format!(
                "the front matter lacks `{key}`, for instance `{}`",
                example(key)
            )),
            None => Ok(self.front),
        }
    }
}

/// `15 minutes · core`.
pub(crate) fn facts(minutes: u32, level: &str) -> String {
    format!("{minutes} minutes · {}", escape(level))
}

fn example(key: &str) -> &'static str {
    match key {
        "minutes" => "minutes: 12",
        _ => "level: core",
    }
}

/// Returns the line of the first `---`, if nothing but a comment and blank lines stand before it.
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
