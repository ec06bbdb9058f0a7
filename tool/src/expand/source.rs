//! `{{#source …}}`: a region of a chapter's own crate; and the page with a listing's whole file.
use super::{
    block::code,
    card::{Card, file, id, relative, split, whole_file},
    directive::Directive,
    fragment::{self, Line},
    lines::{self, Numbers},
    references::{Excerpt, PageInfo, References, Report},
};
use crate::markup::{escape, slug};
use anyhow::Result;
use mdbook_preprocessor::book::{Book, BookItem, Chapter};
use std::{fmt::Write, fs, path::PathBuf};

/// Expands `{{#source reactor/world.rs:anchor}}`: a region of a chapter's own crate.
pub(crate) fn show(
    refs: &References,
    info: &PageInfo,
    directive: &Directive,
    report: &mut Report,
) -> String {
    let card = Card {
        refs,
        info,
        directive,
        first: true,
    };
    let (path, anchor) = split(&directive.argument);
    let Some((package, inside)) = path.split_once('/') else {
        report.problems.push(card.problem(format!(
            "`{path}` is not package/file.rs, for instance `reactor/world.rs:anchor`"
        )));
        return String::new();
    };
    if let Some(option) = directive.options.first() {
        report
            .problems
            .push(card.problem(format!("unknown option `{option}`; `source` takes none")));
    }
    let absolute = refs.house.package(package).join("src").join(inside);
    let file = relative(refs, &absolute);
    let shown = fs::read_to_string(&absolute)
        .map_err(|error| {
            card.problem(format!(
                "{} cannot be read ({error}): `source` takes a path under listings/<package>/src/",
                file.display()
            ))
        })
        .and_then(|text| {
            let lines = fragment::cut(&file, &text, anchor, card.here())?;
            // Of a crate only the region is shown: its rest would fill screens.
            let (visible, rest): (Vec<Line<'_>>, _) =
                lines.into_iter().partition(|line| line.visible);
            report.excerpts.push(Excerpt {
                line: directive.line,
                shown: fragment::joined(&visible),
                beyond: Some((super::slashed(&file), fragment::joined(&rest))),
            });
            let id = format!("source-{}", slug(&directive.argument));
            let code = lines::numbered("rust", &dedent(&visible), Numbers::Card(&id));
            Ok((id, code))
        });
    match shown {
        Ok((id, code)) => {
            let file = escape(&super::slashed(&file)).replace('/', "/<wbr>");
            format!(
                "<figure class=\"listing source\" id=\"{id}\">\n\
                 <figcaption><code>{file}</code></figcaption>\n\n{code}</figure>\n"
            )
        }
        Err(problem) => {
            report.problems.push(problem);
            String::new()
        }
    }
}

/// Takes away the indentation that all lines share.
pub(crate) fn dedent<'a>(lines: &[Line<'a>]) -> Vec<Line<'a>> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let shared = lines
        .iter()
        .filter(|line| !line.text.trim().is_empty())
        .map(|line| indent(line.text))
        .min()
        .unwrap_or(0);
    lines
        .iter()
        .map(|line| Line {
            number: line.number,
            text: line.text.get(shared..).unwrap_or(""),
            visible: true,
        })
        .collect()
}

/// Adds a page for each listing's whole file: linked from its card and found by the search, but
/// not in the table of contents (the theme hides it there).
pub(crate) fn whole_files(refs: &References, book: &mut Book) -> Result<()> {
    for listing in refs.listings.values() {
        let file = file(refs, listing);
        let Ok(text) = fs::read_to_string(listing.source()) else {
            continue;
        };
        let mut content = format!(
            "# `{}` {{.file-name}}\n\n<div class=\"file-head\">\n\n{}\n\n",
            super::slashed(&file),
            listing.entry.caption
        );
        if let Some(number) = refs.numbers.get(&listing.path()) {
            let _ = write!(
                content,
                "[{} in the text](../../{}#{})\n\n",
                number.label,
                super::href(&number.page),
                id(&listing.path(), None)
            );
        }
        content.push_str("</div>\n\n");
        if listing.entry.code.is_none() {
            content.push_str(&code(
                "console,command",
                &format!("{}\n", listing.command()),
            ));
        }
        let whole = fragment::lines(&text);
        let _ = write!(
            content,
            "<div class=\"whole-file\">\n{}</div>\n",
            lines::numbered("rust", &whole, Numbers::Links)
        );
        let path = PathBuf::from(whole_file(listing)).with_extension("md");
        let mut chapter = Chapter::new(
            &listing.path(),
            content,
            path,
            vec!["Whole files".to_owned()],
        );
        chapter.source_path = None;
        book.items.push(BookItem::Chapter(chapter));
    }
    Ok(())
}
