//! Answers of PostgreSQL's simple protocol: one for each statement, with values as text.
use crate::{
    ColumnError, Row,
    session::{self, Answer},
};

/// What one statement of a [`simple_query`](crate::Connection::simple_query) is answered with.
#[derive(Clone, Debug)]
pub struct SimpleAnswer {
    rows: Vec<SimpleRow>,
    tag: String,
}

impl SimpleAnswer {
    /// Returns the rows; none for a statement that finds nothing, or is not a question.
    #[must_use]
    pub fn rows(&self) -> &[SimpleRow] {
        &self.rows
    }

    /// Returns what was done, in PostgreSQL's words: `INSERT 0 3`, `CREATE TABLE`.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// Returns how many rows were changed, or found.
    #[must_use]
    pub fn count(&self) -> u64 {
        session::count(&self.tag)
    }
}

/// A row whose values are text, whatever their type.
#[derive(Clone, Debug)]
pub struct SimpleRow(Row);

impl SimpleRow {
    /// Returns the text of the value in the column of that name, or `None` when it is NULL.
    ///
    /// # Errors
    /// When there is no such column, and when the value is no UTF-8.
    pub fn get(&self, column: &str) -> Result<Option<&str>, ColumnError> {
        let value = self.0.values[self.0.position(column)?].as_deref();
        let text = value.map(std::str::from_utf8).transpose();
        text.map_err(|error| ColumnError {
            column: column.to_owned(),
            why: error.into(),
        })
    }

    /// Returns the names of the columns, in their order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.0.columns()
    }
}

impl Answer {
    /// Returns one answer for each statement, in their order.
    pub(crate) fn into_simple(mut self) -> Vec<SimpleAnswer> {
        let mut all = std::mem::take(&mut self.earlier);
        if !self.tag.is_empty() {
            all.push(self); // SQL without a statement has no answer
        }
        let simple = all
            .into_iter()
            .map(|Answer { rows, tag, .. }| SimpleAnswer {
                rows: rows.into_iter().map(SimpleRow).collect(),
                tag,
            });
        simple.collect()
    }
}
