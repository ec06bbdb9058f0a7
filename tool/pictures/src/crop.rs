//! A recorded picture that is larger than a screen, shown in parts: cut between its boxes, and on a
//! phone one Deferred at a time.
//!
//! The drawing stands in the page once. Each further part is a window on it (`<use>`), so a picture
//! in five parts weighs as much as one.
use std::fmt::Write;

/// How tall a part may be on the screen, a little less than the limit of the browser test.
const TALL: f64 = 780.0;
/// How wide a card's drawing is; what is wider is made smaller, down to `SMALLEST`, or shown column
/// by column.
const WIDE: f64 = 808.0;
const SMALLEST: f64 = 0.85;
/// What fits a phone, and how tall a part may be there.
const PHONE: f64 = 300.0;
const PHONE_TALL: f64 = 700.0;
/// How wide bands may be that are made smaller to fit a phone.
const BANDS: f64 = 500.0;

/// A rectangle of the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Returns a figure of Deferreds or tasks as HTML: whole where it fits, else in parts. `id` is one
/// that no other drawing of the page has.
///
/// ```
/// let small = "<svg class=\"rails\" width=\"90\" height=\"40\" viewBox=\"0 0 90 40\"></svg>";
/// assert!(pictures::fitted(small, "a").starts_with("<div class=\"flow-drawing\">\n<svg"));
/// ```
pub fn fitted(svg: &str, id: &str) -> String {
    let plain = format!("<div class=\"flow-drawing\">\n{svg}\n</div>\n\n");
    let Some((open, body)) = svg.split_once('>') else {
        return plain;
    };
    let Some(whole) = size(open) else {
        return plain;
    };
    let frames = frames(body);
    let desk = desk(body, whole, &frames);
    // A band of tasks goes across all columns: it cannot be shown one by one. It is made smaller,
    // or left to the steps.
    let bands = frames.iter().any(|frame| frame.width > PHONE);
    let phone = if bands {
        Vec::new()
    } else {
        phone(body, whole, &frames)
    };
    let too_wide = bands && whole.width > BANDS;
    if desk.len() == 1 && phone.is_empty() && !too_wide {
        return plain;
    }
    let held = format!("{id}-drawing");
    let class = attribute(open, "class").unwrap_or("rails");
    let (about, rest) = body
        .rsplit_once("</style>")
        .map_or(("", body), |(about, rest)| (&body[..about.len() + 8], rest));
    let rest = rest.trim_end().trim_end_matches("</svg>");
    // What is used again has its class and its ground with it: in a window the drawing around it is
    // not there.
    let first = format!(
        "{}>{about}\n<g id=\"{held}\" class=\"{class}\">{rest}</g></svg>",
        shown(open, desk[0], whole)
    );
    let mut out = String::new();
    let only = if phone.is_empty() && !too_wide {
        ""
    } else {
        " on-desk"
    };
    let _ = writeln!(out, "<div class=\"flow-drawing{only}\">\n{first}\n</div>\n");
    parts(
        &mut out,
        &desk[1..],
        &held,
        class,
        only,
        "The picture goes on",
    );
    if too_wide {
        out.push_str("<p class=\"on-phone\">This picture wants a wider screen; its steps tell the same.</p>\n\n");
    }
    if let Some((one, others)) = phone.split_first() {
        let _ = writeln!(
            out,
            "<div class=\"flow-drawing on-phone\">\n{}\n</div>\n",
            window(*one, &held, class)
        );
        parts(
            &mut out,
            others,
            &held,
            class,
            " on-phone",
            "The picture goes on",
        );
    }
    out
}

fn parts(out: &mut String, windows: &[Window], held: &str, class: &str, only: &str, label: &str) {
    if windows.is_empty() {
        return;
    }
    let count = match windows.len() {
        1 => "one more part".to_owned(),
        n => format!("{n} more parts"),
    };
    let _ = writeln!(
        out,
        "<details class=\"panels{only}\">\n<summary>{label}: {count}</summary>"
    );
    for one in windows {
        let _ = writeln!(
            out,
            "<div class=\"flow-drawing\">\n{}\n</div>",
            window(*one, held, class)
        );
    }
    out.push_str("</details>\n\n");
}

