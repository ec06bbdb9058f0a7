//! `{{#predict …}}`: a question about a recorded run, above the output and the picture that answer
//! it.
use super::{
    card::{Card, relative, unknown},
    directive::{Directive, Piece},
    parts,
    references::{PageInfo, References, Report},
};
use crate::{
    finding::Finding,
    manifest::Listing,
    markup::{escape, inline, slug},
};
use regex::Regex;
use serde::Deserialize;
use std::{collections::BTreeSet, fmt::Write, fs, ops::Range, path::PathBuf};

/// How it is answered.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// Lines are put in order.
    Order,
    /// One of several answers is chosen.
    Choose,
    /// The lines are typed.
    Type,
}

/// A question as it is written in `listings/<package>/predict/<listing>.toml`. The right answer is
/// not: it is what the recording says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    ask: String,
    kind: Kind,
    /// The lines of the output that it is about, as a regular expression; all unless given.
    only: Option<String>,
    /// Why the right answer is right.
    because: String,
    /// Answers that are often given, each with what it overlooks.
    #[serde(default)]
    wrong: Vec<Wrong>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrong {
    /// As lines.
    answer: Vec<String>,
    because: String,
}

/// A question that is proven: its right answer is what the run printed, its wrong ones are not.
#[derive(Debug)]
pub(crate) struct Question {
    ask: String,
    kind: Kind,
    right: Vec<String>,
    because: String,
    wrong: Vec<Wrong>,
}

/// Returns where the question about a listing is written.
pub(crate) fn file(listing: &Listing) -> PathBuf {
    let name = format!("{}.toml", listing.name);
    listing.folder.join("predict").join(name)
}

/// Reads and proves a question.
///
/// # Errors
/// What is wrong with it, in words.
pub(crate) fn read(listing: &Listing) -> Result<Question, String> {
    let text = fs::read_to_string(file(listing)).map_err(|error| {
        format!("cannot be read ({error}): a question has `ask`, `kind`, `because` and `[[wrong]]`")
    })?;
    let written: Written = toml::from_str(&text).map_err(|error| error.message().to_owned())?;
    let output = fs::read_to_string(listing.output()).map_err(|_| {
        format!(
            "its listing is not recorded: cargo book record {}",
            listing.path()
        )
    })?;
    let only = written.only.as_deref().unwrap_or("");
    let only = Regex::new(only).map_err(|error| format!("`only`: {error}"))?;
    let right: Vec<String> = output
        .lines()
        .skip(1)
        .filter(|line| only.is_match(line))
        .map(|line| line.trim().to_owned())
        .collect();
    let question = Question {
        ask: written.ask,
        kind: written.kind,
        right,
        because: written.because,
        wrong: written.wrong,
    };
    question.prove()?;
    Ok(question)
}

impl Question {
    fn prove(&self) -> Result<(), String> {
        if self.right.iter().all(|line| line.is_empty()) {
            return Err(
                "the run prints no line that `only` matches, so nothing is right".to_owned(),
            );
        }
        let least = if self.kind == Kind::Choose { 2 } else { 1 };
        if self.wrong.len() < least {
            return Err(format!(
                "it has {} wrong answers and needs {least}: write those that people give",
                self.wrong.len()
            ));
        }
        let set = |lines: &[String]| lines.iter().cloned().collect::<BTreeSet<_>>();
        if self.kind == Kind::Order {
            if self.right.len() < 3 {
                return Err("there are fewer than three lines to put in order".to_owned());
            }
            if set(&self.right).len() != self.right.len() {
                return Err(
                    "the run prints one of the lines twice: they have no one order".to_owned(),
                );
            }
        }
        let mut seen = BTreeSet::new();
        for wrong in &self.wrong {
            let said = wrong.answer.join(" / ");
            if wrong.answer == self.right {
                return Err(format!(
                    "`{said}` is called wrong, and the run prints exactly that"
                ));
            }
            if self.kind == Kind::Order
                && (wrong.answer.len() != self.right.len()
                    || set(&wrong.answer) != set(&self.right))
            {
                return Err(format!(
                    "`{said}` does not put the same lines in another order"
                ));
            }
            if !seen.insert(&wrong.answer) {
                return Err(format!("`{said}` is there twice"));
            }
        }
        Ok(())
    }

