//! Rows: values by the name of their column, in Rust's types.
use crate::ColumnError;
use bytes::Bytes;
use postgres_types::{FromSqlOwned, Type};
use std::rc::Rc;

/// A column of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) kind: Type,
}

/// One row of an answer.
#[derive(Clone, Debug)]
pub struct Row {
    pub(crate) columns: Rc<[Column]>,
    /// `None` is NULL.
    pub(crate) values: Vec<Option<Bytes>>,
}

impl Row {
    /// Returns the value in the column of that name. `T` is the type that
    /// [postgres-types](https://docs.rs/postgres-types/latest/postgres_types/trait.FromSql.html#types)
    /// has for the column's; for one that may be NULL it is an `Option`. Of two columns of one name
    /// it is the first.
    ///
    /// # Errors
    /// When there is no such column, when its type is another one, and when it is NULL and `T` is
    /// no `Option`.
    pub fn get<T: FromSqlOwned>(&self, column: &str) -> Result<T, ColumnError> {
        let fail = |why| ColumnError {
            column: column.to_owned(),
            why,
        };
        let at = self.position(column)?;
        let kind = &self.columns[at].kind;
        if !T::accepts(kind) {
            let wanted = std::any::type_name::<T>();
            return Err(fail(
                format!("PostgreSQL's {kind} does not become Rust's {wanted}").into(),
            ));
        }
        T::from_sql_nullable(kind, self.values[at].as_deref()).map_err(fail)
    }

    /// Returns the index of the column of that name.
    pub(crate) fn position(&self, column: &str) -> Result<usize, ColumnError> {
        let found = self.columns.iter().position(|known| known.name == column);
        found.ok_or_else(|| {
            let names: Vec<_> = self.columns().collect();
            ColumnError {
                column: column.to_owned(),
                why: format!("there is none; there are: {}", names.join(", ")).into(),
            }
        })
    }

    /// Returns the names of the columns, in their order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| &*column.name)
    }
}
