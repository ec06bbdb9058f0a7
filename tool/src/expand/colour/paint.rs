//! The words of a program in `<span>`s of seven classes, by syntect's grammars.
use crate::markup::escape;
use std::{collections::HashMap, fmt::Write, str::FromStr, sync::LazyLock};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

/// The languages that are coloured, and what syntect calls them. All others have one colour, as
/// what a program prints has.
const LANGUAGES: [(&str, &str); 10] = [
    ("rust", "Rust"),
    ("python", "Python"),
    ("toml", "TOML"),
    ("diff", "Diff"),
    ("sql", "SQL"),
    ("html", "HTML"),
    ("javascript", "JavaScript"),
    ("js", "JavaScript"),
    ("c", "C"),
    ("cpp", "C++"),
];

/// What a scope is painted as; the first that fits the innermost scope decides. An empty class is
/// no colour.
const CLASSES: [(&str, &str); 30] = [
    ("comment", "c"),
    ("string", "s"),
    ("constant.character", "s"),
    ("constant.numeric", "n"),
    ("constant.language", "n"),
    ("variable.annotation", "n"),
    ("meta.annotation", "n"),
    ("entity.name.tag", "t"),
    ("entity.name.impl", "t"),
    ("entity.name", "f"),
    ("entity.other.attribute-name", "t"),
    ("variable.other.key", "t"),
    ("support.macro", "t"),
    ("support.function", "t"),
    ("support.type", "t"),
    ("support.class", "t"),
    ("meta.mapping.key", "t"),
    ("keyword.operator.logical.python", "k"),
    ("keyword.operator.word", "k"),
    ("keyword.operator", ""),
    ("keyword", "k"),
    ("storage.modifier.lifetime", "s"),
    ("storage.modifier", "k"),
    ("storage.type", "k"),
    ("variable.language", "k"),
    ("variable.parameter", ""),
    ("markup.inserted", "a"),
    ("markup.deleted", "d"),
    ("meta.diff", "c"),
    ("meta.separator", "c"),
];

/// In syntect's grammar `u32` and `let` have the same scope.
const TYPES: [&str; 18] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize", "f32", "f64", "Self",
];

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

static SCOPES: LazyLock<Vec<(Scope, &str)>> = LazyLock::new(|| {
    let scope = |name: &str| Scope::from_str(name).expect("a scope");
    CLASSES
        .iter()
        .map(|(name, class)| (scope(name), *class))
        .collect()
});

/// Returns the language that a fence names, as it is called here and in syntect.
pub(super) fn syntax(language: &str) -> Option<(&'static str, &'static SyntaxReference)> {
    let (ours, theirs) = LANGUAGES.iter().find(|(ours, _)| *ours == language)?;
    Some((ours, SYNTAXES.find_syntax_by_name(theirs)?))
}

/// Returns the lines of a block as HTML.
pub(super) fn html(syntax: &SyntaxReference, code: &str) -> String {
    let mut parser = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut classes = Classes::new();
    code.split_inclusive('\n')
        .map(|line| one(&mut parser, &mut stack, &mut classes, line))
        .collect()
}

/// Returns one line; where the grammar fails it is text.
fn one(
    parser: &mut ParseState,
    stack: &mut ScopeStack,
    classes: &mut Classes,
    line: &str,
) -> String {
    let Ok(changes) = parser.parse_line(line, &SYNTAXES) else {
        return escape(line);
    };
    let mut out = String::new();
    // Neighbours of one class are one.
    let mut open: (&str, String) = ("", String::new());
    let mut put = |class: &'static str, text: &str| {
        if text.is_empty() {
            return;
        }
        if open.0 != class {
            close(&mut out, &open);
            open = (class, String::new());
        }
        open.1.push_str(text);
        if text.ends_with('\n') {
            close(&mut out, &open);
            open = ("", String::new());
        }
    };
    let mut at = 0;
    for (place, change) in changes {
        let text = &line[at..place];
        put(class(stack, classes, text), text);
        at = place;
        if stack.apply(&change).is_err() {
            break;
        }
    }
    put(class(stack, classes, &line[at..]), &line[at..]);
    out
}

fn close(out: &mut String, (class, text): &(&str, String)) {
    let words = text.trim_end();
    if class.is_empty() || words.is_empty() {
        out.push_str(&escape(text));
        return;
    }
    // Blanks have no colour; so an end of line stands outside.
    let _ = write!(
        out,
        "<span class=\"{class}\">{}</span>{}",
        escape(words),
        &text[words.len()..]
    );
}

/// The class of each scope that was asked for: a grammar has few.
type Classes = HashMap<Scope, Option<&'static str>>;

fn class(stack: &ScopeStack, classes: &mut Classes, text: &str) -> &'static str {
    let word = text.trim();
    if TYPES.contains(&word) {
        return "t";
    }
    for scope in stack.scopes.iter().rev() {
        let class = classes.entry(*scope).or_insert_with(|| {
            let fits = |known: &&(Scope, &'static str)| known.0.is_prefix_of(*scope);
            SCOPES.iter().find(fits).map(|(_, class)| *class)
        });
        if let Some(class) = class {
            return class;
        }
    }
    ""
}
