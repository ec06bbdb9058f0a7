//! Takes out of a printed text what no run promises: ports, times, thread numbers.
use crate::manifest::Entry;
use anyhow::{Context, Result};
use regex::Regex;
use std::sync::LazyLock;

/// What is taken out of every output that comes from a real run. A manifest's `redact` comes first.
///
/// - an address with its port (`127.0.0.1:4080`, `[::1]:4080`, `localhost:4080`), and `port 4080`
/// - a number with a unit of time (`12 ms`, `0.31 s`, `3 seconds`)
/// - the number of a thread (`ThreadId(3)`)
///
/// Each becomes `…`. Spaces beside it shrink to one, because the width of a number moves a column.
pub const ALWAYS: [&str; 4] = [
    r"(\b\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]|\blocalhost):\d+",
    r"\bport \d+",
    r"\b\d[\d,_]*(\.\d+)?\s?(ns|µs|us|ms|s|seconds?|milliseconds?|microseconds?|minutes?|h)\b",
    r"ThreadId\(\d+\)",
];

static PATTERNS: LazyLock<Vec<Regex>> =
    LazyLock::new(|| ALWAYS.iter().filter_map(|p| Regex::new(p).ok()).collect());
static SPACES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("[ \t]*…[ \t]*").ok());

/// Returns the text with everything taken out that may differ between two runs of a listing.
///
/// # Errors
/// When a pattern of the manifest is not a regular expression.
pub fn redacted(entry: &Entry, text: &str) -> Result<String> {
    let mut text = text.to_owned();
    for pattern in &entry.redact {
        let pattern = Regex::new(pattern)
            .with_context(|| format!("`redact` holds no regular expression: {pattern}"))?;
        text = pattern.replace_all(&text, "…").into_owned();
    }
    for pattern in PATTERNS.iter() {
        text = pattern.replace_all(&text, "…").into_owned();
    }
    if let Some(spaces) = &*SPACES {
        text = spaces.replace_all(&text, " … ").replace("…  …", "… …");
    }
    let mut lines: Vec<_> = text.lines().map(str::trim_end).collect();
    if entry.unordered {
        lines.sort_unstable();
    }
    Ok(lines.join("\n"))
}

/// Returns the shape of a table of measurements: every number is `#`, every run of spaces one
/// space.
pub fn shape(text: &str) -> String {
    let mut shape = String::new();
    for line in text.lines() {
        for word in line.split_whitespace() {
            let mut number = false;
            for c in word.chars() {
                if c.is_ascii_digit() || (number && matches!(c, '.' | ',' | '_')) {
                    if !number {
                        shape.push('#');
                    }
                    number = true;
                } else {
                    number = false;
                    shape.push(c);
                }
            }
            shape.push(' ');
        }
        shape.push('\n');
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(more: &str) -> Entry {
        toml::from_str(&format!("caption = \"\"\nclass = \"real\"\n{more}")).expect("an entry")
    }

    #[test]
    fn ports_and_times_are_taken_out() {
        let text =
            "from 127.0.0.1:4080 in 12.5 ms\nport 80 [::1]:9 took    3s, ThreadId(2)\n7 poems";
        assert_eq!(
            redacted(&entry(""), text).expect("fine"),
            "from … in …\n … … took … , …\n7 poems"
        );
    }

    #[test]
    fn words_that_only_look_like_times_stay() {
        let text = "5 stanzas, 3 sonnets, version 1.2.3.4";
        assert_eq!(redacted(&entry(""), text).expect("fine"), text);
    }

    #[test]
    fn a_manifest_may_say_more_and_may_promise_no_order() {
        let entry = entry("redact = ['seen \\d+']\nunordered = true");
        assert_eq!(
            redacted(&entry, "b seen 3\na seen 2").expect("fine"),
            "a …\nb …"
        );
    }

    #[test]
    fn a_bad_pattern_is_named() {
        let error = redacted(&entry("redact = ['(']"), "").expect_err("no expression");
        assert!(error.to_string().contains("no regular expression: ("));
    }

    #[test]
    fn only_the_shape_of_a_measurement_counts() {
        assert_eq!(shape("turn   12.5 ns\n"), shape("turn 1,300 ns"));
        assert_ne!(shape("turn 12.5 ns"), shape("turns 12.5 ns"));
        assert_ne!(shape("turn 12.5 ns"), shape("turn none"));
    }
}
