//! Files: what is sent, which part of it, and that nothing leads out of the folder.
use coroutines::block_on;
use reactor::{Address, Os, Reactor};
use std::{fs, rc::Rc};
use web::{Branch, Files, Page, Request, Served, Site, form, plain, query, refuse, talk};

/// A folder, with a secret beside it.
fn folder() -> tempfile::TempDir {
    let outside = tempfile::tempdir().unwrap();
    let inside = outside.path().join("pages");
    fs::create_dir_all(inside.join("poems/empty")).unwrap();
    fs::write(outside.path().join("secret.txt"), "secret").unwrap();
    fs::write(inside.join("ten.txt"), "0123456789").unwrap();
    fs::write(inside.join("a b&c.html"), "<p>").unwrap();
    fs::write(inside.join("none.bin"), "").unwrap();
    fs::write(inside.join(".hidden"), "secret").unwrap();
    fs::write(inside.join("large.bin"), vec![7; 300_000]).unwrap();
    fs::write(inside.join("poems/index.html"), "<h1>poems").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink("../secret.txt", inside.join("out.txt")).unwrap();
        symlink("..", inside.join("up")).unwrap();
        symlink("ten.txt", inside.join("in.txt")).unwrap();
    }
    outside
}

struct Asking {
    reactor: Reactor,
    served: Served,
    _folder: tempfile::TempDir,
}

impl Asking {
    fn new() -> Asking {
        let (reactor, folder) = (Reactor::new(Os::new().unwrap()), folder());
        let handle = reactor.handle();
        let files = Rc::new(Files::new(&handle, folder.path().join("pages")).unwrap());
        let root = Branch::new().put("files", files);
        let served = Site::new(root)
            .listen(&handle, &Address::loopback(0))
            .unwrap();
        Asking {
            reactor,
            served,
            _folder: folder,
        }
    }

    fn get(&mut self, target: &str, headers: &str) -> String {
        self.ask("GET", target, headers)
    }

    fn ask(&mut self, method: &str, target: &str, headers: &str) -> String {
        let (handle, at) = (self.reactor.handle(), self.served.address().clone());
        let request = format!(
            "{method} {target} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}\r\n"
        );
        block_on(&mut self.reactor, async move {
            talk(&handle, &at, request).await
        })
        .unwrap()
    }
}

fn body(reply: &str) -> &str {
    reply.split_once("\r\n\r\n").unwrap().1
}

#[test]
fn a_file_is_sent_with_its_kind_and_length() {
    let mut site = Asking::new();
    let reply = site.get("/files/ten.txt", "");
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    assert!(
        reply.contains("content-type: text/plain; charset=utf-8\r\n"),
        "{reply}"
    );
    assert!(reply.contains("content-length: 10\r\n"), "{reply}");
    assert_eq!(body(&reply), "0123456789");
    let head = site.ask("HEAD", "/files/ten.txt", "");
    assert!(
        head.contains("content-length: 10\r\n") && body(&head).is_empty(),
        "{head}"
    );
    assert_eq!(body(&site.get("/files/a%20b%26c.html", "")), "<p>");
    assert_eq!(body(&site.get("/files/none.bin", "")), "");
    assert_eq!(
        body(&site.get("/files/large.bin", "")),
        "\u{7}".repeat(300_000)
    );
    assert_eq!(body(&site.get("/files/poems/", "")), "<h1>poems");
    let moved = site.get("/files/poems", "");
    assert!(
        moved.starts_with("HTTP/1.1 301") && moved.contains("location: poems/\r\n"),
        "{moved}"
    );
    #[cfg(unix)]
    assert_eq!(body(&site.get("/files/in.txt", "")), "0123456789");
}

#[test]
fn nothing_leads_out_of_the_folder() {
    let mut site = Asking::new();
    for target in [
        "/files/../secret.txt",
        "/files/%2e%2e/secret.txt",
        "/files/.%2e/secret.txt",
        "/files/..%2fsecret.txt",
        "/files/%2e%2e%2fsecret.txt",
        "/files/..%5csecret.txt",
        "/files/..\\secret.txt",
        "/files/%252e%252e/secret.txt",
        "/files/..%c0%afsecret.txt",
        "/files/.../secret.txt",
        "/files/..;/secret.txt",
        "/files/poems/../../secret.txt",
        "/files/./ten.txt",
        "/files//etc/passwd",
        "/files/%2fetc%2fpasswd",
        "/files/ten.txt%00.html",
        "/files/.hidden",
        "/files/out.txt",
        "/files/up/secret.txt",
        "/files/ten.txt/",
        "/files/ten.txt/x",
        "/files/poems//index.html",
        "/files/poems/empty/",
        "/files/",
        "/files/nowhere",
    ] {
        let reply = site.get(target, "");
        assert!(
            !reply.contains("secret") || reply.starts_with("HTTP/1.1 4"),
            "{target}: {reply}"
        );
        let status = &reply[9..12];
        assert!(["404", "400"].contains(&status), "{target}: {reply}");
    }
    let reply = site.get("/files/ten.txt", "");
    assert_eq!(body(&reply), "0123456789", "what is inside is still there");
}

