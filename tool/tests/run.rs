//! What a served page can have run, who is refused, and what hostile programs come to.
#![cfg(unix)]
mod common;
use book::{fixture::Fixture, held::fences};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A served book with one crate, one listing and one exercise.
struct Served {
    fixture: Fixture,
    child: Child,
    host: String,
    secret: String,
}

impl Served {
    fn new() -> Served {
        let fixture = Fixture::new();
        fixture.write(
            "Cargo.toml",
            "[workspace]\nresolver = \"3\"\nmembers = [\"listings/reactor\"]\nexclude = [\"exercises\", \"target\"]\n",
        );
        fixture.write(
            "listings/reactor/Cargo.toml",
            "[package]\nname = \"reactor\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
        );
        fixture.write(
            "listings/reactor/src/lib.rs",
            "//! A crate.\npub const ANSWER: u8 = 42;\n",
        );
        common::exercise(&fixture.house.root);
        let mut child = Command::new(env!("CARGO_BIN_EXE_book"))
            .args(["serve", "--port", "0"])
            .current_dir(&fixture.house.root)
            .env_remove("CARGO_TARGET_DIR")
            .env("SECRET_OF_THE_READER", "hunter2")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tool runs");
        let mut said = child.stderr.take().expect("piped");
        thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("a line");
        let address = line.split("http://").nth(1).expect("an address");
        let (host, rest) = address.split_once("/#run=").expect("a secret");
        let secret = rest.split_whitespace().next().expect("a secret");
        assert_eq!(secret.len(), 64, "256 bits");
        Served {
            host: host.to_owned(),
            secret: secret.to_owned(),
            child,
            fixture,
        }
    }

