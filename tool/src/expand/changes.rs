//! What changed between two listings: a line diff with a little context.

/// How many unchanged lines stand around a change.
const CONTEXT: usize = 2;

/// Returns the difference of two texts in unified form without header; empty when they are equal.
pub(crate) fn between(old: &str, new: &str) -> String {
    let old: Vec<&str> = old.lines().collect();
    let new: Vec<&str> = new.lines().collect();
    let lines = walk(&old, &new);
    let changed = |at: usize| {
        let from = at.saturating_sub(CONTEXT);
        let to = (at + CONTEXT + 1).min(lines.len());
        lines[from..to].iter().any(|(sign, _)| *sign != ' ')
    };
    let mut out = String::new();
    let mut skipped = false;
    for (at, (sign, line)) in lines.iter().enumerate() {
        if !changed(at) {
            skipped = true;
            continue;
        }
        if skipped && !out.is_empty() {
            out.push_str("  …\n");
        }
        skipped = false;
        out.push(*sign);
        if !line.is_empty() {
            out.push(' ');
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

/// Returns every line of both, with ' ' for both, '-' for the old and '+' for the new one.
fn walk<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    // longest[i][j]: how many lines old[i..] and new[j..] share, in order. Listings are short.
    let mut longest = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            longest[i][j] = if old[i] == new[j] {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            lines.push((' ', old[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == new.len() || (i < old.len() && longest[i + 1][j] >= longest[i][j + 1]) {
            lines.push(('-', old[i]));
            i += 1;
        } else {
            lines.push(('+', new[j]));
            j += 1;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_stands_between_its_neighbours() {
        let old = "a\nb\nc\nd\ne\nf\n";
        let new = "a\nb\nc\nD\ne\nf\n";
        assert_eq!(between(old, new), "  b\n  c\n- d\n+ D\n  e\n  f\n");
        assert_eq!(between(old, old), "");
    }

    #[test]
    fn far_changes_are_apart() {
        let old: String = (0..20).map(|n| format!("{n}\n")).collect();
        let new = old.replace("2\n3\n", "2\nnew\n3\n").replace("18\n", "");
        let diff = between(&old, &new);
        assert!(diff.contains("+ new\n"), "{diff}");
        assert!(diff.contains("  …\n"), "{diff}");
        assert!(diff.contains("- 18\n"), "{diff}");
        assert!(!diff.contains("  9\n"), "{diff}");
    }
}
