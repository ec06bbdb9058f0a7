//! One page from its pieces: the text as it is, boxes folded, and what each directive expands to.
use super::{
    Target, card, count,
    directive::{Directive, Piece},
    figure, files, front, href, listing, minutes, place, predict,
    references::{PageInfo, References, Report},
    source, step, task,
};
use crate::finding::Finding;
use std::{collections::BTreeSet, path::Path};

/// Returns the text of a page for `target`.
pub(crate) fn assemble(
    refs: &References,
    info: &PageInfo,
    pieces: &[Piece<'_>],
    target: Target,
    report: &mut Report,
) -> String {
    let mut assembly = Assembly {
        refs,
        info,
        target,
        report,
        out: String::new(),
        shown: BTreeSet::new(),
        boxed: false,
        heading: false,
        titled: false,
    };
    let whys = match target {
        Target::Html => predict::whys(pieces),
        Target::Doctest | Target::Skeptic => Vec::new(),
    };
    for (at, piece) in pieces.iter().enumerate() {
        if whys.iter().any(|why| why.end == at) {
            assembly.out.push_str("\n</details>\n\n");
        }
        if whys.iter().any(|why| why.start == at) {
            assembly.out.push_str(
                "<details class=\"cover why\">\n<summary>Why, and what follows</summary>\n\n",
            );
        }
        assembly.piece(piece);
    }
    let open = assembly.boxed || whys.iter().any(|why| why.end == pieces.len());
    let mut out = assembly.out;
    if open {
        out.push_str("\n</details>\n");
    }
    match target {
        Target::Html => finished(refs, info, out),
        Target::Doctest | Target::Skeptic => out,
    }
}

/// A page that is being put together.
struct Assembly<'a> {
    refs: &'a References,
    info: &'a PageInfo,
    target: Target,
    report: &'a mut Report,
    out: String,
    /// The listings that the page has shown.
    shown: BTreeSet<String>,
    /// Whether a box "In Twisted" is open.
    boxed: bool,
    /// Whether the next line is the first of that box.
    heading: bool,
    /// Whether the title stands.
    titled: bool,
}

impl Assembly<'_> {
    fn piece(&mut self, piece: &Piece<'_>) {
        if self.target == Target::Html {
            self.open_or_close_box(piece);
        }
        match piece {
            Piece::Text(line) => self.text(line),
            Piece::Inline(line, inner) => {
                let mut text = (*line).to_owned();
                for (span, directive) in inner.iter().rev() {
                    text.replace_range(span.clone(), &self.words(directive));
                }
                let text = self.in_box(&text);
                self.out.push_str(&text);
            }
            Piece::Block(directive) => {
                let text = self.block(directive);
                if self.target == Target::Html {
                    self.out.push_str(&text);
                }
            }
        }
        self.out.push('\n');
    }

    /// A quotation that begins "In Twisted" is folded; it ends where the quotation does.
    fn open_or_close_box(&mut self, piece: &Piece<'_>) {
        let line = match piece {
            Piece::Text(line) | Piece::Inline(line, _) => *line,
            Piece::Block(_) => "",
        };
        if self.boxed && !line.starts_with('>') {
            self.boxed = false;
            self.out.push_str("\n</details>\n");
        } else if !self.boxed && line.starts_with("> **In Twisted") {
            self.boxed = true;
            self.heading = true;
            self.out
                .push_str("<details class=\"in-twisted\">\n<summary>In Twisted</summary>\n\n");
        }
    }

    /// Returns a line without the mark of its quotation, if that is a box now.
    fn in_box(&mut self, line: &str) -> String {
        let line = if self.boxed { unquoted(line) } else { line };
        match std::mem::take(&mut self.heading) {
            // The summary is the heading, so the words need no weight of their own.
            true => line.replacen("**In Twisted**", "In Twisted", 1),
            false => line.to_owned(),
        }
    }

    fn text(&mut self, line: &str) {
        let line = self.in_box(line);
        self.out.push_str(&line);
        if self.target == Target::Html && !self.titled && line.starts_with("# ") {
            self.titled = true;
            self.out.push_str(&facts(self.info));
        }
    }

    /// Returns what a directive inside a line expands to.
    fn words(&mut self, directive: &Directive) -> String {
        match directive.name.as_str() {
            "count" => {
                let number = count::number(self.refs, self.info, directive);
                self.report.text(number)
            }
            "archive" => place::archive(self.info),
            _ => reference(self.refs, self.info, directive, self.report),
        }
    }

    /// Returns what a directive in a paragraph of its own expands to.
    fn block(&mut self, directive: &Directive) -> String {
        let (refs, info, report) = (self.refs, self.info, &mut *self.report);
        match directive.name.as_str() {
            "listing" => listing::show(refs, info, directive, &mut self.shown, report),
            "source" => source::show(refs, info, directive, report),
            "step" => step::show(refs, info, directive, report),
            "exercise" => report.text(task::show(refs, info, directive)),
            "figure" => report.text(figure::show(refs, info, directive)),
            "predict" => predict::show(refs, info, directive, report),
            "files" => report.text(files::table(refs, info, directive)),
            "minutes" => minutes::sections(refs, info, directive, report),
            "timetable" => minutes::timetable(refs, info),
            _ => String::new(),
        }
    }
}

/// Returns what stands around a page's own text.
fn finished(refs: &References, info: &PageInfo, mut text: String) -> String {
    if info.path == Path::new("glossary.md") {
        text = place::glossary(&text);
    }
    if info.path.ends_with("wrong.md") {
        // The theme turns the rails under its title round.
        text = turned(&text);
    }
    text.insert_str(0, &place::title(refs, info));
    text + &place::neighbours(refs, info)
}

/// Returns the text with the class `turned` at its title.
fn turned(text: &str) -> String {
    let mut lines: Vec<_> = text.split('\n').map(str::to_owned).collect();
    if let Some(title) = lines.iter_mut().find(|line| line.starts_with("# ")) {
        title.push_str(" {.turned}");
    }
    lines.join("\n")
}

/// Returns what stands under a section's title. A chapter's first page has its table of minutes
/// instead.
fn facts(info: &PageInfo) -> String {
    match &info.front {
        Some(front) if !info.path.ends_with("index.md") => {
            let facts = front::facts(front.minutes, &front.level);
            format!("\n\n<p class=\"page-facts\">{facts}</p>\n")
        }
        _ => String::new(),
    }
}

fn unquoted(line: &str) -> &str {
    line.strip_prefix("> ")
        .or_else(|| line.strip_prefix('>'))
        .unwrap_or(line)
}

/// `{{#ref reactor/simplest}}`: "Listing 3-1" as a link to where it first stands.
fn reference(
    refs: &References,
    info: &PageInfo,
    directive: &Directive,
    report: &mut Report,
) -> String {
    let path = &directive.argument;
    match refs.numbers.get(path) {
        Some(number) => format!(
            "[{}]({}{}#{})",
            number.label,
            info.to_root(),
            href(&number.page),
            card::id(path, None),
        ),
        None => {
            let what = match refs.listings.contains_key(path) {
                true => format!("no page shows listing `{path}`"),
                false => card::unknown(refs, path),
            };
            report
                .problems
                .push(Finding::new(&info.file, directive.line, what));
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::turned;

    #[test]
    fn a_title_is_turned_and_no_other_heading() {
        let text = "---\n# T\n\n# Another\n\n## T\n";
        assert_eq!(turned(text), "---\n# T {.turned}\n\n# Another\n\n## T\n");
        assert_eq!(turned("No title.\n"), "No title.\n");
    }
}
