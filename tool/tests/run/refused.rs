//! Who is refused: all but our page, with the secret.
use super::served::Served;
use serde_json::json;

type Headers<'a> = Vec<(&'a str, &'a str)>;

/// The headers of our own page.
struct Page {
    host: String,
    origin: String,
    secret: String,
    /// Another name that leads to the same port, and the page from there.
    evil: String,
    evil_origin: String,
    wrong_secret: String,
}

impl Page {
    fn of(served: &Served) -> Page {
        let port = served.host.rsplit(':').next().expect("a port");
        let evil = format!("evil.example:{port}");
        Page {
            host: served.host.clone(),
            origin: served.origin(),
            secret: served.secret.clone(),
            evil_origin: format!("http://{evil}"),
            evil,
            wrong_secret: "0".repeat(64),
        }
    }

    fn good(&self) -> Headers<'_> {
        vec![
            ("Host", &self.host),
            ("Origin", &self.origin),
            ("Content-Type", "application/json"),
            ("X-Untwisted-Secret", &self.secret),
        ]
    }

    fn without(&self, names: &[&str]) -> Headers<'_> {
        let mut headers = self.good();
        headers.retain(|(name, _)| !names.contains(name));
        headers
    }

    /// With another value.
    fn with<'a>(&'a self, name: &'a str, value: &'a str) -> Headers<'a> {
        let mut headers = self.without(&[name]);
        headers.push((name, value));
        headers
    }

    /// With this header beside those that are there.
    fn and<'a>(&'a self, name: &'a str, value: &'a str) -> Headers<'a> {
        let mut headers = self.good();
        headers.push((name, value));
        headers
    }

    fn strangers(&self) -> Vec<(&'static str, Headers<'_>)> {
        let mut rebound = self.without(&["Host", "Origin"]);
        rebound.push(("Host", &self.evil));
        rebound.push(("Origin", &self.evil_origin));
        vec![
            ("no secret", self.without(&["X-Untwisted-Secret"])),
            (
                "another secret",
                self.with("X-Untwisted-Secret", &self.wrong_secret),
            ),
            ("half a secret", self.with("X-Untwisted-Secret", "0123")),
            (
                "two secrets",
                self.and("X-Untwisted-Secret", &self.wrong_secret),
            ),
            ("no origin", self.without(&["Origin"])),
            ("another origin", self.with("Origin", "http://evil.example")),
            ("a null origin", self.with("Origin", "null")),
            ("two origins", self.and("Origin", "http://evil.example")),
            ("another name that leads here", rebound),
            ("a form", self.with("Content-Type", "text/plain")),
            ("no type", self.without(&["Content-Type"])),
            (
                "from another site",
                self.and("Sec-Fetch-Site", "cross-site"),
            ),
            ("from a neighbour", self.and("Sec-Fetch-Site", "same-site")),
        ]
    }
}

#[test]
fn what_is_not_our_page_with_the_secret_is_refused() {
    let served = Served::new();
    let page = Page::of(&served);
    orders(&served, &page);
    reading(&served, &page);
    nonsense(&served, &page);
}

/// Each order of each stranger.
fn orders(served: &Served, page: &Page) {
    let order = json!({"path": "reactor/simplest", "code": "fn main() {}"}).to_string();
    for route in ["run", "source", "answer", "grade", "keep"] {
        let path = format!("/__book/{route}");
        for (what, headers) in page.strangers() {
            let (status, body) = served.ask("POST", &path, &headers, &order);
            assert_eq!(status, 403, "{route}, {what}: {body}");
        }
        let (status, _) = served.ask("GET", &path, &page.good(), "");
        assert_eq!(status, 405, "{route} by GET");
        // A preflight of another page gets no leave.
        let preflight = [
            ("Host", page.host.as_str()),
            ("Origin", "http://evil.example"),
            ("Access-Control-Request-Method", "POST"),
        ];
        let (status, body) = served.ask("OPTIONS", &path, &preflight, "");
        assert_eq!(status, 403, "{route}, preflight: {body}");
    }
}

/// Reading is checked, too.
fn reading(served: &Served, page: &Page) {
    let host = page.host.as_str();
    for path in [
        "/",
        "/reactor/index.html",
        "/__book/live",
        "/__book/edit.js",
        "/wasm/reactor.js",
    ] {
        let rebound = [("Host", page.evil.as_str())];
        assert_eq!(served.ask("GET", path, &rebound, "").0, 403, "{path}");
        let foreign = [("Host", host), ("Origin", "http://evil.example")];
        assert_eq!(served.ask("GET", path, &foreign, "").0, 403, "{path}");
    }
    let (status, text) = served.ask("GET", "/reactor/index.html", &[("Host", host)], "");
    assert_eq!(status, 200);
    assert!(!text.contains(&page.secret), "the secret stands in no page");
}

/// One who is trusted, and asks for nonsense.
fn nonsense(served: &Served, page: &Page) {
    let trusted = page.with("Content-Type", "application/json; charset=utf-8");
    for (body, status) in [
        ("{", 400),
        ("{\"path\": 1}", 400),
        (
            "{\"path\": \"reactor/simplest\", \"code\": \"\", \"shell\": \"rm\"}",
            400,
        ),
        ("{\"path\": \"reactor/none\", \"code\": \"\"}", 422),
        ("{\"path\": \"../../etc/passwd\", \"code\": \"\"}", 422),
        (
            "{\"path\": \"reactor/simplest\", \"code\": \"\", \"world\": \"sim:1;x\"}",
            422,
        ),
    ] {
        let (got, said) = served.ask("POST", "/__book/run", &trusted, body);
        assert_eq!(got, status, "{body}: {said}");
    }
    for (length, status) in [(900_000, 413), (300_000, 422)] {
        let long = json!({"path": "reactor/simplest", "code": "/".repeat(length)}).to_string();
        let (got, _) = served.ask("POST", "/__book/run", &page.good(), &long);
        assert_eq!(got, status, "{length}");
    }
}
