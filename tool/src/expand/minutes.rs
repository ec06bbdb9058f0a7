//! `{{#minutes}}` and `{{#timetable}}`: tables computed from the pages' front matter.
use super::{
    directive::Directive,
    href,
    references::{PageInfo, References, Report},
    slashed,
    task::Task,
};
use crate::finding::Finding;
use std::{fmt::Write, path::Path};

/// Minutes after midnight.
type Clock = u32;

const BEGIN: Clock = 9 * 60;
const LUNCH: Clock = 12 * 60;
const END: Clock = 17 * 60;
/// A class listens no longer than this at a stretch.
const STRETCH: u32 = 75;
const WEEKS: usize = 12;

/// One thing to do: a page to read, or a chapter's exercises.
#[derive(Clone)]
struct Item {
    title: String,
    link: String,
    minutes: u32,
    level: String,
    /// Each exercise with its minutes, where the item is a chapter's exercises.
    parts: Vec<(String, u32)>,
}

/// Expands `{{#minutes}}` on a chapter's first page.
pub(crate) fn sections(
    refs: &References,
    info: &PageInfo,
    directive: &Directive,
    report: &mut Report,
) -> String {
    let folder = info.path.parent().unwrap_or(Path::new(""));
    if folder == Path::new("") {
        report.problems.push(Finding::new(
            &info.file,
            directive.line,
            "`{{#minutes}}` stands on a chapter's index.md",
        ));
        return String::new();
    }
    let mut out = String::from("| Section | Minutes | Afterwards you can |\n|---|--:|---|\n");
    let mut total = 0;
    for other in &refs.pages {
        if other.path.parent() != Some(folder) || other.path == info.path {
            continue;
        }
        let Some(front) = &other.front else { continue };
        total += front.minutes;
        let deeper = if front.level == "deeper" {
            " (*deeper*)"
        } else {
            ""
        };
        let name = href(Path::new(other.path.file_name().unwrap_or_default()));
        let _ = writeln!(
            out,
            "| [{}]({name}){deeper} | {} | {} |",
            cell(&other.name),
            front.minutes,
            cell(&front.goals.join("; "))
        );
    }
    let appendix: Vec<String> = refs
        .pages
        .iter()
        .filter(|other| other.in_appendix() && other.path.starts_with(folder))
        .map(|other| {
            let inside = other.path.strip_prefix(folder).unwrap_or(&other.path);
            format!("[{}]({})", cell(&other.name), href(inside))
        })
        .collect();
    let own = info.front.as_ref().map_or(0, |front| front.minutes);
    let tasks = Task::of_chapter(&refs.house, &slashed(folder));
    let _ = writeln!(
        out,
        "| **Together, with this page** | **{}** | |",
        total + own
    );
    if !tasks.is_empty() {
        let minutes: u32 = tasks.iter().map(|task| task.minutes).sum();
        let _ = writeln!(
            out,
            "| {} exercises | {minutes} | practise all of it |",
            tasks.len()
        );
    }
    if !appendix.is_empty() {
        let _ = writeln!(
            out,
            "| *To look up:* {} | | not counted |",
            appendix.join(" · ")
        );
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// Expands `{{#timetable}}`: one day, and twelve weeks.
pub(crate) fn timetable(refs: &References, info: &PageInfo) -> String {
    let items = items(refs, info);
    format!("{}\n{}", one_day(&items), weeks(&items))
}

/// Returns every page that has minutes, in order, and after each chapter its exercises.
fn items(refs: &References, info: &PageInfo) -> Vec<Item> {
    let mut items = Vec::new();
    let read = refs.pages.iter().filter(|other| !other.in_appendix());
    let mut pages = read.peekable();
    while let Some(other) = pages.next() {
        let Some(front) = &other.front else { continue };
        items.push(Item {
            title: other.name.clone(),
            link: format!("{}{}", info.to_root(), href(&other.path)),
            minutes: front.minutes,
            level: front.level.clone(),
            parts: Vec::new(),
        });
        let folder = other.path.parent();
        if pages.peek().is_none_or(|next| next.path.parent() != folder) {
            let chapter = folder.map(slashed).unwrap_or_default();
            let tasks = Task::of_chapter(&refs.house, &chapter);
            if !tasks.is_empty() {
                items.push(Item {
                    title: format!("exercises of `{chapter}`"),
                    link: String::new(),
                    minutes: tasks.iter().map(|task| task.minutes).sum(),
                    level: "exercises".into(),
                    parts: tasks
                        .into_iter()
                        .map(|task| (task.title, task.minutes))
                        .collect(),
                });
            }
        }
    }
    items
}

fn named(item: &Item) -> String {
    match item.link.is_empty() {
        true => cell(&item.title),
        false => format!("[{}]({})", cell(&item.title), item.link),
    }
}

/// Returns a day from nine to five: pages that are not `deeper`, as far as they fit; breaks
/// between.
fn one_day(items: &[Item]) -> String {
    let mut out = String::from("### One day\n\n| From | What | Minutes |\n|---|---|--:|\n");
    let mut now = BEGIN;
    let mut stretch = 0;
    let mut eaten = false;
    let mut left = 0;
    for item in items {
        let minutes = match item.level.as_str() {
            "deeper" => continue,
            // Of a chapter's exercises a day has room for the first.
            "exercises" => item.minutes.min(20),
            _ => item.minutes,
        };
        let pause = if !eaten && now + minutes > LUNCH + 30 {
            Some(("Lunch", 60))
        } else if stretch > 0 && stretch + minutes > STRETCH {
            Some(("Break", 15))
        } else {
            None
        };
        let length = pause.map_or(0, |(_, length)| length);
        if left > 0 || now + length + minutes > END {
            left += 1;
            continue;
        }
        if let Some((name, length)) = pause {
            let _ = writeln!(out, "| {} | {name} | {length} |", time(now));
            now += length;
            stretch = 0;
            eaten |= name == "Lunch";
        }
        let first = match item.level.as_str() {
            "exercises" => "one of the ",
            _ => "",
        };
        let _ = writeln!(
            out,
            "| {} | {first}{} | {minutes} |",
            time(now),
            named(item)
        );
        now += minutes;
        stretch += minutes;
    }
    let _ = writeln!(out, "| {} | End | |", time(now));
    if left > 0 {
        let _ = writeln!(
            out,
            "\nA day holds this much; {left} rows more are for afterwards."
        );
    }
    out
}

fn time(clock: Clock) -> String {
    format!("{}:{:02}", clock / 60, clock % 60)
}

/// Twelve weeks, as even as whole pages allow.
fn weeks(items: &[Item]) -> String {
    let items = one_by_one(items);
    let minutes: Vec<u32> = items.iter().map(|item| item.minutes).collect();
    let mut out = String::from("### Twelve weeks\n\n| Week | What | Minutes |\n|--:|---|--:|\n");
    let mut at = 0;
    for (week, length) in even(&minutes, WEEKS).into_iter().enumerate() {
        let part = &items[at..at + length];
        at += length;
        let names: Vec<String> = part.iter().map(named).collect();
        let sum: u32 = part.iter().map(|item| item.minutes).sum();
        let _ = writeln!(out, "| {} | {} | {sum} |", week + 1, names.join(" · "));
    }
    out
}

/// Returns the same, with a chapter's exercises as one item each: together they are longer than a
/// week.
fn one_by_one(items: &[Item]) -> Vec<Item> {
    let mut all = Vec::new();
    for item in items {
        if item.parts.is_empty() {
            all.push(item.clone());
        }
        for (title, minutes) in &item.parts {
            all.push(Item {
                title: format!("exercise: {title}"),
                link: String::new(),
                minutes: *minutes,
                level: item.level.clone(),
                parts: Vec::new(),
            });
        }
    }
    all
}

/// Splits a row into at most `parts` runs whose largest sum is as small as it can be. Returns the
/// length of each.
fn even(minutes: &[u32], parts: usize) -> Vec<usize> {
    let fits = |most: u32| {
        let mut lengths = Vec::new();
        let (mut sum, mut length) = (0, 0);
        for &one in minutes {
            if length > 0 && sum + one > most {
                lengths.push(length);
                (sum, length) = (0, 0);
            }
            sum += one;
            length += 1;
        }
        if length > 0 {
            lengths.push(length);
        }
        lengths
    };
    let mut low = minutes.iter().copied().max().unwrap_or(0);
    let mut high = minutes.iter().sum();
    while low < high {
        let middle = low + (high - low) / 2;
        if fits(middle).len() <= parts {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    fits(low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_are_as_even_as_whole_pages_allow() {
        assert_eq!(even(&[10, 10, 10, 10], 2), [2, 2]);
        assert_eq!(even(&[30, 10, 10, 10], 2), [1, 3]);
        assert_eq!(even(&[5], 12), [1]);
        assert!(even(&[], 12).is_empty());
        let parts = even(&[12; 50], 12);
        assert!(parts.len() <= 12 && parts.iter().sum::<usize>() == 50);
    }

    #[test]
    fn the_exercises_of_a_chapter_spread_over_weeks() {
        let item = |title: &str, parts: &[(&str, u32)]| Item {
            title: title.into(),
            link: String::new(),
            minutes: 60,
            level: "exercises".into(),
            parts: parts.iter().map(|(t, m)| ((*t).into(), *m)).collect(),
        };
        let table = weeks(&[
            item("page", &[]),
            item("exercises", &[("a", 30), ("b", 30)]),
        ]);
        assert!(table.contains("| 1 | page | 60 |"), "{table}");
        assert!(
            table.contains("exercise: a · exercise: b | 60 |"),
            "{table}"
        );
    }

    #[test]
    fn a_day_has_breaks_lunch_and_an_end() {
        let item = |level: &str| Item {
            title: "Page".into(),
            link: "p.md".into(),
            minutes: 30,
            level: level.into(),
            parts: Vec::new(),
        };
        let items: Vec<Item> = (0..40)
            .map(|n| item(if n == 1 { "deeper" } else { "core" }))
            .collect();
        let day = one_day(&items);
        assert_eq!(day.matches("| Lunch |").count(), 1, "{day}");
        assert!(
            day.contains("| 9:00 | [Page](p.md) | 30 |\n| 9:30 | [Page]"),
            "{day}"
        );
        assert!(day.contains("| Break | 15 |"), "{day}");
        assert!(
            day.contains("| 16:30 | [Page](p.md) | 30 |\n| 17:00 | End"),
            "{day}"
        );
        assert!(day.contains("more are for afterwards"), "{day}");
    }
}
