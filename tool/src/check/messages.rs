//! Holds the tests of exercises to their promise: whatever fails says in words what is missing.
use proc_macro2::{TokenStream, TokenTree};

/// The lines of a `tests/check.rs` that would fail without words, and why.
pub(super) fn bare(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    if let Ok(tokens) = text.trim_start_matches('\u{feff}').parse() {
        look(tokens, &mut found);
    }
    found
}

/// How many arguments of an assertion come before its message.
fn before_message(name: &str) -> Option<usize> {
    match name {
        "assert" | "debug_assert" => Some(1),
        "assert_eq" | "assert_ne" => Some(2),
        "panic" | "unreachable" | "todo" | "unimplemented" => Some(0),
        _ => None,
    }
}

fn look(tokens: TokenStream, found: &mut Vec<(usize, String)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let line = token.span().start().line;
        match (token, tokens.get(at + 1), tokens.get(at + 2)) {
            (
                TokenTree::Ident(name),
                Some(TokenTree::Punct(mark)),
                Some(TokenTree::Group(group)),
            ) if mark.as_char() == '!' => {
                let name = name.to_string();
                if let Some(before) = before_message(&name)
                    && !has_message(group.stream(), before)
                {
                    found.push((line, format!("`{name}!` without words")));
                }
            }
            (
                TokenTree::Punct(dot),
                Some(TokenTree::Ident(name)),
                Some(TokenTree::Group(group)),
            ) if dot.as_char() == '.'
                && (name == "unwrap" || name == "unwrap_err")
                && group.stream().is_empty() =>
            {
                found.push((line, format!("`{name}()` fails without words")));
            }
            _ => {}
        }
        if let TokenTree::Group(group) = token {
            look(group.stream(), found);
        }
    }
}

/// Whether the argument after so many others begins with a text.
fn has_message(arguments: TokenStream, before: usize) -> bool {
    let mut commas = 0;
    let mut first = true;
    for token in arguments {
        match token {
            TokenTree::Punct(sign) if sign.as_char() == ',' => {
                commas += 1;
                first = true;
                continue;
            }
            TokenTree::Literal(text)
                if first && commas >= before && text.to_string().contains('"') =>
            {
                return true;
            }
            _ => {}
        }
        first = false;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_without_words_is_found_with_its_line() {
        let text = "#[test]\nfn a() {\n    assert!(x);\n    assert_eq!(a, \"b\");\n    b.c()\n        .unwrap();\n    panic!();\n}\n";
        let lines: Vec<_> = bare(text).iter().map(|bare| bare.0).collect();
        assert_eq!(lines, [3, 4, 6, 7]);
    }

    #[test]
    fn words_anywhere_are_words() {
        let text = "fn a() {\n    assert!(f::<A, B>(x), \"no {x}\");\n    assert_eq!([1, 2], b, r\"raw\");\n    assert!(m(a, b), \"c\", );\n    x.expect(\"it\");\n    x.unwrap_or(1);\n    // assert!(a);\n    panic!(\"no\");\n}\n";
        assert_eq!(bare(text), []);
    }
}
