//! The elements of an SVG, written so that the same figure has the same bytes. Colours stand in
//! attributes, for a file that is opened alone; the page's style sheet replaces them by class.
pub(super) mod text;

use std::fmt::Write as _;
use text::{Font, escape};

/// Result or failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rail {
    Ok,
    Err,
}

/// An SVG in the making.
#[derive(Debug, Default)]
pub(super) struct Canvas {
    body: String,
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pen {
    /// Where the value went.
    Taken(Rail),
    /// A rail on which nothing went.
    Idle(Rail),
    /// What caused something.
    Cause,
    /// Something that is there and sleeps.
    Sleeps,
}

/// Where a text is held.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held {
    Left,
    Middle,
    Right,
}

fn colour(rail: Rail) -> (&'static str, &'static str) {
    match rail {
        Rail::Ok => ("result", "#0072B2"),
        Rail::Err => ("failure", "#D55E00"),
    }
}

impl Pen {
    fn attributes(self) -> String {
        match self {
            Pen::Taken(rail) => {
                let (class, colour) = colour(rail);
                format!("class=\"{class}\" stroke=\"{colour}\" stroke-width=\"4\"")
            }
            Pen::Idle(rail) => {
                let (class, colour) = colour(rail);
                format!(
                    "class=\"{class}\" stroke=\"{colour}\" stroke-width=\"1.5\" stroke-dasharray=\"5 4\""
                )
            }
            Pen::Cause => "class=\"soft\" stroke=\"#57606a\" stroke-width=\"1.5\"".to_owned(),
            Pen::Sleeps => {
                "class=\"soft\" stroke=\"#57606a\" stroke-width=\"1.5\" stroke-dasharray=\"5 4\""
                    .to_owned()
            }
        }
    }

    fn fill(self) -> String {
        match self {
            Pen::Taken(rail) | Pen::Idle(rail) => {
                let (class, colour) = colour(rail);
                format!("class=\"{class} tip\" fill=\"{colour}\"")
            }
            Pen::Cause | Pen::Sleeps => "class=\"soft tip\" fill=\"#57606a\"".to_owned(),
        }
    }
}

/// Returns a number as short as it can be.
fn n(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Returns the path of straight lines from one point to the next.
fn path_through(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        let begin = if at == 0 { "M" } else { "L" };
        let _ = write!(path, "{begin}{} {}", n(*x), n(*y));
    }
    path
}

impl Canvas {
    /// A line through points.
    pub(super) fn line(&mut self, points: &[(f64, f64)], pen: Pen) {
        self.path(&path_through(points), pen);
    }

    /// The same, cleared of what lies below, so that it is seen to pass over it.
    pub(super) fn over(&mut self, points: &[(f64, f64)], pen: Pen) {
        if points.len() > 1 {
            let path = path_through(points);
            let _ = writeln!(
                self.body,
                "<path d=\"{path}\" class=\"ground\" stroke=\"#fff\" stroke-width=\"9\"/>"
            );
            self.path(&path, pen);
        }
    }

    /// A smooth change from one point to another below it.
    pub(super) fn cross(&mut self, from: (f64, f64), to: (f64, f64), pen: Pen) {
        let middle = n((from.1 + to.1) / 2.0);
        let path = format!(
            "M{} {}C{} {middle} {} {middle} {} {}",
            n(from.0),
            n(from.1),
            n(from.0),
            n(to.0),
            n(to.0),
            n(to.1)
        );
        self.path(&path, pen);
    }

    fn path(&mut self, path: &str, pen: Pen) {
        let _ = writeln!(self.body, "<path d=\"{path}\" {}/>", pen.attributes());
    }

    /// The tip of an arrow that goes to (x, y) in a direction: (0, 1) is down.
    pub(super) fn tip(&mut self, (x, y): (f64, f64), (dx, dy): (f64, f64), pen: Pen) {
        let (long, half) = if pen == Pen::Cause {
            (8.0, 4.0)
        } else {
            (11.0, 6.5)
        };
        let (bx, by) = (x - dx * long, y - dy * long);
        let _ = writeln!(
            self.body,
            "<path d=\"M{} {}L{} {}L{} {}z\" {} stroke=\"none\"/>",
            n(x),
            n(y),
            n(bx - dy * half),
            n(by + dx * half),
            n(bx + dy * half),
            n(by - dx * half),
            pen.fill()
        );
    }

    /// A box; `pen` draws its border, nothing inside shows what lies below.
    pub(super) fn boxed(
        &mut self,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        round: f64,
        border: &str,
    ) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" fill=\"#fff\" {border}/>",
            n(x),
            n(y),
            n(width),
            n(height),
            n(round)
        );
    }

    /// The frame around a Deferred.
    pub(super) fn frame(&mut self, x: f64, (top, bottom): (f64, f64), width: f64) {
        let _ = writeln!(
            self.body,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\" class=\"frame\" stroke=\"#b8bfc6\"/>",
            n(x),
            n(top),
            n(width),
            n(bottom - top)
        );
    }

    pub(super) fn text(
        &mut self,
        (x, y): (f64, f64),
        text: &str,
        font: Font,
        held: Held,
        class: &str,
    ) {
        if text.is_empty() {
            return;
        }
        let anchor = match held {
            Held::Left => "",
            Held::Middle => " text-anchor=\"middle\"",
            Held::Right => " text-anchor=\"end\"",
        };
        let font = match font {
            Font::Code => "code",
            Font::Words => "words",
            Font::Small => "small",
        };
        let space = if class.is_empty() { "" } else { " " };
        let _ = writeln!(
            self.body,
            "<text x=\"{}\" y=\"{}\" class=\"{font}{space}{class}\"{anchor}>{}</text>",
            n(x),
            n(y),
            escape(text)
        );
    }

    /// Returns the whole drawing. `class` tells those who style or test it what it shows.
    pub(super) fn finish(
        self,
        class: &str,
        (width, height): (f64, f64),
        title: &str,
        about: &str,
    ) -> String {
        let (width, height) = (width.ceil(), height.ceil());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{class}\" role=\"img\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" fill=\"none\" stroke-linejoin=\"round\">\n\
             <title>{}</title>\n<desc>{}</desc>\n{STYLE}\n{}</svg>\n",
            escape(title),
            escape(about),
            self.body
        )
    }
}

/// For a file that is opened alone; `:where` leaves the page's own style the last word.
const STYLE: &str = "<style>:where(svg.rails) :where(text){fill:#1b1f23;font:13px system-ui,sans-serif}\
:where(svg.rails) :where(.code){font:12px ui-monospace,monospace}\
:where(svg.rails) :where(.small){font-size:12px}\
:where(svg.rails) :where(.strong){font-weight:600}</style>";
