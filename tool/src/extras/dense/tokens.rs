//! A script in pieces: words, signs, and what is kept as it is.

/// A piece of a script.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) sort: Sort,
    /// Whether white space or a comment stood before it.
    pub(super) apart: bool,
}

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Word,
    /// One character.
    Sign,
    /// A string, a regular expression, a template without code.
    Kept,
    /// A piece of a template, up to `${` and with it.
    Opens,
    /// A piece of a template from `}` on.
    Closes,
    /// A piece of a template from `}` to the next `${`.
    Between,
}

impl Token {
    pub(super) fn is(&self, text: &str) -> bool {
        matches!(self.sort, Sort::Word | Sort::Sign) && self.text == text
    }

    pub(super) fn is_word(&self) -> bool {
        self.sort == Sort::Word
    }

    /// Returns whether something ends here that began with another piece.
    pub(super) fn closes(&self) -> bool {
        let bracket = self.sort == Sort::Sign && [")", "]", "}"].contains(&&*self.text);
        bracket || matches!(self.sort, Sort::Closes | Sort::Between)
    }

    pub(super) fn opens(&self) -> bool {
        let bracket = self.sort == Sort::Sign && ["(", "[", "{"].contains(&&*self.text);
        bracket || matches!(self.sort, Sort::Opens | Sort::Between)
    }
}

/// Takes a script apart. What does not end is kept to the end of the text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let text: Vec<char> = text.chars().collect();
    let mut all: Vec<Token> = Vec::new();
    // How many braces are open in the code of each template around.
    let mut templates: Vec<usize> = Vec::new();
    let (mut at, mut apart) = (0, false);
    while let Some(&c) = text.get(at) {
        let next = text.get(at + 1).copied();
        if c.is_whitespace() {
            (at, apart) = (at + 1, true);
            continue;
        }
        if c == '/' && (next == Some('/') || next == Some('*')) {
            (at, apart) = (after_comment(&text, at), true);
            continue;
        }
        let inside = templates.last().copied();
        let (end, sort) = match c {
            '"' | '\'' => (after_quoted(&text, at, c), Sort::Kept),
            '`' => after_template(&text, at, Sort::Opens, Sort::Kept),
            '}' if inside == Some(0) => after_template(&text, at, Sort::Between, Sort::Closes),
            '/' if expects_value(all.last()) => (after_pattern(&text, at), Sort::Kept),
            _ if is_word(c) => (end_of(&text, at, is_word), Sort::Word),
            _ => (at + 1, Sort::Sign),
        };
        match (sort, c) {
            (Sort::Opens, _) => templates.push(0),
            (Sort::Closes, _) => drop(templates.pop()),
            (Sort::Sign, '{') => templates
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|n| *n += 1),
            (Sort::Sign, '}') => templates
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|n| *n -= 1),
            _ => {}
        }
        all.push(Token {
            text: text[at..end].iter().collect(),
            sort,
            apart,
        });
        (at, apart) = (end, false);
    }
    all
}

/// Returns whether a slash begins a regular expression after this, and is no division.
fn expects_value(last: Option<&Token>) -> bool {
    match last {
        None => true,
        Some(last) if last.is_word() => ["return", "typeof", "case"].contains(&&*last.text),
        Some(last) if last.sort == Sort::Sign => ![")", "]", "}"].contains(&&*last.text),
        Some(last) => matches!(last.sort, Sort::Opens | Sort::Between),
    }
}

pub(super) fn is_word(c: char) -> bool {
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

/// From a backtick or from `}` to the end of the template, or to the code in it.
fn after_template(text: &[char], from: usize, code: Sort, whole: Sort) -> (usize, Sort) {
    let mut at = from + 1;
    while let Some(&c) = text.get(at) {
        match c {
            '`' => return (at + 1, whole),
            '\\' => at += 2,
            '$' if text.get(at + 1) == Some(&'{') => return (at + 2, code),
            _ => at += 1,
        }
    }
    (text.len(), whole)
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
