//! `{{#figure chapter/name}}`: a drawing with its title and what happens in it, in words.
use super::{
    directive::Directive,
    references::{PageInfo, References},
};
use crate::{
    finding::Finding,
    markup::{inline, slug},
};
use regex::Regex;
use std::{fs, path::Path, sync::LazyLock};

/// Expands the directive.
pub(crate) fn show(
    refs: &References,
    info: &PageInfo,
    directive: &Directive,
) -> Result<String, Finding> {
    let problem = |what: String| Finding::new(&info.file, directive.line, what);
    let (chapter, name) = directive.chapter_and_name(&info.file, "reactor/loop")?;
    let folder = Path::new("diagrams").join(chapter).join("concept");
    let read = |end: &str| {
        let file = folder.join(format!("{name}.{end}"));
        fs::read_to_string(refs.house.root.join(&file)).map_err(|error| {
            problem(format!(
                "{} cannot be read ({error}): a figure is {name}.svg and, in {name}.md beside it, \
                 its title and what happens in it",
                file.display()
            ))
        })
    };
    let drawing = read("svg")?;
    let words = read("md")?;
    let (title, steps) = titled(&words).ok_or_else(|| {
        Finding::new(
            folder.join(format!("{name}.md")),
            1,
            "a figure's description begins with `# ` and the title, then says what happens, in order",
        )
    })?;
    let id = format!("figure-{}", slug(&directive.argument));
    let drawing = inside(&drawing, &id)
        .ok_or_else(|| Finding::new(folder.join(format!("{name}.svg")), 1, "no <svg> here"))?;
    Ok(format!(
        "<figure class=\"concept\" id=\"{id}\">\n<div class=\"drawing\">\n{drawing}\n</div>\n\
         <figcaption id=\"{id}-title\">{}</figcaption>\n\
         <details class=\"steps\">\n<summary>The figure in words</summary>\n\n{steps}\n\n</details>\n</figure>\n",
        inline(title),
    ))
}

/// Splits `# Title` from what follows. A comment may stand before it.
pub(crate) fn titled(words: &str) -> Option<(&str, &str)> {
    // Some editors put a mark of the encoding first.
    let mut words = words.trim_start_matches('\u{feff}').trim();
    while let Some(rest) = words.strip_prefix("<!--") {
        words = rest.split_once("-->")?.1.trim_start();
    }
    let (title, rest) = words.strip_prefix("# ")?.split_once('\n')?;
    let rest = rest.trim();
    (!rest.is_empty()).then_some((title.trim(), rest))
}

/// Returns an SVG that can stand in a page: no prolog, no blank line (it would end the HTML), ids
/// that no other figure has, and the caption as its name.
fn inside(svg: &str, id: &str) -> Option<String> {
    static COMMENT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?s)<!--.*?-->|<\?.*?\?>|<!DOCTYPE.*?>").expect("a pattern"));
    static ID: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"(\bid=["']|url\(#|href=["']#)([\w-]+)"#).expect("a pattern")
    });
    static ARIA: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\s(?:role|aria-[a-z]+)=(?:"[^"]*"|'[^']*')"#).expect("a pattern")
    });
    let svg = COMMENT.replace_all(svg, "");
    let svg = &svg[svg.find("<svg")?..];
    let svg = ID.replace_all(svg, |found: &regex::Captures<'_>| {
        format!("{}{id}-{}", &found[1], &found[2])
    });
    let (open, rest) = svg.split_at(svg.find('>')?);
    let open = ARIA.replace_all(open, "");
    let open = open.replacen(
        "<svg",
        &format!("<svg role=\"img\" aria-labelledby=\"{id}-title\""),
        1,
    );
    let lines: Vec<&str> = rest
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    Some(format!("{open}{}", lines.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_gets_a_name_and_ids_of_its_own() {
        let svg = "<?xml version=\"1.0\"?>\n<!-- a loop -->\n<svg viewBox=\"0 0 1 1\" role=\"x\" aria-labelledby=\"t\">\n\n<marker id=\"tip\"/>\n<path marker-end=\"url(#tip)\"/><use href=\"#tip\"/>\n</svg>\n";
        let out = inside(svg, "figure-reactor-loop").unwrap();
        assert!(out.starts_with(
            "<svg role=\"img\" aria-labelledby=\"figure-reactor-loop-title\" viewBox=\"0 0 1 1\">"
        ));
        assert!(out.contains("id=\"figure-reactor-loop-tip\""));
        assert!(out.contains("url(#figure-reactor-loop-tip)"));
        assert!(out.contains("href=\"#figure-reactor-loop-tip\""));
        assert!(
            !out.contains("\n\n"),
            "a blank line would end the HTML block"
        );
    }

    #[test]
    fn a_description_has_a_title_and_words() {
        assert_eq!(
            titled("<!-- why -->\n# The loop\n\n1. first\n"),
            Some(("The loop", "1. first"))
        );
        assert_eq!(titled("The loop\n\n1. first\n"), None);
        assert_eq!(titled("# The loop\n\n"), None);
    }
}