    /// Status and body of a request with exactly these headers.
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.host).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(120)))
            .expect("a limit");
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        write!(stream, "{head}\r\n").expect("a request");
        // One that is too long is answered before it is read.
        let _ = stream.write_all(body.as_bytes());
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        let status = head.split(' ').nth(1).expect("a status");
        (status.parse().expect("a number"), body.to_owned())
    }

    fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    fn order(&self, what: &str, order: &Value) -> (u16, String) {
        let origin = self.origin();
        let headers = [
            ("Host", self.host.as_str()),
            ("Origin", &origin),
            ("Content-Type", "application/json"),
            ("X-Untwisted-Secret", &self.secret),
        ];
        self.ask(
            "POST",
            &format!("/__book/{what}"),
            &headers,
            &order.to_string(),
        )
    }

    /// What becomes of a program.
    fn run(&self, code: &str) -> Value {
        let (status, body) = self.order("run", &json!({"path": "reactor/simplest", "code": code}));
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn whoever_is_not_our_page_with_the_secret_is_refused() {
    let served = Served::new();
    let (host, origin, secret) = (served.host.clone(), served.origin(), served.secret.clone());
    let port = host.rsplit(':').next().expect("a port").to_owned();
    let evil = format!("evil.example:{port}");
    let evil_origin = format!("http://{evil}");
    let order = json!({"path": "reactor/simplest", "code": "fn main() {}"}).to_string();
    let good = [
        ("Host", host.as_str()),
        ("Origin", origin.as_str()),
        ("Content-Type", "application/json"),
        ("X-Untwisted-Secret", secret.as_str()),
    ];
    // Without one header, or with another value, or with it twice.
    let without = |name: &str| -> Vec<(&str, &str)> {
        good.iter()
            .copied()
            .filter(|(one, _)| *one != name)
            .collect()
    };
    let with = |name: &'static str, value: &'static str| -> Vec<(&str, &str)> {
        let mut all = without(name);
        all.push((name, value));
        all
    };
    let wrong = "0".repeat(64);
    let mut other_secret = without("X-Untwisted-Secret");
    other_secret.push(("X-Untwisted-Secret", &wrong));
    let mut twice = good.to_vec();
    twice.push(("X-Untwisted-Secret", &wrong));
    let mut two_origins = good.to_vec();
    two_origins.push(("Origin", "http://evil.example"));
    let mut rebound = without("Host");
    rebound.retain(|(name, _)| *name != "Origin");
    rebound.push(("Host", &evil));
    rebound.push(("Origin", &evil_origin));
    let mut cross = good.to_vec();
    cross.push(("Sec-Fetch-Site", "cross-site"));
    let mut same_site = good.to_vec();
    same_site.push(("Sec-Fetch-Site", "same-site"));
    for route in ["run", "source", "answer", "grade", "keep"] {
        let path = format!("/__book/{route}");
        for (what, headers) in [
            ("no secret", without("X-Untwisted-Secret")),
            ("another secret", other_secret.clone()),
            ("half a secret", with("X-Untwisted-Secret", "0123")),
            ("two secrets", twice.clone()),
            ("no origin", without("Origin")),
            ("another origin", with("Origin", "http://evil.example")),
            ("a null origin", with("Origin", "null")),
            ("two origins", two_origins.clone()),
            ("another name that leads here", rebound.clone()),
            ("a form", with("Content-Type", "text/plain")),
            ("no type", without("Content-Type")),
            ("from another site", cross.clone()),
            ("from a neighbour", same_site.clone()),
        ] {
            let (status, body) = served.ask("POST", &path, &headers, &order);
            assert_eq!(status, 403, "{route}, {what}: {body}");
        }
        let (status, _) = served.ask("GET", &path, &good, "");
        assert_eq!(status, 405, "{route} by GET");
        // A preflight of another page is given no leave.
        let preflight = [
            ("Host", host.as_str()),
            ("Origin", "http://evil.example"),
            ("Access-Control-Request-Method", "POST"),
        ];
        let (status, body) = served.ask("OPTIONS", &path, &preflight, "");
        assert_eq!(status, 403, "{route}, preflight: {body}");
    }
    // Reading is checked, too.
    for path in [
        "/",
        "/reactor/index.html",
        "/__book/live",
        "/__book/edit.js",
        "/wasm/reactor.js",
    ] {
        assert_eq!(
            served.ask("GET", path, &[("Host", &evil)], "").0,
            403,
            "{path}"
        );
        let foreign = [("Host", host.as_str()), ("Origin", "http://evil.example")];
        assert_eq!(served.ask("GET", path, &foreign, "").0, 403, "{path}");
    }
    let (status, page) = served.ask("GET", "/reactor/index.html", &[("Host", &host)], "");
    assert_eq!(status, 200);
    assert!(!page.contains(&secret), "the secret stands in no page");
    // Who is trusted, and asks for nonsense.
    let mut trusted = good.to_vec();
    trusted.retain(|(name, _)| *name != "Content-Type");
    trusted.push(("Content-Type", "application/json; charset=utf-8"));
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
    let long = json!({"path": "reactor/simplest", "code": "/".repeat(900_000)}).to_string();
    assert_eq!(served.ask("POST", "/__book/run", &good, &long).0, 413);
    let longer = json!({"path": "reactor/simplest", "code": "/".repeat(300_000)}).to_string();
    assert_eq!(served.ask("POST", "/__book/run", &good, &longer).0, 422);
}

#[test]
fn what_is_typed_is_compiled_with_the_books_crates_and_run() {
    let served = Served::new();
    let (status, source) = served.order("source", &json!({"path": "reactor/simplest", "code": ""}));
    assert_eq!(status, 200);
    assert!(source.contains("The smallest"), "{source}");
    let answer = served.run("fn main() {\n    println!(\"{}\", reactor::ANSWER);\n    eprintln!(\"{:?}\", std::env::var(\"UNTWISTED_WORLD\"));\n}\n");
    assert_eq!(answer["out"], "42\n", "{answer}");
    assert_eq!(answer["err"], "Ok(\"sim:1\")\n", "{answer}");
    assert_eq!(answer["ended"], Value::Null);
    // An error and a warning, each at its line.
    let answer = served.run("fn main() {\n    let unused = 1;\n    reactor::nothing();\n}\n");
    assert_eq!(answer["compiled"], false);
    let messages = answer["messages"].as_array().expect("messages");
    let error = messages
        .iter()
        .find(|one| one["level"] == "error")
        .expect("an error");
    assert_eq!(error["line"], 3, "{answer}");
    assert_eq!(error["column"], 14, "{answer}");
    assert!(
        !error["whole"].as_str().expect("text").contains("/tmp"),
        "{answer}"
    );
    // A panic tells its line, too.
    let answer = served.run("fn main() {\n    panic!(\"boom\");\n}\n");
    assert!(
        answer["err"]
            .as_str()
            .expect("text")
            .contains("examples/simplest.rs:2:5"),
        "{answer}"
    );
    assert_eq!(answer["ended"], "It ended with exit code 101.");
    // The crates are compiled again when they change.
    served.fixture.write(
        "listings/reactor/src/lib.rs",
        "//! A crate.\npub const ANSWER: u8 = 43;\n",
    );
    let answer = served.run("fn main() {\n    println!(\"{}\", reactor::ANSWER);\n}\n");
    assert_eq!(answer["out"], "43\n", "{answer}");
    assert!(
        !served
            .fixture
            .read("listings/reactor/examples/simplest.rs")
            .contains("ANSWER"),
        "the book's file stays"
    );
}

/// A program that writes this as its recording.
fn leaves(trace: &str) -> String {
    format!(
        "fn main() {{\n    std::fs::write(std::env::var(\"UNTWISTED_TRACE\").unwrap(), {trace:?}).unwrap();\n}}\n"
    )
}

#[test]
fn a_run_has_its_picture_and_its_steps() {
    let served = Served::new();
    let header = r#"{"v":1,"clock":"virtual","hosts":["program"],"sites":[["listings/reactor/examples/simplest.rs",2,5,""]]}"#;
    let answer = served.run(&leaves(&format!(
        "{header}\n{}\n",
        r#"{"n":1,"t":0,"w":0,"k":"out","h":0,"s":0,"a":{"text":"<b>hi</b>"}}"#
    )));
    assert_eq!(answer["undrawn"], Value::Null, "{answer}");
    let drawn = &answer["drawn"];
    assert_eq!(drawn["pictures"][0]["figure"], "sequence", "{drawn}");
    let steps = drawn["steps"].as_array().expect("steps");
    assert_eq!(steps.len(), 1, "{drawn}");
    assert!(
        steps[0].as_str().expect("text").contains("<b>hi</b>"),
        "{drawn}"
    );
    // A program without a recording has none.
    let answer = served.run("fn main() {}");
    assert_eq!(answer["trace"], Value::Null, "{answer}");
    assert_eq!(answer["drawn"], Value::Null, "{answer}");
}

#[test]
fn a_recording_that_lies_draws_nothing_and_stops_nothing() {
    let served = Served::new();
    let undrawn = |code: &str| {
        let answer = served.run(code);
        assert_eq!(answer["compiled"], true, "{answer}");
        assert_eq!(answer["drawn"], Value::Null, "{answer}");
        answer["undrawn"].as_str().expect("why").to_owned()
    };
    for trace in ["what?", "{}", "{\"v\":1}\nnot an event\n", "[[[[[[[["] {
        let why = undrawn(&leaves(trace));
        assert!(!why.is_empty(), "{trace}");
    }
    // Places in files that are none of the book's: they are not opened, or a device would never end.
    let places = [
        "/dev/zero",
        "listings/../../../../dev/zero",
        "listings/reactor/src/../src/lib.rs",
    ];
    for place in places {
        let trace = format!(
            "{{\"v\":1,\"clock\":\"virtual\",\"sites\":[[{place:?},1,1,\"\"]]}}\n{}\n",
            r#"{"n":1,"t":0,"w":0,"k":"df.new","o":"d1","s":0}"#
        );
        let answer = served.run(&leaves(&trace));
        assert_eq!(answer["undrawn"], Value::Null, "{place}: {answer}");
    }
    // A text in which what reads it for names goes too deep: that ends who draws, and not the book.
    let trace = format!(
        "{}\n{}\n",
        r#"{"v":1,"clock":"virtual","sites":[["listings/reactor/examples/simplest.rs",2,5,""]]}"#,
        r#"{"n":1,"t":0,"w":0,"k":"df.add","o":"d1","s":0,"a":{"i":0,"stage":"both"}}"#
    );
    let deep = format!(
        "{}const _: bool = {}true;\n",
        leaves(&trace),
        // What is much deeper ends the compiler already.
        "!".repeat(3_000)
    );
    let answer = served.run(&deep);
    assert_eq!(answer["compiled"], true, "{answer}");
    assert!(
        answer["drawn"].is_object() || answer["undrawn"].is_string(),
        "{answer}"
    );
    assert_eq!(
        served.run("fn main() { println!(\"fine\") }")["out"],
        "fine\n"
    );
}

#[test]
fn an_exercise_is_tested_and_kept_only_when_the_reader_says_so() {
    let served = Served::new();
    let order = |code: &str| json!({"path": "sums/add", "code": code});
    let grade = |code: &str| -> Value {
        let (status, body) = served.order("grade", &order(code));
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).expect("JSON")
    };
    let wrong = grade(&common::body("a.abs_diff(b)"));
    assert_eq!(wrong["solved"], false);
    assert!(
        wrong["said"]
            .as_str()
            .expect("text")
            .contains("2 and 3 are 5"),
        "{wrong}"
    );
    let broken = grade(&common::body("a + "));
    assert!(
        broken["said"]
            .as_str()
            .expect("text")
            .contains("--> your answer:"),
        "{broken}"
    );
    let before = served.fixture.read("exercises/sums/add/src/lib.rs");
    let right = grade(&common::body("a + b"));
    assert_eq!(right["solved"], true, "{right}");
    assert_eq!(
        served.fixture.read("exercises/sums/add/src/lib.rs"),
        before,
        "nothing is written unasked"
    );
    let (status, body) = served.order("keep", &order(&common::body("a + b")));
    assert_eq!(status, 200, "{body}");
    assert_eq!(
        served.fixture.read("exercises/sums/add/src/lib.rs"),
        common::body("a + b")
    );
}

