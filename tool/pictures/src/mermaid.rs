//! Mermaid's text: escaping, so that no label can break a diagram.

/// Returns a label that mermaid shows as it is, whatever stands in it: behind a colon, or between
/// quotes.
///
/// `;` ends a statement and `#` begins an entity, `<` begins HTML, a quote ends a node's label, and
/// `%%` begins a comment. Each is written as an entity of mermaid's, `#` and a decimal number
/// (<https://mermaid.js.org/syntax/sequenceDiagram.html#entity-codes-to-escape-characters>).
pub(super) fn label(text: &str) -> String {
    // Mermaid cuts what follows these words and a colon, and takes `wrap:` for an option.
    let delicate = ["style", "classDef", "wrap"]
        .iter()
        .any(|word| text.contains(word));
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ';' | '#' | '<' | '>' | '"' | '&' | '%' | '`' | '\\' | '{' | '}' => {
                out.push_str(&format!("#{};", u32::from(c)));
            }
            ':' if delicate => out.push_str("#58;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Returns a name that stands alone, where mermaid would take a word like `end` for the end of a
/// block.
pub(super) fn name(text: &str) -> String {
    const WORDS: &str = "end rect loop alt else opt par and box note as critical break option participant actor \
                         create destroy title autonumber";
    let known = |part: &str| WORDS.split(' ').any(|word| part.eq_ignore_ascii_case(word));
    let mut out = String::new();
    for part in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        let word = part.trim_end_matches(|c: char| !c.is_alphanumeric());
        match word.chars().next() {
            Some(first) if known(word) => {
                let rest = label(&part[first.len_utf8()..]);
                out.push_str(&format!("#{};{rest}", u32::from(first)));
            }
            _ => out.push_str(&label(part)),
        }
    }
    out
}

/// Returns the title for `accTitle`, which must not be empty.
pub(super) fn title(look: &super::Look) -> String {
    let title = plain(look.title.trim());
    if title.is_empty() {
        "A recorded run".to_owned()
    } else {
        title
    }
}

/// Text for `accTitle` and `accDescr`, which know no entities: what could break them is said
/// otherwise.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ';' => out.push(','),
            '"' | '`' => out.push('\''),
            '#' => out.push_str("number "),
            '<' => out.push_str("less than "),
            '>' => out.push_str("greater than "),
            '&' => out.push_str("and"),
            '{' => out.push('('),
            '}' => out.push(')'),
            '%' => out.push_str(" percent"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// Breaks a label into lines of about `width` characters at its spaces, each escaped. A no-break
/// space is no place for a break.
pub(super) fn lines(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text
        .split([' ', '\t', '\n', '\r'])
        .filter(|word| !word.is_empty())
    {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    let lines: Vec<String> = lines
        .iter()
        .map(|line| label(&line.replace('\u{a0}', " ")))
        .collect();
    lines.join("<br/>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_label_can_break_the_diagram() {
        assert_eq!(label("a; b"), "a#59; b");
        assert_eq!(label("issue #7"), "issue #35;7");
        assert_eq!(label("<b>&\"x\"`"), "#60;b#62;#38;#34;x#34;#96;");
        assert_eq!(
            label("two\nlines\t%% {x} \\"),
            "two lines #37;#37; #123;x#125; #92;"
        );
        assert_eq!(label("wrap: style:#1"), "wrap#58; style#58;#35;1");
        assert_eq!(label("timers.rs:12"), "timers.rs:12");
    }

    #[test]
    fn a_name_is_no_keyword() {
        assert_eq!(name("end"), "#101;nd");
        assert_eq!(name("the END; so"), "the #69;ND#59; so");
        assert_eq!(name("our code"), "our code");
        assert_eq!(name("weekend;"), "weekend#59;");
    }

    #[test]
    fn a_description_has_no_signs_that_mermaid_knows() {
        let text = plain("a; #1 <b> {c} \"d\" 5% e&f\n");
        let signs = [';', '#', '<', '>', '{', '}', '"', '%', '&', '\n'];
        assert!(!text.contains(signs), "{text}");
    }

    #[test]
    fn long_labels_break_at_spaces() {
        assert_eq!(lines("one two three", 7), "one two<br/>three");
        assert_eq!(
            lines("extraordinarily so; x", 6),
            "extraordinarily<br/>so#59; x"
        );
        assert_eq!(
            lines("one \u{201c}two\u{a0}three\u{201d}", 9),
            "one<br/>\u{201c}two three\u{201d}"
        );
        assert_eq!(lines("", 6), "");
    }
}
