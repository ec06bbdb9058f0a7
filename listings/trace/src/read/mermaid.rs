//! Mermaid's text: escaping, so that no label can break a diagram.

/// A label that mermaid shows as it is, whatever stands in it.
///
/// Sequence diagrams end a message at `;` and `#` begins an entity; `<` begins HTML; a quote ends a node's label.
pub(super) fn label(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ';' => out.push_str("#59;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '"' => out.push_str("#quot;"),
            '&' => out.push_str("#amp;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