#[test]
fn a_part_is_sent_and_one_that_is_not_there_is_416() {
    let mut site = Asking::new();
    for (range, status, expected, says) in [
        ("bytes=2-4", "206", "234", "bytes 2-4/10"),
        ("bytes=7-", "206", "789", "bytes 7-9/10"),
        ("bytes=-2", "206", "89", "bytes 8-9/10"),
        ("bytes=0-99", "206", "0123456789", "bytes 0-9/10"),
        ("bytes=0-1,4-5", "200", "0123456789", ""),
        ("lines=1-2", "200", "0123456789", ""),
    ] {
        let reply = site.get("/files/ten.txt", &format!("range: {range}\r\n"));
        assert_eq!((&reply[9..12], body(&reply)), (status, expected), "{range}");
        assert_eq!(
            reply.contains("content-range: "),
            !says.is_empty(),
            "{range}"
        );
        assert!(reply.contains(says), "{range}: {reply}");
    }
    let reply = site.get("/files/ten.txt", "range: bytes=10-\r\n");
    assert!(
        reply.starts_with("HTTP/1.1 416") && reply.contains("content-range: bytes */10\r\n"),
        "{reply}"
    );
    let reply = site.get("/files/none.bin", "range: bytes=0-\r\n");
    assert!(reply.starts_with("HTTP/1.1 416"), "{reply}");
}

#[test]
fn what_the_client_has_is_not_sent_again() {
    let mut site = Asking::new();
    let reply = site.get("/files/ten.txt", "");
    let tag = reply
        .lines()
        .find_map(|line| line.strip_prefix("etag: "))
        .unwrap();
    for known in [tag, "*", &format!("\"other\", {tag}")] {
        let reply = site.get("/files/ten.txt", &format!("if-none-match: {known}\r\n"));
        assert!(
            reply.starts_with("HTTP/1.1 304") && body(&reply).is_empty(),
            "{known}: {reply}"
        );
    }
    let fresh = site.get("/files/ten.txt", "if-none-match: \"other\"\r\n");
    assert!(fresh.starts_with("HTTP/1.1 200"), "{fresh}");
    let part = site.get(
        "/files/ten.txt",
        &format!("if-range: {tag}\r\nrange: bytes=1-2\r\n"),
    );
    assert!(part.starts_with("HTTP/1.1 206"), "{part}");
    let whole = site.get(
        "/files/ten.txt",
        "if-range: \"other\"\r\nrange: bytes=1-2\r\n",
    );
    assert!(
        whole.starts_with("HTTP/1.1 200") && body(&whole) == "0123456789",
        "{whole}"
    );
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let reactor = Reactor::new(Os::new().unwrap());
    let error = Files::new(&reactor.handle(), "/no/such/folder")
        .err()
        .unwrap();
    assert!(
        error.to_string().starts_with("/no/such/folder: "),
        "{error}"
    );
}

#[test]
fn forms_and_questions_are_decoded() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let post = Page::of(&[web::Method::POST], |request: &Request| {
        match form(request) {
            Ok(form) => plain(format!(
                "{:?} {:?} {:?}",
                form.get("title"),
                form.all("line"),
                query(request).get("q")
            )),
            Err(status) => refuse(status),
        }
    });
    let served = Site::new(post)
        .listen(&handle, &Address::loopback(0))
        .unwrap();
    let mut ask = |kind: &str, text: &str| {
        let (handle, at) = (reactor.handle(), served.address().clone());
        let length = text.len();
        let request = format!(
            "POST /?q=a%26b HTTP/1.1\r\nhost: test\r\nconnection: close\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{text}"
        );
        block_on(
            &mut reactor,
            async move { talk(&handle, &at, request).await },
        )
        .unwrap()
    };
    let kind = "application/x-www-form-urlencoded";
    let reply = ask(kind, "title=Fire+and+Ice&line=a%3Db&line=%C3%A9&empty");
    assert_eq!(
        body(&reply),
        "Some(\"Fire and Ice\") [\"a=b\", \"é\"] Some(\"a&b\")"
    );
    let reply = ask(
        "Application/X-www-form-urlencoded; charset=utf-8",
        "title=%ff&",
    );
    assert_eq!(body(&reply), "Some(\"\u{fffd}\") [] Some(\"a&b\")");
    assert!(ask("multipart/form-data", "").starts_with("HTTP/1.1 415"));
    assert!(ask("", "").starts_with("HTTP/1.1 415"));
}