fn n(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A part of the drawing; the first one has told already what it is.
fn window(
    Window {
        x,
        y,
        width,
        height,
    }: Window,
    held: &str,
    class: &str,
) -> String {
    let [x, y, w, h] = [x, y, width, height].map(n);
    format!(
        "<svg class=\"part\" aria-hidden=\"true\" width=\"{w}\" height=\"{h}\" viewBox=\"{x} {y} {w} {h}\" fill=\"none\" \
         stroke-linejoin=\"round\"><g class=\"{}\"><use href=\"#{held}\"/></g></svg>",
        class.replace('&', "&amp;").replace('"', "&quot;")
    )
}

/// Returns the opening of the drawing with the window of its first part; the test of the drawing
/// wants to know how large all of it is.
fn shown(open: &str, first: Window, whole: Window) -> String {
    let [x, y, w, h] = [first.x, first.y, first.width, first.height].map(n);
    let new = format!(
        " width=\"{w}\" height=\"{h}\" viewBox=\"{x} {y} {w} {h}\" data-whole=\"{} {}\"",
        n(whole.width),
        n(whole.height)
    );
    // `width`, `height` and `viewBox` stand one after the other.
    let Some(from) = open.find(" width=\"") else {
        return open.to_owned();
    };
    let end = open[from..]
        .find(" viewBox=\"")
        .and_then(|at| Some(from + at + 10 + open[from + at + 10..].find('"')? + 1));
    match end {
        Some(end) => format!("{}{new}{}", &open[..from], &open[end..]),
        None => open.to_owned(),
    }
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[at..].split('"').next()
}

fn number(tag: &str, name: &str) -> Option<f64> {
    attribute(tag, name)?.parse().ok()
}

fn size(open: &str) -> Option<Window> {
    Some(Window {
        x: 0.0,
        y: 0.0,
        width: number(open, "width")?,
        height: number(open, "height")?,
    })
}

/// Returns the frames of Deferreds, from left to right and from top to bottom.
fn frames(body: &str) -> Vec<Window> {
    let mut found: Vec<Window> = rectangles(body)
        .filter(|(_, frame)| *frame)
        .map(|(window, _)| window)
        .collect();
    found.sort_by(|a, b| (a.y, a.x).partial_cmp(&(b.y, b.x)).expect("a number"));
    found
}

fn rectangles(body: &str) -> impl Iterator<Item = (Window, bool)> {
    body.split("<rect").skip(1).filter_map(|rest| {
        let tag = &rest[..rest.find('>')?];
        let window = Window {
            x: number(tag, "x")?,
            y: number(tag, "y")?,
            width: number(tag, "width")?,
            height: number(tag, "height")?,
        };
        Some((window, attribute(tag, "class") == Some("frame")))
    })
}

/// Returns what must not be cut: boxes and lines of text, from where to where down the drawing, in
/// these columns.
fn solid(body: &str, left: f64, right: f64) -> Vec<(f64, f64)> {
    let boxes = rectangles(body)
        .filter(|(one, frame)| !frame && one.x < right && one.x + one.width > left)
        .map(|(one, _)| (one.y - 2.0, one.y + one.height + 2.0));
    let texts = body.split("<text").skip(1).filter_map(|rest| {
        let tag = &rest[..rest.find('>')?];
        let (x, y) = (number(tag, "x")?, number(tag, "y")?);
        (x > left && x < right).then_some((y - 13.0, y + 5.0))
    });
    boxes.chain(texts).collect()
}

/// Returns a window cut into parts of at most `tall`, each as long as it can be without a cut
/// through a box.
fn cut(body: &str, window: Window, tall: f64) -> Vec<Window> {
    let solid = solid(body, window.x, window.x + window.width);
    let end = window.y + window.height;
    let mut parts = Vec::new();
    let mut top = window.y;
    while end - top > tall {
        let free = |y: f64| solid.iter().all(|(from, to)| y <= *from || y >= *to);
        let mut at = top + tall;
        while at > top + tall / 3.0 && !free(at) {
            at -= 1.0;
        }
        if !free(at) {
            at = top + tall;
        }
        parts.push(Window {
            y: top,
            height: at - top,
            ..window
        });
        top = at;
    }
    parts.push(Window {
        y: top,
        height: end - top,
        ..window
    });
    parts
}

/// Returns the parts for a wide screen.
fn desk(body: &str, whole: Window, frames: &[Window]) -> Vec<Window> {
    if whole.width <= WIDE || WIDE / whole.width >= SMALLEST || frames.is_empty() {
        let scale = (WIDE / whole.width).min(1.0);
        return cut(body, whole, TALL / scale);
    }
    // As many columns side by side as are still large enough.
    let mut lefts: Vec<f64> = frames.iter().map(|frame| frame.x).collect();
    lefts.sort_by(f64::total_cmp);
    lefts.dedup();
    let width = frames[0].width;
    let mut parts = Vec::new();
    let mut at = 0;
    while at < lefts.len() {
        let fits = lefts[at..]
            .iter()
            .filter(|left| (*left + width - lefts[at]) <= WIDE / SMALLEST)
            .count()
            .max(1);
        let (left, right) = (lefts[at] - 1.0, lefts[at + fits - 1] + width + 1.0);
        let mine = frames
            .iter()
            .filter(|frame| frame.x >= left && frame.x < right);
        let (top, bottom) = mine.fold((f64::MAX, 0.0_f64), |(top, bottom), frame| {
            (top.min(frame.y), bottom.max(frame.y + frame.height))
        });
        let column = Window {
            x: left,
            y: top - 1.0,
            width: right - left,
            height: bottom - top + 2.0,
        };
        let scale = (WIDE / column.width).min(1.0);
        parts.extend(cut(body, column, TALL / scale));
        at += fits;
    }
    parts
}

/// Returns the parts for a phone: each Deferred by itself; none when all of it fits.
fn phone(body: &str, whole: Window, frames: &[Window]) -> Vec<Window> {
    if whole.width <= PHONE || frames.is_empty() {
        return Vec::new();
    }
    frames
        .iter()
        .flat_map(|frame| {
            let around = Window {
                x: frame.x - 1.0,
                y: frame.y - 1.0,
                width: frame.width + 2.0,
                height: frame.height + 2.0,
            };
            cut(body, around, PHONE_TALL)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a drawing of columns, each a frame of this height with a box of 40 every 60.
    fn svg(columns: usize, height: usize) -> String {
        let width = columns * 316 - 38;
        let mut body = String::new();
        for column in 0..columns {
            let x = 1 + column * 316;
            let _ = writeln!(
                body,
                "<rect x=\"{x}\" y=\"1\" width=\"276\" height=\"{}\" rx=\"8\" class=\"frame\"/>",
                height - 2
            );
            for y in (20..height - 50).step_by(60) {
                let _ = writeln!(
                    body,
                    "<rect x=\"{}\" y=\"{y}\" width=\"126\" height=\"40\" class=\"ground\"/>",
                    x + 9
                );
            }
        }
        format!(
            "<svg class=\"rails\" role=\"img\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\"><title>T</title><style>x</style>\n{body}</svg>"
        )
    }

    #[test]
    fn bands_over_all_columns_are_left_to_the_steps_where_they_would_be_too_small() {
        let band = |width: usize| {
            let body = format!(
                "<rect x=\"1\" y=\"1\" width=\"{}\" height=\"90\" class=\"frame\"/>",
                width - 2
            );
            format!(
                "<svg class=\"rails tasks\" width=\"{width}\" height=\"100\" viewBox=\"0 0 {width} 100\">{body}</svg>"
            )
        };
        assert!(!fitted(&band(465), "a").contains("on-"));
        let out = fitted(&band(809), "a");
        assert!(
            out.contains("flow-drawing on-desk") && out.contains("<p class=\"on-phone\">"),
            "{out}"
        );
    }

    fn heights(out: &str) -> Vec<f64> {
        out.split("<svg")
            .skip(1)
            .filter_map(|rest| number(rest.split('>').next()?, "height"))
            .collect()
    }

    #[test]
    fn what_fits_is_left_alone() {
        let small = svg(1, 500);
        assert_eq!(
            fitted(&small, "a"),
            format!("<div class=\"flow-drawing\">\n{small}\n</div>\n\n")
        );
        assert!(fitted("no picture", "a").contains("no picture"));
    }

    #[test]
    fn a_tall_one_is_cut_between_its_boxes_and_stands_in_the_page_once() {
        let out = fitted(&svg(1, 1_900), "a");
        assert_eq!(heights(&out).iter().sum::<f64>(), 1_900.0, "{out}");
        assert!(
            heights(&out).iter().all(|height| *height <= TALL),
            "{:?}",
            heights(&out)
        );
        assert_eq!(out.matches("class=\"frame\"").count(), 1);
        assert_eq!(out.matches("<use href=\"#a-drawing\"").count(), 2);
        assert!(
            out.contains("<title>T</title>") && out.contains("data-whole=\"278 1900\""),
            "{out}"
        );
        let tops = heights(&out)
            .iter()
            .scan(0.0, |at, height| {
                *at += height;
                Some(*at)
            })
            .collect::<Vec<_>>();
        for cut in &tops[..2] {
            let inside = (cut - 20.0) % 60.0;
            assert!((40.0..60.0).contains(&inside), "cut at {cut}, in a box");
        }
        assert!(!out.contains("on-phone"));
    }

    #[test]
    fn columns_stand_one_by_one_on_a_phone_and_at_most_three_on_a_desk() {
        let out = fitted(&svg(2, 600), "a");
        assert_eq!(out.matches("on-desk").count(), 1, "{out}");
        assert_eq!(out.matches("<use").count(), 2, "{out}");
        let out = fitted(&svg(5, 600), "a");
        let (desk, phone) = out
            .split_once("<div class=\"flow-drawing on-phone\">")
            .unwrap();
        assert_eq!(desk.matches("<svg").count(), 2, "{desk}");
        assert_eq!(phone.matches("<svg").count(), 5, "{phone}");
        assert_eq!(
            out.matches("<details").count(),
            out.matches("</details>").count()
        );
    }
}
