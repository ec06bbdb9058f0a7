//! The fenced blocks that stand in a page itself, each with its line and its attributes.
use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// A fenced block of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The line of its opening fence, counted from 1.
    pub line: usize,
    /// The first word after the fence: `rust`, `console`; empty when there is none.
    pub language: String,
    /// The other words, in order: `no_run`, `compile_fail`, `E0277`.
    pub attributes: Vec<String>,
    /// What stands between the fences, hidden lines (`# …`) as they are written.
    pub code: String,
    /// Where its info string stands in the text, in bytes.
    pub(crate) info: Range<usize>,
}

impl Block {
    /// Returns whether it has this attribute.
    pub fn has(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|known| known == attribute)
    }
}

/// Returns every fenced block of a text, in order.
pub fn blocks(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    let mut found: Vec<Block> = Vec::new();
    let mut inside = false;
    for (event, span) in Parser::new_ext(text, options).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let mut words = info
                    .split([' ', '\t', ','])
                    .filter(|word| !word.is_empty())
                    .map(str::to_owned);
                let line = text[span.start..].lines().next().unwrap_or_default();
                let fence = line.len() - line.trim_start_matches(['`', '~']).len();
                found.push(Block {
                    line: 1 + text[..span.start].matches('\n').count(),
                    language: words.next().unwrap_or_default(),
                    attributes: words.collect(),
                    code: String::new(),
                    info: span.start + fence..span.start + line.len(),
                });
                inside = true;
            }
            Event::Text(code) if inside => {
                if let Some(block) = found.last_mut() {
                    block.code.push_str(&code);
                }
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            _ => {}
        }
    }
    found
}

/// Returns a fence that is longer than any in the code it holds.
fn fence(code: &str) -> String {
    let mut longest = 2;
    let mut run = 0;
    for c in code.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    "`".repeat(longest + 1)
}

/// Returns a fenced block.
pub(crate) fn code(info: &str, code: &str) -> String {
    let fence = fence(code);
    format!("{fence}{info}\n{code}{fence}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_their_lines_words_and_code() {
        let text = "# T\n\n```rust,compile_fail E0277\n# use x;\nfn main() {}\n```\n\n- item\n\n  ~~~console\n  $ ls\n  ~~~\n\n```\nbare\n```\n";
        let found = blocks(text);
        assert_eq!(found.len(), 3);
        assert_eq!((found[0].line, found[0].language.as_str()), (3, "rust"));
        assert_eq!(found[0].attributes, ["compile_fail", "E0277"]);
        assert_eq!(found[0].code, "# use x;\nfn main() {}\n");
        assert_eq!(&text[found[0].info.clone()], "rust,compile_fail E0277");
        assert_eq!((found[1].line, found[1].code.as_str()), (10, "$ ls\n"));
        assert_eq!((found[2].line, found[2].language.as_str()), (14, ""));
    }

    #[test]
    fn a_fence_outgrows_what_it_holds() {
        assert_eq!(fence("fn main() {}"), "```");
        assert_eq!(fence("//! ```\n//! ````\n"), "`````");
    }
}
