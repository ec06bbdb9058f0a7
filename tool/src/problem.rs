//! How a mistake is explained: the name that was most likely meant, and where in a TOML file it
//! stands.

/// Returns what is wrong in a TOML file, and in which line and table; line 0 when it concerns the
/// whole file.
pub fn in_toml(text: &str, error: &toml::de::Error) -> (usize, String) {
    let Some(span) = error.span() else {
        return (0, error.message().to_owned());
    };
    let before = text.get(..span.start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let table = text
        .lines()
        .take(line)
        .filter(|line| line.starts_with('['))
        .last();
    let what = match table {
        Some(table) => format!("{}: {}", table.trim_end(), error.message()),
        // A key that is missing at the top is missing in no line.
        None if error.message().starts_with("missing field") => {
            return (0, error.message().to_owned());
        }
        None => error.message().to_owned(),
    };
    (line, what)
}

/// Returns the known name that `wrong` was most likely meant to be, if one is near.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::osa_distance(wrong, name), name))
        .filter(|(far, name)| *far <= name.len().max(wrong.len()) / 3)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_and_a_far_one_is_not() {
        let known = ["reactor/simplest", "reactor/timers"];
        assert_eq!(nearest("reactor/simples", known), Some("reactor/simplest"));
        assert_eq!(nearest("deferreds/two_rails", known), None);
        assert_eq!(nearest("drian", ["drain", "meter"]), Some("drain"));
    }

    #[test]
    fn a_mistake_in_toml_is_told_with_its_line_and_table() {
        type Tables = std::collections::BTreeMap<String, std::collections::BTreeMap<String, u8>>;
        let told = |text: &str| {
            let error = toml::from_str::<Tables>(text).expect_err("wrong");
            in_toml(text, &error)
        };
        let (line, what) = told("[a]\nx = 1\n\n[b]\ny = \"2\"\n");
        assert_eq!(line, 5);
        assert!(what.starts_with("[b]: invalid type"), "{what}");
        assert_eq!(told("x = 1\n").0, 1);

        #[derive(Debug, serde::Deserialize)]
        struct Hints {
            #[expect(dead_code)]
            hints: Vec<String>,
        }
        let text = "# Of an exercise.\ntitle = \"A\"\n";
        let error = toml::from_str::<Hints>(text).expect_err("wrong");
        assert_eq!(in_toml(text, &error), (0, "missing field `hints`".into()));
    }
}
