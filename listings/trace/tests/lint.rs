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
        r#"{"n":3,"t":0,"w":1,"k":"cb.start","o":"d1","p":2,"a":{"i":0,"rail":"ok"}}"#,
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
        r#"{"n":2,"t":0,"w":0,"k":"df.fire","o":"d1","p":1,"a":{"rail":"ok"}}"#,
        r#"{"n":3,"t":0,"w":0,"k":"df.fire","o":"d2","p":1,"a":{"rail":"err"}}"#,
        r#"{"n":4,"t":0,"w":0,"k":"df.fire","o":"d1","p":1,"a":{"rail":"ok"}}"#,
        &end(5),
    ]);
    assert_eq!(
        found,
        ["line 5: d1 fires a second time; the first was event 2"]
    );
}

/// The problems of events of `d1`, each a kind and its attributes, on one level.
fn of_a_deferred(events: &[(&str, &str)]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut parent = 1;
    for (at, (kind, attributes)) in events.iter().enumerate() {
        let number = at + 2;
        let object = if kind.starts_with("d2") { "d2" } else { "d1" };
        let kind = kind.trim_start_matches("d2 ");
        lines.push(format!(
            r#"{{"n":{number},"t":0,"w":0,"k":"{kind}","o":"{object}","p":{parent},"a":{attributes}}}"#
        ));
        match kind {
            "cb.start" => parent = number,
            "cb.end" => parent = 1,
            _ => {}
        }
    }
    lines.push(end(events.len() as u64 + 2));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    problems(&lines)
}

const CALLBACK: (&str, &str) = ("df.add", r#"{"stage":"callback"}"#);
const ERRBACK: (&str, &str) = ("df.add", r#"{"stage":"errback"}"#);
const FIRE: (&str, &str) = ("df.fire", r#"{"rail":"ok"}"#);
const OK: (&str, &str) = ("cb.end", r#"{"rail":"ok"}"#);

#[test]
fn a_chain_that_keeps_the_rules_has_no_problem() {
    let first = ("cb.start", r#"{"i":0,"rail":"ok"}"#);
    let second = ("cb.start", r#"{"i":1,"rail":"err"}"#);
    let failed = ("cb.end", r#"{"rail":"err"}"#);
    let pause = [("df.pause", "{}"), ("df.resume", "{}")];
    let run = [
        CALLBACK, ERRBACK, FIRE, first, failed, pause[0], pause[1], second, OK,
    ];
    assert_eq!(of_a_deferred(&run), [""; 0]);
    // It waits, and what it waited for fails: the trace of `d1` alone does not say on which rail it
    // goes on.
    let waits = [
        ("d2 df.new", "{}"),
        CALLBACK,
        ERRBACK,
        FIRE,
        first,
        ("df.chain", r#"{"on":"d2"}"#),
        ("cb.end", "{}"),
        second,
        OK,
        ("df.drop", "{}"),
    ];
    assert_eq!(of_a_deferred(&waits), [""; 0]);
}

#[test]
fn each_rule_of_a_chain_is_found_when_it_is_broken() {
    let first = ("cb.start", r#"{"i":0,"rail":"ok"}"#);
    let second = ("cb.start", r#"{"i":1,"rail":"ok"}"#);
    for (events, message) in [
        (
            vec![CALLBACK, first, OK],
            "a stage runs before d1 has fired",
        ),
        (
            vec![CALLBACK, FIRE, first, OK, first, OK],
            "stage 0 runs a second time; the first was event 4",
        ),
        (vec![FIRE, first, OK], "stage 0 runs, and 0 were added"),
        (
            vec![ERRBACK, FIRE, first, OK],
            "stage 0, added as errback, runs on the result rail",
        ),
        (
            vec![ERRBACK, FIRE, ("cb.start", r#"{"i":0,"rail":"err"}"#), OK],
            "stage 0 runs on the failure rail, but since event 3 the value is on the result rail",
        ),
        (
            vec![CALLBACK, CALLBACK, FIRE, second, OK],
            "stage 1 runs, and stage 0 was left out",
        ),
        (
            vec![CALLBACK, CALLBACK, FIRE, second, OK, first, OK],
            "stage 0 runs after stage 1",
        ),
        (
            vec![CALLBACK, ("df.pause", "{}"), FIRE, first, OK],
            "a stage runs while d1 is paused",
        ),
        (
            vec![("df.resume", "{}")],
            "d1 goes on, and nobody paused it",
        ),
        (
            vec![FIRE, ("df.drop", "{}"), CALLBACK],
            "comes after d1 was gone, with event 3",
        ),
        (
            vec![("df.chain", r#"{"on":"d7"}"#)],
            "waits for d7, of which nothing was heard before",
        ),
        (
            vec![("df.chain", "{}")],
            "waits for nobody (`on` is missing)",
        ),
        (vec![("df.fire", "{}")], "has no rail: `ok` or `err`"),
        (
            vec![CALLBACK, FIRE, ("cb.start", r#"{"rail":"ok"}"#), OK],
            "does not say which stage runs (`i`)",
        ),
        (
            vec![("df.add", r#"{"stage":"finally"}"#)],
            "`finally` is no kind of stage",
        ),
    ] {
        let found = of_a_deferred(&events);
        assert!(
            found.iter().any(|problem| problem.contains(message)),
            "{events:?} gave {found:#?} and not: {message}"
        );
    }
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

#[test]
fn a_task_is_spawned_once_and_silent_before_and_after() {
    let line =
        |n: u64, kind: &str| format!(r#"{{"n":{n},"t":0,"w":0,"k":"task.{kind}","p":1,"o":"k1"}}"#);
    let story = |kinds: &[&str]| {
        let mut lines: Vec<_> = (2..).zip(kinds).map(|(n, kind)| line(n, kind)).collect();
        lines.push(end(lines.len() as u64 + 2));
        problems(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(story(&["spawn", "poll", "wake", "poll", "drop"]), [""; 0]);
    assert_eq!(
        story(&["poll", "drop"]),
        ["line 3: event 2 (`task.poll` of k1) comes before k1 is spawned"]
    );
    assert_eq!(
        story(&["spawn", "drop", "wake"]),
        ["line 5: event 4 (`task.wake` of k1) comes after k1 is gone"]
    );
    assert_eq!(
        story(&["spawn", "spawn"]),
        ["line 4: k1 is spawned a second time"]
    );
}
