//! Scripts and style sheets as the site has them: without comments, without white space that only
//! people need, with short names.
mod names;
mod tokens;

use tokens::{Token, is_word};

/// Returns a script without comments and needless white space and signs, its own names short. It
/// knows strings, templates and regular expressions, and counts on every statement having its
/// semicolon and every loop its braces: ours have.
pub(super) fn script(text: &str) -> String {
    let mut all = tokens::tokens(text);
    names::shorten(&mut all);
    let all = joined(all);
    let mut out = String::new();
    for at in 0..all.len() {
        if is_needed(&all, at) {
            add(&mut out, &all[at]);
        }
    }
    out.push('\n');
    out
}

/// Returns a style sheet without indentation, empty lines and lines that are comments.
pub(super) fn sheet(text: &str) -> String {
    let comment = |line: &str| line.starts_with("/*") && line.ends_with("*/");
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !comment(line))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Declarations that follow each other as one. Once a script works, nothing assigns to a constant,
/// so all may be `let`.
fn joined(all: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(all.len());
    // Of each bracket around, whether a declaration goes on in it.
    let mut declares = vec![false];
    for mut token in all {
        if token.closes() && declares.len() > 1 {
            declares.pop();
        }
        let here = declares.last_mut().expect("the script is around all");
        if token.is("const") || token.is("let") {
            if *here && let Some(end) = out.last_mut().filter(|last| last.is(";")) {
                end.text = ",".to_owned();
                continue;
            }
            *here = true;
            token.text = "let".to_owned();
        } else if out.last().is_some_and(|last| last.is(";")) {
            *here = false;
        }
        if token.opens() {
            declares.push(false);
        }
        out.push(token);
    }
    out
}

/// Returns whether a script says something else without this sign.
fn is_needed(all: &[Token], at: usize) -> bool {
    let is = |at: Option<usize>, text: &str| {
        let token = at.and_then(|at| all.get(at));
        token.is_some_and(|token| token.is(text))
    };
    let (before, after) = (at.checked_sub(1), Some(at + 1));
    let closes = |at, signs: &[&str]| signs.iter().any(|sign| is(at, sign));
    match &*all[at].text {
        // What a bracket ends needs no sign of its own, unless that is a hole of a list.
        ";" => !is(after, "}"),
        "," => !closes(after, &[")", "]", "}"]) || closes(before, &[",", "["]),
        // One name alone is a list of parameters.
        "(" => !arrow(all, at),
        ")" => at < 2 || !arrow(all, at - 2),
        _ => true,
    }
}

/// Returns whether here is `(x) =>`, and no call before it.
fn arrow(all: &[Token], open: usize) -> bool {
    let signs = [(0, "("), (2, ")"), (3, "="), (4, ">")];
    let is = |(at, sign): &(usize, &str)| all.get(open + at).is_some_and(|token| token.is(sign));
    signs.iter().all(is) && all[open + 1].is_word() && !all[open + 3].is_word()
}

fn add(out: &mut String, token: &Token) {
    let last = out.chars().last();
    if let (Some(last), Some(first)) = (last, token.text.chars().next()) {
        let sign = |c| c == '+' || c == '-';
        if is_word(last) && is_word(first) || token.apart && sign(last) && sign(first) {
            out.push(' ');
        }
    }
    out.push_str(&token.text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_where_nobody_needs_it() {
        for (text, dense) in [
            (
                "// why\n  const a = (b, c) => {\n    return b + +c;\n  };\n",
                "let a=(b,c)=>{return b+ +c};",
            ),
            ("a - -b; a-- - b; /* x * / */ f( )", "a- -b;a-- -b;f()"),
            ("let x = a in b; typeof y;", "let x=a in b;typeof y;"),
            ("f(\"a  // b\", 'c \\' d')", "f(\"a  // b\",'c \\' d')"),
            (
                "`a  ${ b ? `c  ${\"}\"}` : \"  \" }  d` + e",
                "`a  ${b?`c  ${\"}\"}`:\"  \"}  d`+e",
            ),
            (
                "x.replace(/ [/ ] \\/ /g, y) / 2 / 3",
                "x.replace(/ [/ ] \\/ /g,y)/2/3",
            ),
            ("return / a /.test(b)", "return/ a /.test(b)"),
            ("a = b / c; d = [e] / f", "a=b/c;d=[e]/f"),
            ("grüße  größer", "grüße größer"),
            (
                "a(b,); c = [d, , ]; e = { f, }; if (g) { h(); }",
                "a(b);c=[d,,];e={f};if(g){h()}",
            ),
            (
                "a((b) => c, async (d) => e, (f, g) => h)",
                "a(b=>c,async d=>e,(f,g)=>h)",
            ),
            ("for (const a of b(c)) d(e);", "for(let a of b(c))d(e);"),
        ] {
            assert_eq!(script(text), format!("{dense}\n"));
        }
    }

    #[test]
    fn what_does_not_end_is_kept_to_its_end() {
        for text in [
            "\"a", "`a ${ b", "/a", "a /* b", "'\\", "x = /[/", "}})]", "let {[a(",
        ] {
            assert!(script(text).len() <= text.len() + 1, "{text}");
        }
    }

    #[test]
    fn a_style_sheet_loses_indentation_and_comments() {
        assert_eq!(sheet("/* x */\n  a { b: c }\n\n"), "a { b: c }\n");
    }
}
