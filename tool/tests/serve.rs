//! Serves a tiny book as a reader does: a save reloads the page, a broken page keeps the last good
//! one.
mod common;
use book::fixture::{Fixture, PAGE};
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Output},
    thread,
    time::{Duration, Instant},
};
use tungstenite::{Message, WebSocket};

/// No step takes this long; it only keeps a hanging test from hanging the rest.
const BOUND: Duration = Duration::from_secs(60);

/// A running `cargo book serve`.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn new(fixture: &Fixture) -> Served {
        Served::with(fixture, &[])
    }

    fn with(fixture: &Fixture, more: &[&str]) -> Served {
        let mut command = command(fixture);
        command.args(["serve", "--port", "0"]).args(more);
        let (child, line) = common::serving(&mut command);
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_else(|| panic!("no address in {line:?}"))
            .to_owned();
        Served { child, address }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the server listens");
        stream.set_read_timeout(Some(BOUND)).expect("a time limit");
        stream
    }

    /// Status and body.
    fn get(&self, path: &str) -> (u16, String) {
        let mut stream = self.connect();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        )
        .expect("a request");
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).expect("an answer");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("head and body");
        let status = head.split(' ').nth(1).expect("a status");
        (status.parse().expect("a number"), body.to_owned())
    }

    /// Waits until a page shows this, looking again at each message: an editor's save can be seen
    /// as two, the first of them half done.
    fn shows(&self, live: &mut WebSocket<TcpStream>, page: &str, text: &str) {
        while !self.get(page).1.contains(text) {
            until(live, |_| true);
        }
    }

    fn live(&self) -> WebSocket<TcpStream> {
        let url = format!("ws://{}/__book/live", self.address);
        tungstenite::client(url, self.connect())
            .expect("a socket")
            .0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(fixture: &Fixture) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_book"));
    command
        .current_dir(&fixture.house.root)
        .env_remove("CARGO_TARGET_DIR");
    command
}

/// Returns the next message for which `good` holds. A save may be seen as two, so others may come
/// before.
fn until(socket: &mut WebSocket<TcpStream>, good: impl Fn(&Value) -> bool) -> Value {
    loop {
        if let Message::Text(text) = socket.read().expect("a message in time") {
            let state: Value = serde_json::from_str(&text).expect("JSON");
            if good(&state) {
                return state;
            }
        }
    }
}

#[test]
fn a_save_reloads_and_a_broken_page_keeps_the_last_good_one_until_it_is_mended() {
    let fixture = Fixture::new();
    let served = Served::new(&fixture);
    let (status, page) = served.get("/reactor/index.html");
    assert_eq!(status, 200);
    assert!(
        page.contains("A loop.") && page.contains("/__book/live.js"),
        "{page}"
    );
    assert_eq!(served.get("/reactor/").1, page, "a folder shows its index");
    assert_eq!(served.get("/../book.toml").0, 404);
    assert_eq!(served.get("/gone.html").0, 404);

    let mut live = served.live();
    let first = until(&mut live, |_| true);
    assert!(first["error"].is_null(), "{first}");

    fixture.write("src/reactor/index.md", &PAGE.replace("A loop.", "Saved."));
    served.shows(&mut live, "/reactor/index.html", "Saved.");

    fixture.write(
        "src/reactor/index.md",
        &PAGE.replace("reactor/simplest", "reactor/simples"),
    );
    let broken = until(&mut live, |state| {
        state["error"].as_str().is_some_and(|error| {
            error.starts_with("src/reactor/index.md:11: unknown listing `reactor/simples`")
        })
    });
    let (status, page) = served.get("/reactor/index.html");
    assert_eq!(status, 200);
    assert!(page.contains("Saved."), "the last good build stays");
    // A page opened now is told at once.
    let told = until(&mut served.live(), |_| true);
    assert_eq!(told["error"], broken["error"]);

    fixture.write("src/reactor/index.md", &PAGE.replace("A loop.", "Mended."));
    served.shows(&mut live, "/reactor/index.html", "Mended.");
}

#[test]
fn listings_figures_and_the_configuration_are_watched_too() {
    let fixture = Fixture::new();
    let served = Served::new(&fixture);
    let mut live = served.live();
    let toml = fixture.read("book.toml");
    for (path, text, page) in [
        (
            "listings/reactor/examples/simplest.rs",
            "fn main() {\n    // seen 1\n}\n".to_owned(),
            "/reactor/index.html",
        ),
        (
            "diagrams/reactor/simplest.md",
            "1. seen 2\n".to_owned(),
            "/reactor/index.html",
        ),
        (
            "book.toml",
            toml.replace("\"Tiny\"", "\"seen 3\""),
            "/start.html",
        ),
    ] {
        fixture.write(path, &text);
        let seen = ["seen 1", "seen 2", "seen 3"];
        let wanted = seen.iter().find(|word| text.contains(*word));
        served.shows(&mut live, page, wanted.expect("one"));
    }
}

