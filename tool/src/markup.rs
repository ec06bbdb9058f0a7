//! Small pieces of HTML.
pub(crate) use pictures::escape;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Returns one line of markdown as HTML, without a paragraph around it.
pub(crate) fn inline(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_STRIKETHROUGH).filter(|event| {
        !matches!(
            event,
            Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph)
        )
    });
    let mut out = String::new();
    pulldown_cmark::html::push_html(&mut out, events);
    out.trim().to_owned()
}

/// Returns a name as part of an id.
pub(crate) fn slug(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_may_hold_code_and_never_breaks_out() {
        assert_eq!(inline("A `loop` & more"), "A <code>loop</code> &amp; more");
        assert_eq!(escape("<a href=\"x\">"), "&lt;a href=&quot;x&quot;&gt;");
        assert_eq!(slug("reactor-lab/two_rails"), "reactor-lab-two-rails");
    }
}