#[test]
fn one_program_runs_at_a_time() {
    let served = Served::new();
    served.run("fn main() {}");
    let slow = "fn main() { std::thread::sleep(std::time::Duration::from_secs(5)); }";
    let order = json!({"path": "reactor/simplest", "code": slow});
    thread::scope(|scope| {
        let both = [
            scope.spawn(|| served.order("run", &order).0),
            scope.spawn(|| served.order("run", &order).0),
        ];
        let mut codes = both.map(|one| one.join().expect("an answer"));
        codes.sort_unstable();
        assert_eq!(codes, [200, 429]);
    });
}

#[test]
fn hostile_programs_are_stopped_and_leave_nothing() {
    let served = Served::new();
    let ended = |code: &str| {
        let answer = served.run(code);
        assert_eq!(answer["compiled"], true, "{answer}");
        (
            answer["ended"].as_str().unwrap_or("").to_owned(),
            answer["out"].as_str().unwrap_or("").to_owned(),
        )
    };
    // Time.
    let (why, _) = ended("fn main() { loop { std::hint::spin_loop() } }");
    assert!(why.contains("longer than 10 s"), "{why}");
    let (why, _) = ended("fn main() { std::thread::sleep(std::time::Duration::from_secs(99)) }");
    assert!(why.contains("longer than 10 s"), "{why}");
    // Memory.
    if cfg!(target_os = "linux") {
        let (why, _) = ended(
            "fn main() { let mut all = Vec::new(); loop { all.push(vec![1u8; 64 << 20]); if all.len() > 40 { println!(\"{}\", all.len()); return } } }",
        );
        assert!(why.contains("killed"), "{why}");
    }
    // Output.
    let (_, out) =
        ended("fn main() { for _ in 0..9000 { println!(\"{}\", \"x\".repeat(1000)); } }");
    assert!(out.len() < 2 << 20, "{} bytes", out.len());
    // One large file; many of them.
    let file = "fn write(name: &str) { use std::io::Write; let mut f = std::fs::File::create(name).unwrap(); for _ in 0..16 { if f.write_all(&[7; 1 << 20]).is_err() { std::process::exit(3) } } }\n";
    let (why, _) = ended(&format!(
        "{file}fn main() {{ write(\"a\"); use std::io::Write; let mut f = std::fs::OpenOptions::new().append(true).open(\"a\").unwrap(); if f.write_all(&[1; 4096]).is_err() {{ std::process::exit(3) }} println!(\"more\") }}"
    ));
    assert!(!why.is_empty(), "a file may be 16 MB");
    let (why, _) = ended(&format!(
        "{file}fn main() {{ for n in 0.. {{ write(&n.to_string()) }} }}"
    ));
    assert!(why.contains("64 MB"), "{why}");
    // Environment.
    let (_, out) = ended("fn main() { for (key, _) in std::env::vars() { print!(\"{key} \") } }");
    assert!(!out.contains("SECRET") && !out.contains("CARGO"), "{out}");
    if !cfg!(target_os = "linux") {
        return;
    }
    // Processes: many, and some that run away.
    // A number that nobody else on this machine sleeps for.
    let seconds = (10_000_000 + std::process::id()).to_string();
    let with_seconds = |code: &str| ended(&code.replace("SECONDS", &seconds));
    let (why, _) = with_seconds(
        "fn main() { let mut all = Vec::new(); for _ in 0..300 { all.push(std::process::Command::new(\"/usr/bin/sleep\").arg(\"SECONDS\").spawn()) } std::thread::sleep(std::time::Duration::from_secs(9)) }",
    );
    assert!(why.contains("32 processes"), "{why}");
    let away = "fn main() { std::process::Command::new(\"/usr/bin/setsid\").args([\"/bin/sh\", \"-c\", \"(sleep SECONDS & sleep SECONDS) & sleep SECONDS\"]).spawn().unwrap(); std::thread::sleep(std::time::Duration::from_millis(500)); println!(\"bye\") }";
    let (why, out) = with_seconds(away);
    assert_eq!(out, "bye\n");
    assert!(why.contains("processes, which were stopped"), "{why}");
    for entry in std::fs::read_dir("/proc").expect("it is Linux").flatten() {
        let line = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        let sleeps = line.split(['\0', ' ']).any(|word| word == seconds);
        assert!(!sleeps, "left behind: {line}");
    }
    // Files of others, where the system has fences.
    if fences() {
        let secret = served.fixture.write("secret.txt", "hunter2");
        let read = format!(
            "fn main() {{ println!(\"{{:?}}\", std::fs::read_to_string({secret:?}).is_ok()); println!(\"{{:?}}\", std::fs::write({secret:?}, \"\").is_ok()); }}"
        );
        assert_eq!(ended(&read).1, "false\nfalse\n");
        let answer = served.run(&format!(
            "fn main() {{ println!(\"{{}}\", include_str!({secret:?})); }}"
        ));
        assert_eq!(
            answer["compiled"], false,
            "the compiler reads no other files: {answer}"
        );
    }
    // A constant that is never computed keeps the compiler busy: it has a limit of its own.
    let answer = served.run("const fn f(n: u64) -> u64 { let mut i = 0; while i < n { i += 1 } i }\n#[allow(long_running_const_eval)]\nconst X: u64 = f(1 << 40);\nfn main() { println!(\"{X}\"); }");
    assert_eq!(answer["compiled"], false, "{answer}");
    assert!(
        answer["ended"]
            .as_str()
            .is_some_and(|why| why.contains("stopped after 30 s")),
        "{answer}"
    );
    // And after all that an honest one runs.
    assert_eq!(ended("fn main() { println!(\"fine\") }").1, "fine\n");
}
