//! Wrong: the callback notes what goes wrong in it, and not what went wrong before.
use std::{cell::RefCell, error::Error, fmt, rc::Rc};
use untwisted::deferreds::{Deferred, Failure};

/// What went wrong, in the order in which it did.
pub type Log = Rc<RefCell<Vec<String>>>;

/// The poem does not say how many pages it has.
#[derive(Debug)]
pub struct NoPages;

impl fmt::Display for NoPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the first line does not say how many pages")
    }
}

impl Error for NoPages {}

/// The number in the first line, "pages: 12".
fn number(poem: &str) -> Result<u32, Failure> {
    let line = poem.lines().next().unwrap_or_default();
    let number = line.strip_prefix("pages: ").ok_or(NoPages)?;
    Ok(number.parse()?)
}

/// The number of pages of `poem`. Every failure is noted in `log`, once, and goes on.
pub fn pages(poem: Deferred<String>, log: Log) -> Deferred<u32> {
    poem.add_callback(move |poem| {
        number(&poem).inspect_err(|failure| log.borrow_mut().push(failure.to_string()))
    })
}
