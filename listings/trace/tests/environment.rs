//! `start_from_env` in a process of its own: the file is there after a good end and after a panic,
//! and absent unless asked for.
#![cfg(feature = "read")]
use std::{
    path::PathBuf,
    process::{Command, Output},
};
use trace::{Kind, event, read::Trace};

/// Not a test of its own: the program that the others run, as a child with an environment.
#[test]
fn child() {
    let Ok(how) = std::env::var("TRACE_TEST_CHILD") else {
        return;
    };
    let _recording = trace::start_from_env();
    let _turn = event(Kind::TurnStart).enter();
    trace::say!("line {}", 1);
    assert!(how != "panic", "on purpose");
}

fn run(how: &str, file: Option<&PathBuf>) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["child", "--exact", "--nocapture"])
        .env("TRACE_TEST_CHILD", how);
    command
        .env_remove("UNTWISTED_TRACE")
        .env("UNTWISTED_LISTING", "trace/child");
    if let Some(file) = file {
        command.env("UNTWISTED_TRACE", file);
    }
    command.output().unwrap()
}

fn file(name: &str) -> PathBuf {
    let file = std::env::temp_dir().join(format!("trace-{name}-{}.ndjson", std::process::id()));
    let _ = std::fs::remove_file(&file);
    file
}

fn read(file: &PathBuf) -> Trace {
    let text = std::fs::read_to_string(file).unwrap();
    std::fs::remove_file(file).unwrap();
    let trace = Trace::parse(&text).unwrap();
    assert_eq!(trace.lint(), []);
    trace
}

#[test]
fn a_run_leaves_a_trace_with_its_listing() {
    let file = file("good");
    let output = run("good", Some(&file));
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("line 1\n"));
    let trace = read(&file);
    assert_eq!(trace.header.listing, "trace/child");
    assert!(
        trace
            .events
            .iter()
            .any(|event| event.text("text") == Some("line 1"))
    );
}

#[test]
fn a_run_that_panics_leaves_a_whole_trace() {
    let file = file("panic");
    assert!(!run("panic", Some(&file)).status.success());
    let trace = read(&file);
    let last = trace.events.last().unwrap();
    assert_eq!((last.kind.as_str(), last.flag("panic")), ("run.end", true));
}

#[test]
fn nothing_is_written_unless_asked_for_and_a_bad_file_is_named() {
    assert!(run("good", None).status.success());
    let nowhere = PathBuf::from("/nonexistent/folder/x.ndjson");
    let output = run("good", Some(&nowhere));
    assert!(
        output.status.success(),
        "a trace that cannot be written does not break the program"
    );
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        errors.contains("the trace /nonexistent/folder/x.ndjson could not be written"),
        "{errors}"
    );
}
