//! Prepares `tests/check.rs` for grading: each test that ends well says so with a word it was
//! given.
//!
//! What a test program prints and how it exits can be forged by the answer inside it. So each test
//! of the copy that is graded gets a random word from the tool, before the answer is called, and
//! writes it into a file of its own once its last line has run. The answer is another crate without
//! unsafe code, so the words are out of its reach.
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use std::{collections::BTreeSet, io::Read};

/// The tests of an exercise, ready for grading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Harness {
    /// `tests/check.rs` with the words: its lines keep their numbers.
    pub text: String,
    /// The names of the tests, as libtest prints them.
    pub tests: Vec<String>,
}

/// What the tests of the copy call; appended to them, where the answer cannot name it.
const HARNESS: &str = include_str!("harness/within.rs");

/// Prepares the text of a `tests/check.rs`.
///
/// # Errors
/// When it cannot be graded; with the line and what is wrong there.
pub fn prepare(check: &str) -> Result<Harness, (usize, String)> {
    let check = check.strip_prefix('\u{feff}').unwrap_or(check);
    let tokens: TokenStream = check
        .parse()
        .map_err(|error: proc_macro2::LexError| (error.span().start().line, error.to_string()))?;
    let mut found = Found::default();
    found.items(tokens.clone(), "")?;
    if found.tests.is_empty() {
        return Err((0, "there is no #[test]".to_owned()));
    }
    let marked = marks(tokens);
    if marked != found.tests.len() {
        return Err((
            0,
            format!(
                "{marked} tests are marked, but {} can be graded: write each as a function of its own, outside of macros",
                found.tests.len()
            ),
        ));
    }
    let mut text = check.to_owned();
    found.insertions.sort();
    for (at, what) in found.insertions.iter().rev() {
        text.insert_str(*at, what);
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text += HARNESS;
    Ok(Harness {
        text,
        tests: found.tests,
    })
}

#[derive(Default)]
struct Found {
    tests: Vec<String>,
    insertions: Vec<(usize, String)>,
}

impl Found {
    /// Looks at the items of a file or a module: attributes, then `fn name() -> T { … }` or `mod
    /// name { … }`.
    fn items(&mut self, tokens: TokenStream, module: &str) -> Result<(), (usize, String)> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut test = false;
        for (at, token) in tokens.iter().enumerate() {
            if let Some(attribute) = attribute(&tokens, at) {
                let line = token.span().start().line;
                match attribute.as_str() {
                    "test" => test = true,
                    "ignore" => {
                        return Err((line, "a test that does not run proves nothing".into()));
                    }
                    "should_panic" => {
                        let what = "this test passes by a panic, and an answer may panic anywhere: \
                                    catch the panic in the test and look at it";
                        return Err((line, what.into()));
                    }
                    _ => {}
                }
            }
            let TokenTree::Ident(word) = token else {
                continue;
            };
            let name = match tokens.get(at + 1) {
                Some(TokenTree::Ident(name)) => name.to_string(),
                _ => continue,
            };
            let Some((body, result)) = body(&tokens[at + 2..]) else {
                continue;
            };
            if word == "mod" {
                self.items(body.stream(), &format!("{module}{name}::"))?;
            } else if word == "fn" && std::mem::take(&mut test) {
                let number = self.tests.len();
                self.tests.push(format!("{module}{name}"));
                let (open, close) = (body.span_open(), body.span_close());
                self.insertions.push((
                    open.byte_range().end,
                    format!(" crate::untwisted_grading::run({number}, || -> {result} {{"),
                ));
                self.insertions
                    .push((close.byte_range().start, "}) ".to_owned()));
            }
        }
        Ok(())
    }
}

/// The first word of the attribute that begins at a token.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<String> {
    match (&tokens[at], tokens.get(at + 1)) {
        (TokenTree::Punct(sign), Some(TokenTree::Group(group)))
            if sign.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
        {
            Some(group.stream().into_iter().next()?.to_string())
        }
        _ => None,
    }
}

/// The braces of an item whose name has just been read, and what it returns.
fn body(rest: &[TokenTree]) -> Option<(&Group, String)> {
    let end = rest.iter().position(|token| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(sign) => sign.as_char() == ';',
        _ => false,
    })?;
    let TokenTree::Group(body) = &rest[end] else {
        return None;
    };
    let arrow = rest[..end].windows(2).position(|pair| {
        matches!(pair, [TokenTree::Punct(a), TokenTree::Punct(b)] if a.as_char() == '-' && b.as_char() == '>')
    });
    let result = arrow.map_or_else(
        || "()".to_owned(),
        |arrow| {
            rest[arrow + 2..end]
                .iter()
                .cloned()
                .collect::<TokenStream>()
                .to_string()
        },
    );
    Some((body, result))
}

