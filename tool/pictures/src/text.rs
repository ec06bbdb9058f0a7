//! Texts of a program, as a sentence or a figure quotes them.

/// Returns text as HTML and XML hold it, between tags or as an attribute's value.
///
/// ```
/// assert_eq!(pictures::escape("<b a=\"&\">"), "&lt;b a=&quot;&amp;&quot;&gt;");
/// ```
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}

/// Returns at most `most` characters, with an ellipsis where some are left out; line ends become
/// spaces.
pub(super) fn short(text: &str, most: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= most {
        return flat;
    }
    let kept: String = flat.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// `“a text”`, cut to a length that a line has room for.
pub(super) fn quoted(text: &str) -> String {
    format!("“{}”", short(text, 60))
}

/// Returns a text between two others; nothing when there is none.
pub(super) fn with(before: &str, text: Option<&str>, after: &str) -> String {
    text.map_or_else(String::new, |text| format!("{before}{text}{after}"))
}
