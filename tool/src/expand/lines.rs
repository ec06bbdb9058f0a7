//! Code with the numbers of its lines beside it, as they are in the file.
use super::{
    block::code,
    fragment::{self, Line},
};
use std::fmt::Write;

/// What the numbers are good for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Numbers<'a> {
    /// In a card of this id: line 12 has the id `…-L12`, for links to it.
    Card(&'a str),
    /// On the page of a whole file: each number is a link to itself, `#L12`. The Tab key passes
    /// them by, or it would need hundreds of steps to the foot of the page.
    Links,
}

/// Returns a fenced block of Rust, its hidden lines hidden, beside a column of its numbers. The
/// numbers are no part of the code, and are not copied with it.
///
/// ```text
/// <div class="numbered"><div class="lines" aria-hidden="true"><span id="NAME-L7">7</span>…</div>
///
/// (the fence)
///
/// </div>
/// ```
pub(crate) fn numbered(info: &str, lines: &[Line<'_>], numbers: Numbers<'_>) -> String {
    let mut out = String::from("<div class=\"numbered\"><div class=\"lines\"");
    if matches!(numbers, Numbers::Card(_)) {
        out.push_str(" aria-hidden=\"true\"");
    }
    out.push('>');
    let mut before: Option<bool> = None;
    let mut shown = false;
    for line in lines {
        let number = line.number;
        let class = match (line.visible, before) {
            (false, _) => " class=\"boring\"",
            // Lines were left out, so the numbers jump.
            (true, Some(false)) if shown => " class=\"gap\"",
            _ => "",
        };
        let _ = match numbers {
            Numbers::Card(id) => write!(out, "<span id=\"{id}-L{number}\"{class}>{number}</span>"),
            Numbers::Links => write!(
                out,
                "<a id=\"L{number}\" href=\"#L{number}\" tabindex=\"-1\"{class}>{number}</a>"
            ),
        };
        before = Some(line.visible);
        shown |= line.visible;
    }
    let _ = write!(
        out,
        "</div>\n\n{}</div>\n",
        code(info, &fragment::hide(lines))
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_file_and_tell_where_lines_are_left_out() {
        let line = |number, text, visible| Line {
            number,
            text,
            visible,
        };
        let lines = [
            line(1, "use x;", false),
            line(3, "one();", true),
            line(4, "two();", false),
            line(5, "three();", true),
        ];
        assert_eq!(
            numbered("rust", &lines, Numbers::Card("listing-a")),
            "<div class=\"numbered\"><div class=\"lines\" aria-hidden=\"true\">\
             <span id=\"listing-a-L1\" class=\"boring\">1</span>\
             <span id=\"listing-a-L3\">3</span>\
             <span id=\"listing-a-L4\" class=\"boring\">4</span>\
             <span id=\"listing-a-L5\" class=\"gap\">5</span></div>\n\n\
             ```rust\n# use x;\none();\n# two();\nthree();\n```\n\n</div>\n"
        );
        let linked = numbered("rust", &lines[1..2], Numbers::Links);
        assert!(
            linked.contains("<a id=\"L3\" href=\"#L3\" tabindex=\"-1\">3</a>"),
            "{linked}"
        );
    }
}
