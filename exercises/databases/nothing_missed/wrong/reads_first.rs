//! A copy of a table, kept up to date by notifications.
use std::{cell::RefCell, rc::Rc};
use untwisted::deferreds::Deferred;

/// What a listener hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The row of this number has changed.
    Changed(u32),
    /// Some may be missing.
    Gap,
}

/// A database, as far as this exercise needs one.
pub trait Database {
    /// Fires when it listens. What has changed before that is not told.
    fn listen(&self) -> Deferred<()>;

    /// Fires with the next piece of news. Call it only when it listens, and again only when the one before has fired.
    fn next(&self) -> Deferred<News>;

    /// Fires with all rows, as they are when it answers.
    fn read_all(&self) -> Deferred<Vec<(u32, String)>>;

    /// Fires with one row, as it is when it answers.
    fn read(&self, row: u32) -> Deferred<String>;
}

/// Rows that were read, in no particular order.
pub type Copy = Rc<RefCell<Vec<(u32, String)>>>;

/// Keeps `copy` as the table is, until something fails; then it fails with that.
pub fn follow(database: Rc<dyn Database>, copy: Copy) -> Deferred<()> {
    database.read_all().add_callback(move |rows| {
        *copy.borrow_mut() = rows;
        database
            .listen()
            .add_callback(move |()| hear(database, copy))
    })
}

/// Reads all, and goes on.
fn look(database: Rc<dyn Database>, copy: Copy) -> Deferred<()> {
    database.read_all().add_callback(move |rows| {
        *copy.borrow_mut() = rows;
        hear(database, copy)
    })
}

fn hear(database: Rc<dyn Database>, copy: Copy) -> Deferred<()> {
    database.next().add_callback(move |news| match news {
        News::Gap => look(database, copy),
        News::Changed(number) => {
            let read = database.read(number);
            read.add_callback(move |text| {
                let mut rows = copy.borrow_mut();
                rows.retain(|row| row.0 != number);
                rows.push((number, text));
                drop(rows);
                hear(database, copy)
            })
        }
    })
}