#[cfg(unix)]
#[test]
fn a_page_that_is_a_link_to_a_file_elsewhere_is_watched() {
    let fixture = Fixture::new();
    let elsewhere = tempfile::tempdir().expect("a folder");
    let page = elsewhere
        .path()
        .canonicalize()
        .expect("its path")
        .join("page.md");
    let link = fixture.house.root.join("src/reactor/index.md");
    std::fs::write(&page, PAGE).expect("the page");
    std::fs::remove_file(&link).expect("removed");
    std::os::unix::fs::symlink(&page, &link).expect("a link");
    let served = Served::new(&fixture);
    let mut live = served.live();
    std::fs::write(&page, PAGE.replace("A loop.", "Saved.")).expect("saved");
    served.shows(&mut live, "/reactor/index.html", "Saved.");
    // As editors do it: another file with the same name.
    let other = page.with_extension("other");
    std::fs::write(&other, PAGE.replace("A loop.", "Replaced.")).expect("written");
    std::fs::rename(&other, &page).expect("moved");
    served.shows(&mut live, "/reactor/index.html", "Replaced.");
}

#[test]
fn a_checkout_that_cannot_be_written_is_served_and_built_elsewhere() {
    let fixture = Fixture::new();
    // Root may write everywhere, so here a file stands where a folder would be made.
    fixture.write("target", "not a folder");
    let served = Served::new(&fixture);
    assert!(served.get("/reactor/").1.contains("A loop."));
    let elsewhere = tempfile::tempdir().expect("a folder");
    let dest = elsewhere.path().join("builds");
    let served = Served::with(&fixture, &["--dest", &dest.to_string_lossy()]);
    assert!(served.get("/reactor/").1.contains("A loop."));
    assert_eq!(std::fs::read_dir(&dest).expect("the folder").count(), 1);
    assert_eq!(fixture.read("target"), "not a folder");
    let Output { status, stderr, .. } = command(&fixture)
        .args(["serve", "--port", "0", "--dest", "target"])
        .output()
        .expect("the tool runs");
    let said = String::from_utf8_lossy(&stderr);
    assert!(
        !status.success() && said.contains("choose another folder with --dest"),
        "{said}"
    );
}

#[test]
fn where_cargo_builds_there_the_tool_builds_absolute_and_relative() {
    let fixture = Fixture::new();
    let elsewhere = tempfile::tempdir().expect("a folder");
    for (target, from) in [
        (elsewhere.path().join("abs"), fixture.house.root.clone()),
        ("rel".into(), fixture.house.root.join("listings/reactor")),
    ] {
        let built = command(&fixture)
            .arg("build")
            .current_dir(&from)
            .env("CARGO_TARGET_DIR", &target)
            .output()
            .expect("the tool runs");
        assert!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        assert!(
            from.join(&target).join("site/index.html").is_file(),
            "{target:?}"
        );
    }
    assert!(!fixture.house.root.join("target").exists());
}

