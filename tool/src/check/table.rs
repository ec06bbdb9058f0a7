//! The table of blocks: how many there are in each chapter, how many were compiled, run and
//! compared.
use std::{collections::BTreeMap, fmt};

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Done.
    pub done: usize,
    /// To be done.
    pub all: usize,
}

impl Count {
    pub(super) fn add(&mut self, done: bool) {
        self.all += 1;
        self.done += usize::from(done);
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}/{}", self.done, self.all))
    }
}

/// One chapter of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Blocks that were compiled, or refused as they must be, of all there are.
    pub compiled: Count,
    /// Blocks that ran, of those that can.
    pub run: Count,
    /// Blocks whose output or error code was compared, of those that have one.
    pub compared: Count,
    /// Blocks of which nothing is known, because what they need is not installed.
    pub left_out: usize,
}

/// How many blocks were tested, by chapter.
#[derive(Clone, Debug, Default)]
pub struct Table(pub BTreeMap<String, Row>);

impl Table {
    /// Whether all that can be done was done.
    pub fn complete(&self) -> bool {
        self.0.values().all(|row| {
            [row.compiled, row.run, row.compared]
                .iter()
                .all(|count| count.done == count.all)
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:16} {:>8} {:>10} {:>10} {:>10}",
            "blocks of Rust", "exist", "compiled", "run", "compared"
        )?;
        let mut total = Row::default();
        let sum = |to: &mut Count, from: Count| {
            to.done += from.done;
            to.all += from.all;
        };
        for (chapter, row) in &self.0 {
            line(f, chapter, row)?;
            sum(&mut total.compiled, row.compiled);
            sum(&mut total.run, row.run);
            sum(&mut total.compared, row.compared);
            total.left_out += row.left_out;
        }
        line(f, "all", &total)
    }
}

fn line(f: &mut fmt::Formatter<'_>, name: &str, row: &Row) -> fmt::Result {
    write!(
        f,
        "{name:16} {:>8} {:>10} {:>10} {:>10}",
        row.compiled.all + row.left_out,
        row.compiled,
        row.run,
        row.compared
    )?;
    match row.left_out {
        0 => writeln!(f),
        count => writeln!(f, "   {count} NOT LOOKED AT"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_with_a_hole_is_not_complete() {
        let mut table = Table::default();
        let row = table.0.entry("a".into()).or_default();
        row.compiled.add(true);
        assert!(table.complete());
        table.0.entry("b".into()).or_default().run.add(false);
        assert!(!table.complete());
        let text = table.to_string();
        assert!(
            text.contains("a                       1        1/1"),
            "{text}"
        );
    }
}