/// How often something is marked as a test, anywhere, also inside a macro.
fn marks(tokens: TokenStream) -> usize {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut number = 0;
    for (at, token) in tokens.iter().enumerate() {
        number += usize::from(attribute(&tokens, at).as_deref() == Some("test"));
        if let TokenTree::Group(group) = token {
            number += marks(group.stream());
        }
    }
    number
}

/// The words that the tests get, one each.
#[derive(Clone, Debug)]
pub struct Words(Vec<String>);

impl Words {
    /// New ones for so many tests: 128 random bits each.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub fn new(tests: usize) -> std::io::Result<Words> {
        let mut random = random()?;
        let mut words = Vec::new();
        for _ in 0..tests {
            let mut bytes = [0; 16];
            random.read_exact(&mut bytes)?;
            words.push(bytes.map(|byte| format!("{byte:02x}")).concat());
        }
        Ok(Words(words))
    }

    /// What the test program reads: the file that takes the words, then the words.
    pub fn order(&self, file: &std::path::Path) -> String {
        format!("{}\n{}\n", file.display(), self.0.join("\n"))
    }

    /// For each test whether its word came back.
    pub fn came_back(&self, told: &str) -> Vec<bool> {
        let told: BTreeSet<&str> = told.lines().collect();
        self.0
            .iter()
            .map(|word| told.contains(word.as_str()))
            .collect()
    }
}

#[cfg(unix)]
fn random() -> std::io::Result<impl Read> {
    std::fs::File::open("/dev/urandom")
}

/// The keys of hash maps are random; each is made from fresh ones of the thread.
#[cfg(not(unix))]
fn random() -> std::io::Result<impl Read> {
    use std::hash::{BuildHasher, Hasher, RandomState};
    struct Keys;
    impl Read for Keys {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            for byte in buffer.iter_mut() {
                *byte = RandomState::new().build_hasher().finish().to_le_bytes()[0];
            }
            Ok(buffer.len())
        }
    }
    Ok(Keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK: &str = "//! Words.\nuse add::add;\n\n/// Asks.\n#[test]\nfn adds() {\n    assert_eq!(add(2, 3), 5); // }\n}\n\nfn helper() {}\n\nmod more {\n    #[test]\n    #[rustfmt::skip]\n    fn can_fail() -> Result<(), String> { if true { return Ok(()); } Err(\"{\".into()) }\n}\n";

    #[test]
    fn each_test_is_wrapped_on_its_own_lines() {
        let harness = prepare(CHECK).expect("it can be graded");
        assert_eq!(harness.tests, ["adds", "more::can_fail"]);
        let lines: Vec<&str> = harness.text.lines().collect();
        assert_eq!(
            lines[5],
            "fn adds() { crate::untwisted_grading::run(0, || -> () {"
        );
        assert_eq!(lines[6], "    assert_eq!(add(2, 3), 5); // }");
        assert_eq!(lines[7], "}) }");
        assert!(
            lines[14].contains("run(1, || -> Result < () , String > { if true"),
            "{}",
            lines[14]
        );
        assert!(
            lines[14].ends_with("Err(\"{\".into()) }) }"),
            "{}",
            lines[14]
        );
        assert_eq!(lines[9], "fn helper() {}", "it is no test");
    }

    #[test]
    fn what_cannot_be_graded_is_refused_with_its_line() {
        for (text, line, says) in [
            ("", 0, "no #[test]"),
            ("fn a() {}\n", 0, "no #[test]"),
            ("#[test]\n#[ignore]\nfn a() {}\n", 2, "proves nothing"),
            (
                "#[test]\n#[should_panic]\nfn a() {}\n",
                2,
                "catch the panic",
            ),
            (
                "#[test]\nfn a() {}\nmacro_rules! m { () => { #[test] fn b() {} } }\n",
                0,
                "2 tests are marked, but 1",
            ),
            ("fn a() {\n  (\n}\n", 3, ""),
        ] {
            let (at, what) = prepare(text).expect_err("it cannot be graded");
            assert!(what.contains(says), "{text:?}: {what}");
            assert!(at == line || says.is_empty(), "{text:?}: line {at}");
        }
    }

    #[test]
    fn a_word_comes_back_whole_or_not_at_all() {
        let words = Words::new(3).expect("random words");
        let [one, two, three] = &words.0[..] else {
            panic!("three words");
        };
        assert!(one.len() == 32 && one != two && two != three);
        assert_eq!(words.came_back(""), [false; 3]);
        let told = format!("{three}\nok\n{one}\n{}\n", &two[1..]);
        assert_eq!(words.came_back(&told), [true, false, true]);
    }
}
