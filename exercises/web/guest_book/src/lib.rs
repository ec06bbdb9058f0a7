//! A guest book: a page with a form, and what guests wrote.
use std::rc::Rc;
use untwisted::web::{Page, Request, Resource, html};

/// The page, with a hole for the entries.
pub const BOOK: &str = r#"<!doctype html>
<title>Guests</title>
<ul>{% for entry in entries %}<li>{{ entry }}</li>{% endfor %}</ul>
<form method="post"><input name="entry"><button>Sign</button></form>
"#;

/// Returns the page of a new, empty guest book.
pub fn guest_book() -> Rc<dyn Resource> {
    Page::new(|_: &Request| html("<!doctype html>"))
}