#[test]
fn the_search_finds_what_was_saved_once_you_pause() {
    let fixture = Fixture::new();
    let served = Served::new(&fixture);
    let index = || served.get("/searchindex.js").1;
    assert!(index().contains("loop"));
    let mut live = served.live();
    fixture.write(
        "src/reactor/index.md",
        &PAGE.replace("A loop.", "Unheardof."),
    );
    served.shows(&mut live, "/reactor/", "Unheardof.");
    // Meanwhile the index of before serves; no page is told when the new one is there.
    assert!(index().contains("loop"), "an index without words");
    let began = Instant::now();
    while !index().contains("Unheardof") {
        assert!(began.elapsed() < BOUND, "the index is not made again");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_a_save_leaves_out_is_there_all_the_same_and_follows_when_you_pause() {
    let fixture = Fixture::new();
    let served = Served::new(&fixture);
    let whole = "/listings/reactor/simplest.html";
    assert_eq!(served.get(whole).0, 200);
    let print = served.get("/print.html");
    assert_eq!(print.0, 200);
    let mut live = served.live();
    let source = fixture.read("listings/reactor/examples/simplest.rs");
    fixture.write(
        "listings/reactor/examples/simplest.rs",
        &source.replace("one", "unheardof"),
    );
    served.shows(&mut live, "/reactor/index.html", "unheardof");
    assert_eq!(
        served.get(whole).0,
        200,
        "the page of the whole file is gone"
    );
    assert_eq!(
        served.get("/print.html").0,
        200,
        "the page for printing is gone"
    );
    let began = Instant::now();
    for page in [whole, "/print.html"] {
        while !served.get(page).1.contains("unheardof") {
            assert!(began.elapsed() < BOUND, "{page} is not made again");
            thread::sleep(Duration::from_millis(50));
        }
    }
    // A save in the middle of all that is not lost.
    for word in ["first", "second", "third"] {
        fixture.write("src/reactor/index.md", &PAGE.replace("A loop.", word));
        served.shows(&mut live, "/reactor/index.html", word);
    }
}

#[test]
fn a_book_that_is_broken_from_the_start_is_shown_once_it_is_mended() {
    let fixture = Fixture::new();
    fixture.write("src/reactor/index.md", "# No front matter\n");
    let served = Served::new(&fixture);
    let (status, page) = served.get("/");
    assert_eq!(status, 200);
    assert!(
        page.contains("Hello.") && page.contains("/__book/live.js"),
        "{page}"
    );
    let (_, page) = served.get("/reactor/");
    assert!(
        page.contains("Not finished, line 1: no front matter"),
        "{page}"
    );
    let mut live = served.live();
    let state = until(&mut live, |_| true);
    assert_eq!(state["part"], true);
    assert!(
        state["error"]
            .as_str()
            .is_some_and(|error| error.contains("no front matter")),
        "{state}"
    );
    fixture.write("src/reactor/index.md", PAGE);
    served.shows(&mut live, "/reactor/", "A loop.");
}

#[test]
fn a_half_made_chapter_stops_nobody_from_reading() {
    let fixture = Fixture::new();
    // A page without an entry, an entry without a page, an unknown listing, and a manifest that
    // is no TOML.
    fixture.write("src/web/lost.md", "# Lost\n");
    let front = "---\nminutes: 5\nlevel: core\ngoals: [a]\n---\n\n";
    fixture.write(
        "src/web/index.md",
        &format!("{front}# The web\n\nWords.\n\n{{{{#listing web/none}}}}\n"),
    );
    fixture.write("listings/web/listings.toml", "[none\n");
    let summary =
        fixture.read("src/SUMMARY.md") + "- [Web](web/index.md)\n  - [Gone](web/gone.md)\n";
    fixture.write("src/SUMMARY.md", &summary);
    let served = Served::new(&fixture);
    let (status, page) = served.get("/reactor/");
    assert_eq!(status, 200);
    assert!(page.contains("A loop."), "{page}");
    let (_, page) = served.get("/web/");
    assert!(
        page.contains("Words.") && page.contains("unknown listing"),
        "{page}"
    );
    let mut live = served.live();
    let state = until(&mut live, |_| true);
    let error = state["error"].as_str().unwrap_or_default();
    for part in [
        "src/web/lost.md:1: no entry",
        "src/web/gone.md does not exist",
        "listings/web/listings.toml:1:",
    ] {
        assert!(error.contains(part), "no {part} in {error}");
    }
    // Mended, it is a book like any other.
    fixture.remove("src/web/lost.md");
    fixture.remove("listings/web/listings.toml");
    fixture.write(
        "src/SUMMARY.md",
        &summary.replace("  - [Gone](web/gone.md)\n", ""),
    );
    fixture.write("src/web/index.md", &format!("{front}# The web\n\nWords.\n"));
    let state = until(&mut live, |state| state["error"].is_null());
    assert_eq!(state["part"], false);
}

#[test]
fn a_taken_port_is_named_with_the_way_out() {
    let fixture = Fixture::new();
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its number").port();
    let Output { status, stderr, .. } = command(&fixture)
        .args(["serve", "--port", &port.to_string()])
        .output()
        .expect("the tool runs");
    let said = String::from_utf8_lossy(&stderr);
    assert!(!status.success());
    assert!(said.contains(&format!("port {port} is taken")), "{said}");
    assert!(said.contains("--port 0"), "{said}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_and_removes_its_builds() {
    ends_cleanly("-INT");
}

#[cfg(unix)]
#[test]
fn being_asked_to_end_does_the_same() {
    ends_cleanly("-TERM");
}

#[cfg(unix)]
fn ends_cleanly(signal: &str) {
    let fixture = Fixture::new();
    let mut served = Served::new(&fixture);
    let _open = served.live(); // an open page must not keep it alive
    let pid = served.child.id().to_string();
    let sent = Command::new("kill").args([signal, &pid]).status();
    assert!(sent.expect("kill").success());
    let began = Instant::now();
    let status = loop {
        if let Some(status) = served.child.try_wait().expect("a status") {
            break status;
        }
        assert!(began.elapsed() < BOUND, "it is still running");
        thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{status}");
    let left = std::fs::read_dir(fixture.house.root.join("target/serve"))
        .expect("the folder of builds")
        .count();
    assert_eq!(left, 0, "builds are left");
}
