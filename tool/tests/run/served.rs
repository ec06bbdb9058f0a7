//! A served book, and its readers: requests with headers of every kind, orders from its own page.
use book::fixture::Fixture;
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Command},
    time::Duration,
};

/// A served book with one crate, one listing and one exercise.
pub(super) struct Served {
    pub(super) fixture: Fixture,
    child: Child,
    pub(super) host: String,
    pub(super) secret: String,
}

impl Served {
    pub(super) fn new() -> Served {
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
        crate::common::exercise(&fixture.house.root);
        let mut command = Command::new(env!("CARGO_BIN_EXE_book"));
        command
            .args(["serve", "--port", "0"])
            .current_dir(&fixture.house.root)
            .env_remove("CARGO_TARGET_DIR")
            .env("SECRET_OF_THE_READER", "hunter2");
        let (child, line) = crate::common::serving(&mut command);
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
    pub(super) fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (u16, String) {
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

    /// Returns what our page says it is from.
    pub(super) fn origin(&self) -> String {
        format!("http://{}", self.host)
    }

    /// Status and body of an order from our page.
    pub(super) fn order(&self, what: &str, order: &Value) -> (u16, String) {
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

    /// Returns what becomes of a program.
    pub(super) fn run(&self, code: &str) -> Value {
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
