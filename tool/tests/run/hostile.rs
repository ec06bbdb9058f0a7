//! What hostile programs come to.
use super::served::Served;
use book::held::fences;

#[test]
fn hostile_programs_are_stopped_and_leave_nothing() {
    let served = Served::new();
    time_and_memory(&served);
    output_and_files(&served);
    environment(&served);
    if cfg!(target_os = "linux") {
        processes(&served);
        files_of_others(&served);
        busy_compiler(&served);
    }
    // And after all that an honest one runs.
    let (_, out) = ended(&served, "fn main() { println!(\"fine\") }");
    assert_eq!(out, "fine\n");
}

/// Returns why a program ended, and what it printed.
fn ended(served: &Served, code: &str) -> (String, String) {
    let answer = served.run(code);
    assert_eq!(answer["compiled"], true, "{answer}");
    (
        answer["ended"].as_str().unwrap_or("").to_owned(),
        answer["out"].as_str().unwrap_or("").to_owned(),
    )
}

fn time_and_memory(served: &Served) {
    let ended = |code: &str| ended(served, code);
    let (why, _) = ended("fn main() { loop { std::hint::spin_loop() } }");
    assert!(why.contains("longer than 10 s"), "{why}");
    let (why, _) = ended("fn main() { std::thread::sleep(std::time::Duration::from_secs(99)) }");
    assert!(why.contains("longer than 10 s"), "{why}");
    if cfg!(target_os = "linux") {
        // Zeros are memory that is asked for and not written: the limit is met before the time is up.
        let (why, _) = ended(
            "fn main() { let mut all = Vec::new(); loop { all.push(vec![0u8; 64 << 20]); if all.len() > 40 { println!(\"{}\", all.len()); return } } }",
        );
        assert!(why.contains("killed"), "{why}");
    }
}

fn output_and_files(served: &Served) {
    let ended = |code: &str| ended(served, code);
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
}

fn environment(served: &Served) {
    let (_, out) = ended(
        served,
        "fn main() { for (key, _) in std::env::vars() { print!(\"{key} \") } }",
    );
    assert!(!out.contains("SECRET") && !out.contains("CARGO"), "{out}");
}

/// Many of them, and some that run away.
fn processes(served: &Served) {
    // A number that nothing else on this machine sleeps for.
    let seconds = (10_000_000 + std::process::id()).to_string();
    let with_seconds = |code: &str| ended(served, &code.replace("SECONDS", &seconds));
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
}

/// Where the system has fences.
fn files_of_others(served: &Served) {
    if fences() {
        let secret = served.fixture.write("secret.txt", "hunter2");
        let read = format!(
            "fn main() {{ println!(\"{{:?}}\", std::fs::read_to_string({secret:?}).is_ok()); println!(\"{{:?}}\", std::fs::write({secret:?}, \"\").is_ok()); }}"
        );
        assert_eq!(ended(served, &read).1, "false\nfalse\n");
        let answer = served.run(&format!(
            "fn main() {{ println!(\"{{}}\", include_str!({secret:?})); }}"
        ));
        assert_eq!(
            answer["compiled"], false,
            "the compiler reads no other files: {answer}"
        );
    }
}

/// A constant that is never computed keeps the compiler busy: it has a limit of its own.
fn busy_compiler(served: &Served) {
    let answer = served.run("const fn f(n: u64) -> u64 { let mut i = 0; while i < n { i += 1 } i }\n#[allow(long_running_const_eval)]\nconst X: u64 = f(1 << 40);\nfn main() { println!(\"{X}\"); }");
    assert_eq!(answer["compiled"], false, "{answer}");
    assert!(
        answer["ended"]
            .as_str()
            .is_some_and(|why| why.contains("stopped after 30 s")),
        "{answer}"
    );
}