    /// Returns the answers as they are offered: in an order that has nothing to do with which is
    /// right.
    fn shuffled<'a, T: AsRef<str>>(&self, all: &'a [T]) -> Vec<&'a T> {
        let key = |text: &str| {
            let seed = self.ask.bytes().chain(text.bytes());
            seed.fold(2_166_136_261_u32, |hash, byte| {
                (hash ^ u32::from(byte)).wrapping_mul(16_777_619)
            })
        };
        let mut mixed: Vec<&T> = all.iter().collect();
        mixed.sort_by_key(|text| key(text.as_ref()));
        // By chance it may be the right order, which would be no question.
        if mixed.iter().zip(all).all(|(a, b)| a.as_ref() == b.as_ref()) {
            mixed.rotate_left(1);
        }
        mixed
    }

    fn form(&self, listing: &Listing) -> String {
        let name = slug(&listing.path());
        let kind = match self.kind {
            Kind::Order => "order",
            Kind::Choose => "choose",
            Kind::Type => "type",
        };
        let mut out = format!(
            "<form class=\"predict\" data-kind=\"{kind}\" data-about=\"{}\" data-right=\"{}\" \
             data-because=\"{}\" data-wrong=\"{}\">\n<fieldset><legend><span>Predict</span>{}</legend>\n",
            escape(&listing.path()),
            attribute(&self.right),
            escape(&self.because),
            attribute(
                &self
                    .wrong
                    .iter()
                    .map(|wrong| (&wrong.answer, &wrong.because))
                    .collect::<Vec<_>>()
            ),
            inline(&self.ask),
        );
        match self.kind {
            Kind::Order => {
                out.push_str("<ol class=\"order\">");
                for line in self.shuffled(&self.right) {
                    let _ = write!(out, "<li><code>{}</code></li>", escape(line));
                }
                out.push_str("</ol>\n");
            }
            Kind::Choose => {
                let all = std::iter::once(&self.right).chain(self.wrong.iter().map(|w| &w.answer));
                let all: Vec<String> = all.map(|lines| lines.join("\n")).collect();
                for answer in self.shuffled(&all) {
                    let _ = writeln!(
                        out,
                        "<label><input type=\"radio\" name=\"predict-{name}\"><code>{}</code></label>",
                        escape(answer).replace('\n', "<br>")
                    );
                }
            }
            Kind::Type => {
                let _ = writeln!(
                    out,
                    "<textarea rows=\"{}\" spellcheck=\"false\" autocapitalize=\"off\" aria-label=\"What it prints\"></textarea>",
                    self.right.len()
                );
            }
        }
        out.push_str(
            "</fieldset><button class=\"check\" type=\"submit\">Check</button>\
             <p class=\"verdict\" role=\"status\"></p></form>\n",
        );
        out
    }
}

/// Returns a value as JSON in an attribute.
fn attribute<T: serde::Serialize>(value: &T) -> String {
    escape(&serde_json::to_string(value).unwrap_or_default())
}

/// Expands `{{#predict reactor/one_turn}}`.
pub(crate) fn show(
    refs: &References,
    info: &PageInfo,
    directive: &Directive,
    report: &mut Report,
) -> String {
    let problem = |what: String| Finding::new(&info.file, directive.line, what);
    if let Err(wrong) = directive.chapter_and_name(&info.file, "reactor/one_turn") {
        report.problems.push(wrong);
        return String::new();
    }
    let Some(listing) = refs.listings.get(&directive.argument) else {
        report
            .problems
            .push(problem(unknown(refs, &directive.argument)));
        return String::new();
    };
    let question = match read(listing) {
        Ok(question) => question,
        Err(what) => {
            let file = relative(refs, &file(listing));
            report.problems.push(Finding::new(file, 1, what));
            return String::new();
        }
    };
    // The card's own parts, without its code: the page has shown that above.
    let card = Card {
        refs,
        info,
        directive,
        first: true,
    };
    let id = slug(&directive.argument);
    let summary = if listing.diagrams().is_empty() {
        "What it prints"
    } else {
        "What it prints, and the picture"
    };
    format!(
        "<figure class=\"listing prediction\" id=\"predict-{id}\">\n{}\
         <details class=\"cover\">\n<summary>{summary}</summary>\n{}{}{}</details>\n</figure>\n",
        question.form(listing),
        parts::run(&card, listing, None, report),
        parts::diagram(&card, listing, report),
        parts::stepper(&card, listing),
    )
}

