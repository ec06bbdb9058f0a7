//! Scripts and style sheets as the site has them: without comments, and without white space that
//! only people need.

/// A script without comments and needless white space. It knows strings, templates and regular
/// expressions, and counts on every statement having its semicolon: ours have.
pub(super) fn script(text: &str) -> String {
    let text: Vec<char> = text.chars().collect();
    let mut out = Script::default();
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        let next = text.get(at + 1).copied();
        let end = match c {
            _ if c.is_whitespace() => {
                out.apart = true;
                at += 1;
                continue;
            }
            '/' if next == Some('/') || next == Some('*') => {
                out.apart = true;
                at = after_comment(&text, at);
                continue;
            }
            '"' | '\'' => after_quoted(&text, at, c),
            '`' => after_template(&text, at),
            '/' if out.expects_value() => after_pattern(&text, at),
            _ if is_word(c) => end_of(&text, at, is_word),
            _ => at + 1,
        };
        out.token(&text[at..end], is_word(c));
        at = end;
    }
    out.text.push('\n');
    out.text
}

/// A style sheet without indentation, empty lines and lines that are comments.
pub(super) fn sheet(text: &str) -> String {
    let comment = |line: &str| line.starts_with("/*") && line.ends_with("*/");
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !comment(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

#[derive(Default)]
struct Script {
    text: String,
    /// Whether white space stood before what comes.
    apart: bool,
    /// The last word, if that was the last token.
    word: String,
}

impl Script {
    fn token(&mut self, token: &[char], word: bool) {
        let last = self.text.chars().last();
        if let (true, Some(last), Some(&first)) = (self.apart, last, token.first()) {
            let sign = |c| c == '+' || c == '-';
            if is_word(last) && is_word(first) || sign(last) && sign(first) {
                self.text.push(' ');
            }
        }
        self.apart = false;
        self.text.extend(token);
        self.word.clear();
        if word {
            self.word.extend(token);
        }
    }

    /// Whether a slash begins a regular expression here, and is no division.
    fn expects_value(&self) -> bool {
        match self.text.chars().last() {
            None => true,
            Some(last) if is_word(last) => ["return", "typeof", "case"].contains(&&*self.word),
            Some(last) => !")]}\"'`/".contains(last),
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || c == '#'
}

fn end_of(text: &[char], from: usize, part: impl Fn(char) -> bool) -> usize {
    let rest = text[from..].iter().position(|c| !part(*c));
    rest.map_or(text.len(), |count| from + count)
}

fn after_comment(text: &[char], from: usize) -> usize {
    if text.get(from + 1) == Some(&'/') {
        return end_of(text, from, |c| c != '\n');
    }
    let mut at = from + 2;
    while at < text.len() && text[at - 1..].first().zip(text.get(at)) != Some((&'*', &'/')) {
        at += 1;
    }
    (at + 1).min(text.len())
}

fn after_quoted(text: &[char], from: usize, quote: char) -> usize {
    let mut at = from + 1;
    while let Some(&c) = text.get(at) {
        at += if c == '\\' { 2 } else { 1 };
        if c == quote {
            break;
        }
    }
    at.min(text.len())
}

/// A template is kept as it is, with what is computed in it.
fn after_template(text: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(&c) = text.get(at) {
        match c {
            '`' => return at + 1,
            '\\' => at += 2,
            '$' if text.get(at + 1) == Some(&'{') => at = after_braces(text, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

fn after_braces(text: &[char], from: usize) -> usize {
    let (mut at, mut deep) = (from, 1);
    while let Some(&c) = text.get(at) {
        match c {
            '`' => at = after_template(text, at),
            '"' | '\'' => at = after_quoted(text, at, c),
            _ => {
                deep += i32::from(c == '{') - i32::from(c == '}');
                at += 1;
            }
        }
        if deep == 0 {
            return at;
        }
    }
    text.len()
}

fn after_pattern(text: &[char], from: usize) -> usize {
    let (mut at, mut class) = (from + 1, false);
    while let Some(&c) = text.get(at) {
        match c {
            '\\' => at += 1,
            '[' => class = true,
            ']' => class = false,
            '/' if !class => return end_of(text, at + 1, char::is_alphabetic),
            _ => {}
        }
        at += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_where_nobody_needs_it() {
        for (text, dense) in [
            (
                "// why\n  const a = (b, c) => {\n    return b + +c;\n  };\n",
                "const a=(b,c)=>{return b+ +c;};",
            ),
            ("a - -b; a-- - b; /* x * / */ f( )", "a- -b;a-- -b;f()"),
            ("let x = a in b; typeof y;", "let x=a in b;typeof y;"),
            ("f(\"a  // b\", 'c \\' d')", "f(\"a  // b\",'c \\' d')"),
            (
                "`a  ${ b ? `c  ${\"}\"}` : \"  \" }  d` + e",
                "`a  ${ b ? `c  ${\"}\"}` : \"  \" }  d`+e",
            ),
            (
                "x.replace(/ [/ ] \\/ /g, y) / 2 / 3",
                "x.replace(/ [/ ] \\/ /g,y)/2/3",
            ),
            ("return / a /.test(b)", "return/ a /.test(b)"),
            ("a = b / c; d = [e] / f", "a=b/c;d=[e]/f"),
            ("grüße  größer", "grüße größer"),
        ] {
            assert_eq!(script(text), format!("{dense}\n"));
        }
    }

    #[test]
    fn what_does_not_end_is_kept_to_its_end() {
        for text in ["\"a", "`a ${ b", "/a", "a /* b", "'\\", "x = /[/"] {
            assert!(script(text).len() <= text.len() + 1, "{text}");
        }
    }

    #[test]
    fn a_style_sheet_loses_indentation_and_comments() {
        assert_eq!(sheet("/* x */\n  a { b: c }\n\n"), "a { b: c }\n");
    }
}
