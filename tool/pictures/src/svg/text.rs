//! Text in a drawing: how wide it is, where it breaks, where it is cut. A drawing is made without
//! fonts, so widths are estimates on the wide side.

/// In which letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Font {
    /// Source, 12 units high.
    Code,
    /// Words, 13 units high.
    Words,
    /// Less important words, 12 units high.
    Small,
}

/// Width of a text, in units of the drawing.
pub(crate) fn width(text: &str, font: Font) -> f64 {
    let size = match font {
        Font::Code => return text.chars().map(|c| if wide(c) { 14.4 } else { 7.3 }).sum(),
        Font::Words => 13.0,
        Font::Small => 12.0,
    };
    let em: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' => 0.30,
            ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' => 0.40,
            'm' | 'w' | 'M' | 'W' | '…' | '@' | '%' => 0.95,
            'A'..='Z' => 0.72,
            c if wide(c) => 1.1,
            _ => 0.60,
        })
        .sum();
    em * size
}

fn wide(c: char) -> bool {
    u32::from(c) >= 0x1100
}

/// Lines of at most `room` units, at most `most` of them; what is cut ends in an ellipsis.
pub(crate) fn wrap(text: &str, font: Font, room: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces(text) {
        let joined = lines.last().map(|line| format!("{line}{piece}"));
        match joined {
            Some(joined) if width(joined.trim_end(), font) <= room => {
                if let Some(line) = lines.last_mut() {
                    *line = joined;
                }
            }
            _ => broken(piece, font, room, &mut lines),
        }
    }
    let cut = lines.len() > most;
    lines.truncate(most);
    let mut lines: Vec<String> = lines.iter().map(|line| line.trim().to_owned()).collect();
    if let Some(last) = lines.last_mut().filter(|_| cut) {
        while width(&format!("{last}…"), font) > room && last.pop().is_some() {}
        *last = format!("{}…", last.trim_end());
    }
    lines
}

/// Returns one line.
pub(crate) fn cut(text: &str, font: Font, room: f64) -> String {
    wrap(text, font, room, 1).pop().unwrap_or_default()
}

/// A piece on a line of its own, or on several if it is too long for one.
fn broken(piece: &str, font: Font, room: f64, lines: &mut Vec<String>) {
    let mut line = String::new();
    for c in piece.trim_start().chars() {
        line.push(c);
        if width(line.trim_end(), font) > room && line.chars().count() > 1 {
            // A long name breaks behind one of its words, if it has any.
            line.pop();
            let rest = match line.rfind('_').filter(|at| *at + 1 < line.len()) {
                Some(at) => line.split_off(at + 1),
                None => String::new(),
            };
            lines.push(std::mem::replace(&mut line, format!("{rest}{c}")));
        }
    }
    lines.push(line);
}

/// Cuts where a line may end: after a space, a bracket, a comma, `::`, and before a dot.
fn pieces(text: &str) -> Vec<&str> {
    let (mut found, mut from) = (Vec::new(), 0);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let may = before == ' '
            || (matches!(before, '(' | '{') && !matches!(c, ')' | '}' | '('))
            || (before == ':' && c != ':')
            || (c == '.' && before != '.');
        if may && at > from {
            found.push(&text[from..at]);
            from = at;
        }
        before = c;
    }
    if from < text.len() {
        found.push(&text[from..]);
    }
    found
}

/// Returns text as XML shows it, on one line.
pub(crate) fn escape(text: &str) -> String {
    crate::text::escape(&text.replace(char::is_control, " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_its_room() {
        let long = "|failure| Ok(format!(\"no poem today: {failure}\")).map_err(Failure::from).and_then(extraordinarily_long_name_of_a_function)";
        for font in [Font::Code, Font::Words, Font::Small] {
            for room in [40.0, 118.0, 250.0] {
                let lines = wrap(long, font, room, 3);
                assert!(lines.len() <= 3 && !lines.is_empty());
                for line in &lines {
                    assert!(width(line, font) <= room, "{line} in {room}");
                }
            }
        }
        assert!(wrap(long, Font::Code, 118.0, 3)[2].ends_with('…'));
    }

    #[test]
    fn short_text_is_left_alone_and_long_text_breaks_at_a_good_place() {
        assert_eq!(wrap("first_line", Font::Code, 118.0, 3), ["first_line"]);
        assert_eq!(
            wrap("|text| Ok(text.len())", Font::Code, 118.0, 3),
            ["|text| Ok(text", ".len())"]
        );
        assert_eq!(cut("abcdefgh", Font::Code, 40.0), "abc…");
        assert_eq!(cut("abcde", Font::Code, 40.0), "abcde");
        assert_eq!(wrap("", Font::Code, 40.0, 2), [""; 0]);
    }

    #[test]
    fn nothing_breaks_out_of_the_drawing() {
        assert_eq!(escape("<b a=\"&\">\n"), "&lt;b a=&quot;&amp;&quot;&gt; ");
    }
}
