//! Answers that try to pass without solving anything, or to do harm: each is refused, in words.
mod common;
use book::{
    exercise::{grade::grade, layout},
    held::{Bounds, Fence, Held, fences},
    house::House,
    limit::{Ended, Outcome},
};
use common::{body, exercise, house, write};
use std::{path::Path, process::Command, time::Duration};

/// Returns what is said of an answer that must not pass.
fn refused(house: &House, answer: &str) -> String {
    let add = layout::find(house, "add").expect("it is there");
    let file = add.answer();
    std::fs::write(&file, answer).expect("the answer is written");
    match grade(house, &add, &file, false) {
        Ok(graded) => {
            assert!(!graded.report.passed(), "this passes:\n{answer}");
            graded.report.to_string()
        }
        Err(error) => format!("{error:#}"),
    }
}

#[test]
fn an_honest_answer_passes_and_what_it_prints_does_not_matter() {
    let (folder, house) = house();
    exercise(folder.path());
    let add = layout::find(&house, "add").expect("it is there");
    let loud = "use std::io::Write;\n    let line = [b'x'; 1000];\n    for _ in 0..2000 {\n        let _ = std::io::stdout().write_all(&line);\n    }\n    a + b";
    for honest in [
        "a + b",
        "println!(\"test adds ... FAILED\");\n    a + b",
        loud,
    ] {
        write(
            folder.path(),
            "exercises/sums/add/src/lib.rs",
            &body(honest),
        );
        let graded = grade(&house, &add, &add.answer(), false).expect("it compiles");
        assert!(graded.report.passed(), "{honest}: {}", graded.report);
        assert_eq!(graded.report.ok, 2);
        assert!(
            graded.report.to_string().len() < 3 << 20,
            "its output is cut"
        );
    }
}

#[test]
fn what_it_prints_and_how_it_exits_proves_nothing() {
    let (folder, house) = house();
    exercise(folder.path());
    let forged = r#"
    use std::io::Write;
    let mut out = std::io::stdout();
    let _ = out.write_all(b"\nrunning 2 tests\ntest adds ... ok\ntest adds_nothing ... ok\n\ntest result: ok. 2 passed; 0 failed\n");
    let _ = out.flush();
    std::process::exit(0)"#;
    let said = refused(&house, &body(forged));
    assert!(
        said.contains("did not come to their end: adds, adds_nothing."),
        "{said}"
    );
    // One test is solved, the other one is never asked.
    let half = "if a == 0 { std::process::exit(0) }\n    a + b";
    let said = refused(&house, &body(half));
    assert!(said.contains("adds_nothing"), "{said}");
    // A hook that ends the process when a test fails.
    let hook = "std::panic::set_hook(Box::new(|_| std::process::exit(0)));\n    a.abs_diff(b)";
    let said = refused(&house, &body(hook));
    assert!(said.contains("did not come to their end: adds"), "{said}");
    // Its own thread ends all while the tests wait for it.
    let thread = "std::thread::spawn(|| std::process::exit(0));\n    loop {\n        std::thread::park();\n    }";
    assert!(refused(&house, &body(thread)).contains("did not come to their end"));
    // The words are read before the answer is called.
    let thief = r#"let mut words = String::new();
    std::io::Read::read_to_string(&mut std::io::stdin(), &mut words).unwrap();
    std::io::Write::write_all(&mut std::io::stderr(), format!("stolen: {words:?}").as_bytes()).unwrap();
    std::process::exit(0)"#;
    let said = refused(&house, &body(thief));
    assert!(said.contains("stolen: \"\""), "{said}");
}

#[test]
fn an_answer_is_one_file_without_unsafe_code() {
    let (folder, house) = house();
    let root = folder.path();
    exercise(root);
    let key = root.join("exercises/sums/add/solution/lib.rs");
    let other = write(
        root,
        "elsewhere/solution/lib.rs",
        "pub fn add(a: u8, b: u8) -> u8 {\n    a + b\n}\n",
    );
    for how in [
        format!("#[path = {key:?}]\nmod key;\npub use key::add;\n"),
        format!("include!({other:?});\n"),
        "#[path = \"../../../../../exercises/sums/add/solution/lib.rs\"]\nmod key;\npub use key::add;\n".to_owned(),
        format!(
            "{}const KEY: &str = include_str!({key:?});\n",
            body("if KEY.is_empty() { 0 } else { a + b }")
        ),
    ] {
        let said = refused(&house, &how);
        assert!(said.contains("it takes in another file"), "{how}: {said}");
        assert!(said.contains("solution/lib.rs"), "{how}: {said}");
    }
    // Relative to where a reader's answer stands, there is nothing in the copy.
    let said = refused(
        &house,
        "#[path = \"../solution/lib.rs\"]\nmod key;\npub use key::add;\n",
    );
    assert!(
        said.contains("does not compile") && said.contains("couldn't read"),
        "{said}"
    );
    assert!(
        said.contains("exercises/sums/add/src/lib.rs:"),
        "the reader's file is named: {said}"
    );

    let foreign = "unsafe extern \"C\" {\n    safe fn getpid() -> i32;\n}\n";
    let said = refused(&house, &format!("{}{foreign}", body("getpid() as u8")));
    assert!(
        said.contains("add/src/lib.rs:6: an answer is safe Rust"),
        "{said}"
    );
    let allowed = "#![allow(unsafe_code)]\n".to_owned() + &body("a + b");
    assert!(
        refused(&house, &allowed).contains("E0453"),
        "the lint is forbidden"
    );
}

