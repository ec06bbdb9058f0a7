//! What a served page can have run, who is refused, and what hostile programs come to.
#![cfg(unix)]
mod common;
#[path = "run/hostile.rs"]
mod hostile;
#[path = "run/refused.rs"]
mod refused;
#[path = "run/served.rs"]
mod served;

use serde_json::{Value, json};
use served::Served;
use std::thread;

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

/// Returns a program that writes this as its recording.
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
    // Places in files that are none of the book's: they are not opened, or a device would never
    // end.
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
