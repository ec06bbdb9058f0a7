//! Where a new chapter or page is entered: the summary, and the table of what is written.
use anyhow::{Result, bail};

/// Returns the summary with a chapter at the end of the numbered ones.
pub(super) fn with_chapter(summary: &str, name: &str, title: &str) -> String {
    let lines: Vec<&str> = summary.lines().collect();
    let of_chapters = |line: &&str| line.trim_start().starts_with("- [");
    let last = lines
        .iter()
        .rposition(of_chapters)
        .map_or(lines.len(), |at| at + 1);
    inserted(&lines, last, &format!("- [{title}]({name}/index.md)"))
}

/// Returns the summary with a page at the end of its chapter, before what is for looking up.
pub(super) fn with_page(summary: &str, chapter: &str, name: &str, title: &str) -> Result<String> {
    let lines: Vec<&str> = summary.lines().collect();
    let of = |at: usize, inside: &str| lines[at].contains(&format!("]({chapter}/{inside}"));
    let Some(first) = (0..lines.len()).find(|at| of(*at, "index.md)")) else {
        bail!("src/SUMMARY.md has no entry `{chapter}/index.md`");
    };
    let appendix = name.starts_with("appendix/");
    let mut last = first;
    while last + 1 < lines.len() && of(last + 1, "") && (appendix || !of(last + 1, "appendix/")) {
        last += 1;
    }
    Ok(inserted(
        &lines,
        last + 1,
        &format!("  - [{title}]({chapter}/{name}.md)"),
    ))
}

fn inserted(lines: &[&str], at: usize, line: &str) -> String {
    let mut lines: Vec<&str> = lines.to_vec();
    lines.insert(at, line);
    lines.join("\n") + "\n"
}

/// Returns the table of what is written with this chapter begun: its row, or one before the first
/// that is planned.
pub(super) fn with_row(page: &str, title: &str) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let cells = |line: &str| -> Vec<String> {
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    if let Some(at) = lines.iter().position(|line| {
        line.starts_with('|') && cells(line).get(1).is_some_and(|cell| cell == title)
    }) {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        lines[at] = lines[at].replace("| planned |", "| begun |");
        return lines.join("\n") + "\n";
    }
    let planned = lines
        .iter()
        .position(|line| line.starts_with('|') && line.ends_with("| planned |"));
    let table = lines
        .iter()
        .rposition(|line| line.starts_with('|'))
        .map_or(lines.len(), |at| at + 1);
    inserted(
        &lines,
        planned.unwrap_or(table),
        &format!("| {title} | what it holds | begun |"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUMMARY: &str = "# Summary\n\n[S](s.md)\n\n- [A](a/index.md)\n  - [A1](a/one.md)\n  - [X](a/appendix/x.md)\n- [B](b/index.md)\n\n---\n\n[G](g.md)\n";

    #[test]
    fn a_page_comes_to_the_end_of_its_chapter() {
        let text = with_page(SUMMARY, "a", "two", "A2").unwrap();
        assert!(
            text.contains("(a/one.md)\n  - [A2](a/two.md)\n  - [X]"),
            "{text}"
        );
        let text = with_page(SUMMARY, "a", "appendix/y", "Y").unwrap();
        assert!(
            text.contains("(a/appendix/x.md)\n  - [Y](a/appendix/y.md)\n- [B]"),
            "{text}"
        );
        let text = with_page(SUMMARY, "b", "one", "B1").unwrap();
        assert!(
            text.contains("- [B](b/index.md)\n  - [B1](b/one.md)\n\n---"),
            "{text}"
        );
        assert!(with_page(SUMMARY, "c", "one", "C1").is_err());
    }

    #[test]
    fn a_chapter_comes_after_the_last_and_its_row_before_what_is_planned() {
        let text = with_chapter(SUMMARY, "web", "The web");
        assert!(
            text.contains("- [B](b/index.md)\n- [The web](web/index.md)\n\n---"),
            "{text}"
        );
        let table = "| chapter | holds | state |\n|---|---|---|\n| A | x | written |\n| Web | y | planned |\n\nWords.\n";
        assert!(with_row(table, "Web").contains("| Web | y | begun |"));
        let text = with_row(table, "New");
        assert!(
            text.contains("| written |\n| New | what it holds | begun |\n| Web"),
            "{text}"
        );
    }
}