#[test]
fn compiling_is_bounded() {
    let (folder, house) = house();
    exercise(folder.path());
    // A constant that is never computed.
    let hangs = "#![allow(long_running_const_eval)]\nconst N: u8 = {\n    let mut n = 0u64;\n    while n < u64::MAX {\n        n += 1;\n    }\n    0\n};\n";
    let said = book::exercise::grade::within(Duration::from_secs(5), || {
        refused(&house, &format!("{hangs}{}", body("a + b + N")))
    });
    assert!(
        said.contains("the compiler was stopped after 5 s"),
        "{said}"
    );
    if cfg!(target_os = "linux") {
        // More memory and a larger file than an answer may have.
        let large = "pub static LARGE: [u8; 3 << 30] = [1; 3 << 30];\n";
        let said = refused(&house, &format!("{}{large}", body("a + b")));
        assert!(said.contains("memory"), "{said}");
    }
    let file = "pub static LARGE: [u8; 300 << 20] = [1; 300 << 20];\n";
    let said = refused(&house, &format!("{}{file}", body("a + b")));
    assert!(said.contains("compile"), "{said}");
    // Words without end are cut.
    let words: String = (0..4000)
        .map(|n| {
            format!(
                "mod m{n} {{ pub fn f() -> u8 {{ \"{}\" }} }}\n",
                "x".repeat(200)
            )
        })
        .collect();
    let said = refused(&house, &words);
    assert!(said.len() < 2 << 20, "{} bytes", said.len());
}

/// Returns whether a process of this number runs.
#[cfg(target_os = "linux")]
fn runs(number: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
    !stat.is_empty() && !stat.contains(") Z ")
}

fn held(script: &str, seconds: u64) -> Held {
    let bounds = Bounds {
        time: Duration::from_secs(seconds),
        memory: 1 << 30,
        file: 1 << 20,
        output: 1 << 20,
    };
    Held::new(Command::new("sh").args(["-c", script]), bounds)
}