/// Returns which pieces of a page explain an answer: what stands below a question, figures among
/// it, up to the next heading, other directive, tag or bold label. They are covered until it is
/// answered. A last paragraph that ends with `:` or `?` leads on to a directive below it, and is
/// not among them.
pub(crate) fn whys(pieces: &[Piece<'_>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        if !matches!(piece, Piece::Block(directive) if directive.name == "predict") {
            continue;
        }
        let mut end = at + 1;
        let mut fenced = false;
        while let Some(piece) = pieces.get(end) {
            match piece {
                Piece::Block(directive) if directive.name == "figure" => {}
                Piece::Block(_) => break,
                Piece::Text(line) | Piece::Inline(line, _) => {
                    fenced ^= line.starts_with("```");
                    if !fenced && ends_why(line) {
                        break;
                    }
                }
            }
            end += 1;
        }
        let empty = |at: usize| matches!(&pieces[at], Piece::Text(line) if line.trim().is_empty());
        let mut start = at + 1;
        while start < end && empty(start) {
            start += 1;
        }
        let block = matches!(pieces.get(end), Some(Piece::Block(_)));
        while end > start && empty(end - 1) {
            end -= 1;
        }
        if block
            && end > start
            && let Piece::Text(line) | Piece::Inline(line, _) = &pieces[end - 1]
            && line.trim_end().ends_with([':', '?'])
        {
            while end > start && !empty(end - 1) {
                end -= 1;
            }
            while end > start && empty(end - 1) {
                end -= 1;
            }
        }
        if start < end {
            found.push(start..end);
        }
    }
    found
}

fn ends_why(line: &str) -> bool {
    const LABELS: [&str; 4] = ["**Change it", "**Question", "**The twin", "> **In Twisted"];
    line.starts_with(['#', '<']) || LABELS.iter().any(|label| line.starts_with(label))
}

#[cfg(test)]
mod tests {
    use super::super::tests::with;
    use crate::expand::{self, Target};

    const OUTPUT: &str =
        "$ cargo run -p reactor --example simplest\nturn 1\n  a, first\n  b, second\n  c, third\n";

    /// Returns what the page says of this question: its text, or what is wrong.
    fn asked(question: &str) -> Result<String, String> {
        let fixture = with("# Reactor\n\n{{#predict reactor/simplest}}");
        fixture.write("listings/reactor/output/simplest.txt", OUTPUT);
        fixture.write("listings/reactor/predict/simplest.toml", question);
        match expand::chapters(&fixture.house, Target::Html) {
            Ok(pages) => Ok(pages.into_iter().map(|page| page.text).collect()),
            Err(error) => Err(format!("{error:#}")),
        }
    }

    #[test]
    fn lines_to_order_are_those_of_the_run_and_never_in_the_right_order() {
        let text = asked(
            "ask = \"Which `order`?\"\nkind = \"order\"\nonly = \"^  [a-c]\"\nbecause = \"so\"\n\
             [[wrong]]\nanswer = [\"b, second\", \"a, first\", \"c, third\"]\nbecause = \"no\"\n",
        )
        .unwrap();
        assert!(
            text.contains(
                "data-right=\"[&quot;a, first&quot;,&quot;b, second&quot;,&quot;c, third&quot;]\""
            ),
            "{text}"
        );
        assert!(
            text.contains("</span>Which <code>order</code>?</legend>"),
            "{text}"
        );
        assert_eq!(text.matches("<li><code>").count(), 3);
        let right = "<li><code>a, first</code></li><li><code>b, second</code></li><li><code>c, third</code></li>";
        assert!(!text.contains(right), "that would be no question");
        assert!(
            !text.contains("turn 1</code></li>"),
            "`only` chooses the lines"
        );
        assert!(
            text.contains("<details class=\"cover\">"),
            "the answer is covered"
        );
    }

    /// Returns the page with a question, and `below` below it.
    fn with_below(below: &str) -> String {
        let fixture = with(&format!(
            "# Reactor\n\n{{{{#predict reactor/simplest}}}}\n\n{below}"
        ));
        fixture.write("listings/reactor/output/simplest.txt", OUTPUT);
        fixture.write(
            "listings/reactor/predict/simplest.toml",
            "ask = \"Which?\"\nkind = \"type\"\nonly = \"a\"\nbecause = \"so\"\n[[wrong]]\nanswer = [\"x\"]\nbecause = \"no\"\n",
        );
        let pages = expand::chapters(&fixture.house, Target::Html).unwrap();
        let text: String = pages.into_iter().map(|page| page.text).collect();
        text.rsplit_once("</figure>").unwrap().1.trim().to_owned()
    }

