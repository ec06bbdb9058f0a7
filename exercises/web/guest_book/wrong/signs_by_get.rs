//! A guest book: a page with a form, and what guests wrote.
use std::{cell::RefCell, collections::VecDeque, rc::Rc};
use untwisted::web::{
    Answer, Method, Page, Request, Resource, StatusCode, Templates, context, form, refuse,
    see_other,
};

/// The page, with a hole for the entries.
const BOOK: &str = r#"<!doctype html>
<title>Guests</title>
<ul>{% for entry in entries %}<li>{{ entry }}</li>{% endfor %}</ul>
<form method="post"><input name="entry"><button>Sign</button></form>
"#;

/// Returns the page of a new, empty guest book.
pub fn guest_book() -> Rc<dyn Resource> {
    let mut templates = Templates::new();
    templates.put("book.html", BOOK).expect("a template");
    let entries = RefCell::new(VecDeque::new());
    Page::of(
        &[Method::GET, Method::POST],
        move |request: &Request| -> Answer {
            if request.method() == Method::GET {
                if let Some(entry) = untwisted::web::query(request).get("entry") {
                    entries.borrow_mut().push_back(entry.to_owned());
                }
                return templates
                    .page("book.html", context! { entries => &*entries.borrow() })
                    .into();
            }
            let filled = match form(request) {
                Ok(filled) => filled,
                Err(status) => return refuse(status).into(),
            };
            let entry = filled.get("entry").unwrap_or_default().trim();
            if entry.is_empty() || entry.chars().count() > 100 {
                return refuse(StatusCode::BAD_REQUEST).into();
            }
            let mut entries = entries.borrow_mut();
            entries.push_back(entry.to_owned());
            if entries.len() > 10 {
                entries.pop_front();
            }
            see_other(request.uri().path()).into()
        },
    )
}