/// Returns a script that forks twice, in a session of its own, and goes on when the process that is
/// left has written its number into `file`.
#[cfg(target_os = "linux")]
fn escapes(file: &Path) -> String {
    let file = file.display();
    format!(
        "setsid sh -c 'sh -c \"echo \\$\\$ > {file}; exec sleep 1000\" &'; \
         while ! [ -s {file} ]; do sleep 0.01; done; "
    )
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_that_forks_twice_in_a_session_of_its_own_is_found_and_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let number = |file: &str| {
        let text = std::fs::read_to_string(folder.path().join(file)).expect("a number");
        assert!(text.trim().parse::<u32>().is_ok(), "{text:?}");
        text.trim().to_owned()
    };
    let outcome = held(&escapes(&folder.path().join("1")), 600)
        .run()
        .expect("it runs");
    assert_eq!(outcome.ended, Ended::Code(0), "{outcome:?}");
    assert_eq!(outcome.left, 1, "{outcome:?}");
    assert!(!runs(&number("1")), "it runs on");
    // The same when the program itself is killed.
    let kills = format!("{}kill -9 $$", escapes(&folder.path().join("2")));
    let outcome = held(&kills, 600).run().expect("it runs");
    assert_eq!(outcome.ended, Ended::Killed, "{outcome:?}");
    assert!(!runs(&number("2")), "it runs on");
    // And when it hangs, and starts others all the time.
    let spawns = "while :; do setsid sleep 1000 & done";
    let outcome = held(spawns, 3).run().expect("it runs");
    assert!(matches!(outcome.ended, Ended::TooLong(_)), "{outcome:?}");
    assert!(outcome.left > 0, "{outcome:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn when_the_tool_is_killed_nothing_is_left() {
    use std::{
        io::{Read, Write},
        process::Stdio,
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("number");
    let hangs = held(&format!("{}sleep 1000", escapes(&file)), 600);
    // As the tool calls it; standard output is what the supervisor reports at its end.
    let mut supervisor = Command::new(env!("CARGO_BIN_EXE_book"))
        .arg("hold")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the supervisor starts");
    let mut pipe = supervisor.stdin.take().expect("a pipe");
    writeln!(pipe, "{}", serde_json::to_string(&hangs).expect("an order")).expect("an order");
    let number = loop {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        if text.ends_with('\n') {
            break text.trim().to_owned();
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    assert!(runs(&number));
    drop(pipe); // as when the tool is gone
    let mut report = String::new();
    let mut said = supervisor.stdout.take().expect("a pipe");
    said.read_to_string(&mut report).expect("a report");
    assert!(supervisor.wait().expect("it ends").success());
    let outcome: Outcome = serde_json::from_str(&report).expect("an outcome");
    assert_eq!(outcome.ended, Ended::Killed);
    assert!(!runs(&number), "it runs on");
}

#[test]
fn behind_a_fence_nothing_is_written_and_nothing_else_is_started() {
    if !fences() {
        // Said, not skipped in silence: on Linux with Landlock this must hold.
        assert!(!landlock_is_on(), "Landlock is on, and no fence stands");
        eprintln!("this system has no fences: what is tested here does not hold on it");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (secret, open) = (folder.path().join("secret"), folder.path().join("open"));
    std::fs::write(&secret, "key").expect("written");
    std::fs::write(&open, "").expect("written");
    let mut fence = Fence::around("/bin/sh");
    fence.write.push(open.clone());
    let script = format!(
        "echo in >> {open}; echo a > {secret} || echo no write; echo b > {secret}2 || echo no file; \
         read key < {secret} || echo no read; read mem < /proc/self/status || echo no proc; \
         /bin/sleep 0 || echo no program; (exec /bin/cat {secret}) || echo no program",
        open = open.display(),
        secret = secret.display()
    );
    let outcome = held(&script, 60).fence(fence).run().expect("it runs");
    assert_eq!(
        outcome.stdout, "no write\nno file\nno read\nno proc\nno program\nno program\n",
        "{outcome:?}"
    );
    assert_eq!(std::fs::read_to_string(&open).expect("read"), "in\n");
    assert_eq!(std::fs::read_to_string(&secret).expect("read"), "key");
    assert!(!Path::new(&format!("{}2", secret.display())).exists());
}

fn landlock_is_on() -> bool {
    std::fs::read_to_string("/sys/kernel/security/lsm").is_ok_and(|list| list.contains("landlock"))
}

#[test]
fn an_answer_cannot_fill_the_disk_or_read_the_key_or_leave_anything_running() {
    let (folder, house) = house();
    let root = folder.path();
    exercise(root);
    let key = root.join("exercises/sums/add/solution/lib.rs");
    let place = root.join("full");
    std::fs::create_dir(&place).expect("a folder");
    let fills = format!(
        "let block = vec![1; 1 << 20];\n    for n in 0..10_000 {{\n        if let Err(error) = std::fs::write(format!(\"{}/{{n}}\"), &block) {{\n            panic!(\"{{n}} files: {{error}}\");\n        }}\n    }}\n    a + b",
        place.display()
    );
    let reads = format!("std::fs::read_to_string({key:?}).unwrap();\n    a + b");
    let memory = "let mut all = Vec::new();\n    for n in 0..1 << 20 {\n        all.push(vec![1u8; 1 << 20]);\n        std::hint::black_box(&all[n]);\n    }\n    a + b";
    let starts = "std::process::Command::new(\"setsid\")\n        .args([\"-f\", \"sleep\", \"1000\"])\n        .status()\n        .unwrap();\n    a + b";
    let own = "std::fs::read(\"/proc/self/maps\").unwrap();\n    a + b";
    for (hostile, says) in [
        (fills.as_str(), "0 files: Permission denied"),
        (&reads, "Permission denied"),
        (starts, "Permission denied"),
        (own, "Permission denied"),
        (memory, "memory allocation of"),
    ] {
        if fences() || (hostile == memory && cfg!(target_os = "linux")) {
            let said = refused(&house, &body(hostile));
            assert!(said.contains(says), "{hostile}: {said}");
        }
    }
    if fences() {
        assert_eq!(std::fs::read_dir(&place).expect("the folder").count(), 0);
    }
}