    #[test]
    fn what_explains_the_answer_is_covered_up_to_what_comes_next() {
        const OPEN: &str =
            "<details class=\"cover why\">\n<summary>Why, and what follows</summary>\n\n";
        for next in [
            "## Then",
            "<!-- open -->",
            "**Change it.** Take",
            "**Question.** May",
            "**The twin.** It",
        ] {
            let text = with_below(&format!("Because of it.\n\n- so\n\n{next}\n\nafter\n"));
            let covered = format!("{OPEN}Because of it.\n\n- so\n\n</details>\n\n\n{next}");
            assert!(text.starts_with(&covered), "{next}: {text}");
        }
        let text = with_below("Because.\n\n```text\n# no heading\n```\n");
        assert!(text.starts_with(OPEN), "{text}");
        assert!(text.contains("# no heading\n```\n\n</details>"), "{text}");
        // What leads on to the next program is read before it, and so in sight.
        let text = with_below("Because.\n\nAnd two\nof them?\n\n{{#minutes}}\n");
        assert!(
            text.starts_with(&format!("{OPEN}Because.\n\n</details>\n\n\nAnd two")),
            "{text}"
        );
        assert!(!with_below("And two?\n\n{{#minutes}}\n").contains("<details class=\"cover why\""));
        assert!(!with_below("## Then\n").contains("<details class=\"cover why\""));
    }

    #[test]
    fn a_figure_that_shows_the_answer_is_covered_with_it() {
        let text =
            "{{#predict a/b}}\n\n{{#figure a/beats}}\n\nBecause.\n\n{{#listing a/c}}\n\nThen.";
        let pieces =
            super::super::directive::pieces(std::path::Path::new("x.md"), text, 0, &mut Vec::new());
        let whys = super::whys(&pieces);
        assert_eq!((whys.len(), whys.first()), (1, Some(&(2..5))));
    }

    #[test]
    fn choices_hold_the_right_answer_once_and_each_wrong_one() {
        let text = asked(
            "ask = \"What?\"\nkind = \"choose\"\nonly = \"a, \"\nbecause = \"so\"\n\
             [[wrong]]\nanswer = [\"x\", \"y\"]\nbecause = \"no\"\n\
             [[wrong]]\nanswer = [\"z\"]\nbecause = \"never\"\n",
        )
        .unwrap();
        assert_eq!(text.matches("type=\"radio\"").count(), 3, "{text}");
        assert!(text.contains("<code>x<br>y</code>"));
        assert_eq!(text.matches("<code>a, first</code>").count(), 1);
    }

    #[test]
    fn a_question_that_is_not_proven_does_not_get_into_the_book() {
        let wrong = |answer: &str| format!("[[wrong]]\nanswer = {answer}\nbecause = \"no\"\n");
        let order = "ask = \"?\"\nkind = \"order\"\nonly = \"^  [a-c]\"\nbecause = \"so\"\n";
        let kind = "ask = \"?\"\nkind = \"type\"\nonly = \"a, \"\nbecause = \"so\"\n";
        for (question, says) in [
            (order.to_owned(), "it has 0 wrong answers and needs 1"),
            (
                order.to_owned() + &wrong("[\"a, first\", \"b, second\", \"c, third\"]"),
                "is called wrong, and the run prints exactly that",
            ),
            (
                order.to_owned() + &wrong("[\"a, first\", \"b, second\"]"),
                "does not put the same lines in another order",
            ),
            (
                order.replace("[a-c]", "[a-b]") + &wrong("[\"b, second\", \"a, first\"]"),
                "fewer than three lines",
            ),
            (
                kind.replace("a, ", "zzz") + &wrong("[\"x\"]"),
                "the run prints no line that `only` matches",
            ),
            (
                kind.to_owned() + &wrong("[\"a, first\"]"),
                "is called wrong",
            ),
            (
                kind.to_owned() + &wrong("[\"x\"]") + &wrong("[\"x\"]"),
                "`x` is there twice",
            ),
            (kind.replace("ask", "asks"), "unknown field `asks`"),
        ] {
            let said = asked(&question).expect_err(&question);
            assert!(
                said.contains("listings/reactor/predict/simplest.toml:1: ") && said.contains(says),
                "{said}\nwanted: {says}"
            );
        }
    }
}
