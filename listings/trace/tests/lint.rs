//! The lint finds each broken rule and names the line; the parser names the line, too.
#![cfg(feature = "read")]
use trace::read::Trace;

const HEADER: &str =
    r#"{"v":1,"listing":"x/y","clock":"virtual","sites":[["a.rs",1,2,""]],"hosts":["program"]}"#;

/// The problems of a trace whose events are these lines, after `run.start`.
fn problems(lines: &[&str]) -> Vec<String> {
    let start = r#"{"n":1,"t":0,"w":0,"k":"run.start"}"#;
    let text = [&[HEADER, start], lines].concat().join("\n");
    let trace = Trace::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    trace.lint().iter().map(ToString::to_string).collect()
}

const END: &str = r#"{"n":9,"t":9,"w":9,"k":"run.end","p":1}"#;

/// `END` with the number that comes next.
fn end(number: u64) -> String {
    END.replace("\"n\":9", &format!("\"n\":{number}"))
}

#[test]
fn a_good_trace_has_no_problem() {
    assert_eq!(problems(&[&end(2)]), [""; 0]);
}

#[test]
fn each_rule_is_found_when_it_is_broken() {
    for (line, message) in [
        (
            r#"{"n":3,"t":0,"w":0,"k":"out","p":1}"#,
            "line 3: the event has number 3; the next one is 2",
        ),
        (
            r#"{"n":2,"t":0,"w":0,"k":"tick","p":1}"#,
            "line 3: `tick` is not a kind of event",
        ),
        (
            r#"{"n":2,"t":0,"w":0,"k":"db.","p":1}"#,
            "line 3: `db.` is not a kind of event",
        ),
        (
            r#"{"n":2,"t":0,"w":0,"k":"out"}"#,
            "line 3: event 2 (`out`) has no parent; only `run.start` has none",
        ),
        (
            r#"{"n":2,"t":0,"w":0,"k":"out","p":2}"#,
            "line 3: the parent of event 2 (`out`) is 2, which is not earlier",
        ),
        (
            r#"{"n":2,"t":0,"w":0,"k":"out","p":1,"c":[5]}"#,
            "line 3: event 2 (`out`) is caused by 5, which is not earlier",
        ),
        (
            r#"{"n":2,"t":0,"w":0,"k":"out","p":1,"o":"x1"}"#,
            "line 3: `x1` does not name an object: a known letter and a number, `t4`",
        ),
        (
            r#"{"n":2,"t":0,"w":0,"k":"out","p":1,"o":"t0"}"#,
            "line 3: `t0` does not name an object: a known letter and a number, `t4`",
        ),
        (
            r#"{"n":2,"t":0,"w":0,"k":"out","p":1,"s":1}"#,
            "line 3: event 2 (`out`) is at site 1, which the header lacks",
        ),
        (
            r#"{"n":2,"t":0,"w":0,"k":"out","p":1,"h":1}"#,
            "line 3: event 2 (`out`) is on host 1, which the header lacks",
        ),
        (
            r#"{"n":2,"t":0,"w":0,"k":"run.start","p":1}"#,
            "line 3: event 2 (`run.start`): the run has begun already",
        ),
    ] {
        let found = problems(&[line, &end(3)]);
        assert!(
            found.contains(&message.to_owned()),
            "{line} gave {found:#?}"
        );
    }
}

#[test]
fn time_and_turns_go_forward() {
    let found = problems(&[
        r#"{"n":2,"t":7,"w":3,"k":"out","p":1}"#,
        r#"{"n":3,"t":6,"w":2,"k":"out","p":1}"#,
        &end(4),
    ]);
    assert_eq!(
        found,
        [
            "line 4: time goes back from 7 to 6 at event 3 (`out`)",
            "line 4: turns go back from 3 to 2 at event 3 (`out`)"
        ]
    );
}

#[test]
fn a_start_without_an_end_is_named_once() {
    let found = problems(&[
        r#"{"n":2,"t":0,"w":1,"k":"turn.start","p":1}"#,
        r#"{"n":3,"t":0,"w":1,"k":"cb.start","o":"d1","p":2}"#,
        r#"{"n":4,"t":0,"w":1,"k":"turn.end","p":2}"#,
        &end(5),
    ]);
    assert!(
        found.contains(&"line 4: event 3 (`cb.start` of d1) has no `cb.end`".to_owned()),
        "{found:#?}"
    );
    assert!(
        found[0..]
            .iter()
            .any(|line| line.contains("ends, but the last to begin is event 3")),
        "{found:#?}"
    );
}

#[test]
fn an_end_without_a_start_and_a_cut_file_are_found() {
    let found = problems(&[r#"{"n":2,"t":0,"w":0,"k":"out","p":1}"#]);
    assert_eq!(found, ["line 2: event 1 (`run.start`) has no `run.end`"]);
    let found = problems(&[&end(2), r#"{"n":3,"t":9,"w":9,"k":"turn.end","p":1}"#]);
    assert!(found.contains(&"line 4: event 3 (`turn.end`) comes after `run.end`".to_owned()));
    assert!(found.contains(&"line 4: event 3 (`turn.end`) ends what never began".to_owned()));
}

#[test]
fn a_deferred_fires_once() {
    let found = problems(&[
        r#"{"n":2,"t":0,"w":0,"k":"df.fire","o":"d1","p":1}"#,
        r#"{"n":3,"t":0,"w":0,"k":"df.fire","o":"d2","p":1}"#,
        r#"{"n":4,"t":0,"w":0,"k":"df.fire","o":"d1","p":1}"#,
        &end(5),
    ]);
    assert_eq!(
        found,
        ["line 5: d1 fires a second time; the first was event 2"]
    );
}

#[test]
fn the_parser_names_the_line_and_what_it_missed() {
    for (text, message) in [
        ("", "line 1: the trace is empty: no header"),
        (
            "{\"v\":2,\"clock\":\"virtual\"}",
            "line 1: schema version 2, but only 1 is known here",
        ),
        ("{}", "line 1: not a header of trace/1: missing field `v`"),
        (
            "{\"v\":1,\"clock\":\"real\"}\n\n",
            "line 2: an empty line: each line is one event",
        ),
        (
            "{\"v\":1,\"clock\":\"real\"}\nhello",
            "line 2: not an event of trace/1: expected value in column 1",
        ),
    ] {
        assert_eq!(Trace::parse(text).unwrap_err().to_string(), message);
    }
    let unknown = format!(
        "{HEADER}\n{}",
        r#"{"n":1,"t":0,"w":0,"k":"run.start","z":1}"#
    );
    let message = Trace::parse(&unknown).unwrap_err().to_string();
    assert!(
        message.starts_with("line 2: not an event of trace/1: unknown field `z`"),
        "{message}"
    );
}
