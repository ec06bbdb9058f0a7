//! Guests who sign, who reload, who write scripts, and who write too much.
use guest_book::guest_book;
use untwisted::{
    coroutines::block_on,
    reactor::{Address, Reactor, Sim},
    web::{Branch, Served, Site, talk},
};

struct Visit {
    reactor: Reactor,
    served: Served,
}

impl Visit {
    fn new() -> Visit {
        let reactor = Reactor::new(Sim::new(1));
        let site = Site::new(Branch::new().put("guests", guest_book()));
        let served = site
            .listen(&reactor.handle(), &Address::loopback(0))
            .expect("a port");
        Visit { reactor, served }
    }

    fn ask(&mut self, head: &str, body: &str) -> String {
        let (handle, at) = (self.reactor.handle(), self.served.address().clone());
        let length = body.len();
        let request = format!(
            "{head}\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        block_on(&mut self.reactor, async move {
            talk(&handle, &at, request).await
        })
        .expect("a reply")
    }

    fn page(&mut self) -> String {
        self.ask("GET /guests HTTP/1.1", "")
    }

    fn sign(&mut self, body: &str) -> String {
        self.ask(
            "POST /guests HTTP/1.1\r\ncontent-type: application/x-www-form-urlencoded",
            body,
        )
    }
}

#[test]
fn a_guest_signs() {
    let mut visit = Visit::new();
    assert!(
        visit.page().contains("<ul></ul>"),
        "the page of an empty book is `BOOK` without entries"
    );
    let reply = visit.sign("entry=Emily+%26+Lavinia");
    assert!(
        reply.starts_with("HTTP/1.1 303") && reply.contains("location: /guests\r\n"),
        "a guest who signed is sent to the page by GET, 303 to /guests, so that reloading does not sign again: {reply}"
    );
    visit.sign("entry=++William++");
    assert!(
        visit
            .page()
            .contains("<li>Emily &amp; Lavinia</li><li>William</li>"),
        "entries stand in their order, without spaces at their ends: {}",
        visit.page()
    );
}

#[test]
fn a_script_is_text() {
    let mut visit = Visit::new();
    visit.sign("entry=%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    let page = visit.page();
    assert!(
        !page.contains("<script") && page.contains("&lt;script"),
        "what a guest wrote is text, and runs nothing: {page}"
    );
}

#[test]
fn looking_adds_nothing() {
    let mut visit = Visit::new();
    visit.ask("GET /guests?entry=Percy HTTP/1.1", "");
    assert!(
        !visit.page().contains("Percy"),
        "a GET changes nothing: search engines and browsers send it unasked"
    );
    assert!(
        visit
            .ask("PUT /guests HTTP/1.1", "")
            .starts_with("HTTP/1.1 405"),
        "only GET and POST are answered"
    );
}

#[test]
fn bad_entries_are_refused() {
    let mut visit = Visit::new();
    for (body, why) in [
        ("entry=", "empty"),
        ("entry=+++", "only spaces"),
        ("", "no entry at all"),
        ("name=Percy", "another field"),
    ] {
        let reply = visit.sign(body);
        assert!(
            reply.starts_with("HTTP/1.1 400"),
            "an entry that is empty is refused with 400 ({why}): {reply}"
        );
    }
    let reply = visit.sign(&format!("entry={}", "%C3%A9".repeat(100)));
    assert!(
        reply.starts_with("HTTP/1.1 303"),
        "100 letters are allowed, and é is one letter: {reply}"
    );
    let reply = visit.sign(&format!("entry={}", "e".repeat(101)));
    assert!(
        reply.starts_with("HTTP/1.1 400"),
        "101 letters are too many: {reply}"
    );
    let reply = visit.ask(
        "POST /guests HTTP/1.1\r\ncontent-type: application/json",
        "{}",
    );
    assert!(
        reply.starts_with("HTTP/1.1 415"),
        "what is no form is refused with 415: {reply}"
    );
    assert_eq!(
        visit.page().matches("<li>").count(),
        1,
        "what was refused is not in the book"
    );
}

#[test]
fn the_book_has_ten_entries_at_most() {
    let mut visit = Visit::new();
    for n in 1..=25 {
        visit.sign(&format!("entry=guest+{n}."));
    }
    let page = visit.page();
    assert_eq!(
        page.matches("<li>").count(),
        10,
        "the book keeps the ten newest entries, and does not grow for ever"
    );
    assert!(
        page.contains("guest 16.") && page.contains("guest 25.") && !page.contains("guest 15."),
        "the oldest go first: {page}"
    );
}
