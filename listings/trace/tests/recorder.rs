//! Whatever a program records, however it ends, the trace is complete and passes the lint.
#![cfg(feature = "read")]
mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use trace::{Kind, Object, Prefix, Setup, event, read::Trace};

fn clean(text: &str) -> Trace {
    let trace = Trace::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(trace.lint(), [], "{text}");
    trace
}

fn kinds(trace: &Trace) -> Vec<&str> {
    trace
        .events
        .iter()
        .map(|event| event.kind.as_str())
        .collect()
}

#[test]
fn a_panic_closes_every_span_and_says_so() {
    let recording = trace::start(Setup::default());
    let caught = catch_unwind(|| {
        let _turn = common::turn(1, 5);
        let _call = event(Kind::CbStart).enter();
        panic!("on purpose");
    });
    assert!(caught.is_err());
    event(Kind::Out).attr("text", || "after it").record();
    let trace = clean(&recording.finish());
    assert_eq!(
        kinds(&trace),
        [
            "run.start",
            "turn.start",
            "turn.phase",
            "cb.start",
            "cb.end",
            "turn.end",
            "out",
            "run.end"
        ]
    );
    assert!(trace.events[4].flag("panic") && trace.events[5].flag("panic"));
    assert!(!trace.events[7].flag("panic"), "the run itself went on");
    assert_eq!(trace.events[6].parent, Some(1), "nothing stays open");
}

#[test]
fn finishing_inside_a_callback_closes_what_is_open() {
    let recording = trace::start(Setup::default());
    let turn = common::turn(1, 5);
    let call = event(Kind::JobStart).of(trace::object(Prefix::Job)).enter();
    let trace = clean(&recording.finish());
    assert_eq!(
        kinds(&trace)[3..],
        ["job.start", "job.end", "turn.end", "run.end"]
    );
    drop(call);
    drop(turn);
    assert!(!trace::on());
}

#[test]
fn what_is_left_from_an_earlier_recording_does_no_harm() {
    let first = trace::start(Setup::default());
    let timer = common::set(5);
    let span = common::fire(timer);
    drop(first);
    let second = trace::start(Setup::default());
    assert_eq!(timer.to_string(), "-");
    event(Kind::TimerCancel)
        .of(timer)
        .because_of(timer)
        .record();
    let own = common::set(7);
    assert_eq!(own.to_string(), "t1");
    let open = common::turn(1, 1);
    drop(span);
    event(Kind::Out).attr("text", || "inside").record();
    drop(open);
    let trace = clean(&second.finish());
    assert_eq!(trace.events[1].object, None);
    let out = trace
        .events
        .iter()
        .find(|event| event.kind == "out")
        .unwrap();
    assert_eq!(trace.event(out.parent.unwrap()).unwrap().kind, "turn.start");
}

#[test]
fn a_second_recording_on_the_same_thread_is_empty() {
    let first = trace::start(Setup::default());
    assert_eq!(trace::start(Setup::default()).finish(), "");
    assert!(trace::on());
    clean(&first.finish());
}

#[test]
fn threads_do_not_hear_each_other() {
    let recording = trace::start(Setup::default());
    std::thread::spawn(|| {
        assert!(!trace::on());
        event(Kind::Note).record();
    })
    .join()
    .unwrap();
    assert_eq!(kinds(&clean(&recording.finish())), ["run.start", "run.end"]);
}

#[test]
fn a_full_recording_says_so_and_closes_what_it_opened() {
    for most in [0, 1, 2, 3, 10] {
        let recording = trace::start(Setup {
            most,
            ..Setup::default()
        });
        for number in 0..100 {
            let _turn = common::turn(number, number);
            let _call = common::fire(common::set(1));
        }
        let trace = clean(&recording.finish());
        let notes = trace.events.iter().filter(|event| event.kind == "note");
        assert_eq!(notes.count(), 1, "{most}");
        assert!(
            trace.events.len() <= most.max(1) + 4,
            "{most}: {}",
            trace.events.len()
        );
    }
}

#[test]
fn a_full_recording_remembers_nothing_new() {
    let setup = Setup {
        most: 3,
        ..Setup::default()
    };
    let recording = trace::start(setup);
    let before = trace::object(Prefix::Timer);
    for _ in 0..10 {
        trace::note("more than it keeps");
    }
    // Else a long run would fill the memory with the names of what it does not record.
    assert!(!trace::object(Prefix::Timer).is_some());
    assert_eq!(before.to_string(), "t1");
    drop(recording);
}

#[test]
fn objects_run_where_they_were_made() {
    let recording = trace::start(Setup::default());
    let timer = trace::host("server", || common::set(5));
    let call = common::fire(timer);
    let inner = common::set(6);
    trace::host("client", || trace::out("as the client"));
    trace::out("as the server");
    drop(call);
    trace::out("as the program");
    drop(common::fire(inner));
    let caught = catch_unwind(AssertUnwindSafe(|| {
        trace::host("lost", || panic!("on purpose"))
    }));
    assert!(caught.is_err());
    trace::out("as the program again");
    let trace = clean(&recording.finish());
    let hosts: Vec<_> = trace
        .events
        .iter()
        .filter_map(|event| trace.host(event))
        .collect();
    assert_eq!(
        hosts,
        [
            "server", "server", "server", "client", "server", "program", "server", "program"
        ]
    );
}

#[test]
fn time_never_goes_back() {
    let recording = trace::start(Setup::default());
    trace::set_clock(100);
    trace::out("late");
    trace::set_clock(50);
    trace::out("later");
    let trace = clean(&recording.finish());
    assert_eq!(trace.events[2].time, 100);
}

#[test]
fn sites_are_the_callers_and_kept_once() {
    #[track_caller]
    fn library() {
        event(Kind::Note).here().record();
    }
    let recording = trace::start(Setup::default());
    for _ in 0..3 {
        library();
    }
    library();
    let trace = clean(&recording.finish());
    assert_eq!(trace.header.sites.len(), 2);
    assert!(trace.header.sites[0].0.ends_with("tests/recorder.rs"));
    assert_eq!(trace.header.sites[1].1, trace.header.sites[0].1 + 2);
    assert_eq!(trace.events[3].site, Some(0));
}

#[test]
fn nothing_is_asked_while_nothing_is_recorded() {
    assert!(!trace::on());
    let number = event(Kind::Note)
        .of(Object::NONE)
        .attr("x", || -> u64 { panic!("asked") })
        .record();
    let span = event(Kind::TurnStart)
        .attr("x", || -> u64 { panic!("asked") })
        .enter();
    span.attr("x", || -> u64 { panic!("asked") });
    assert_eq!((number, span.event()), (0, 0));
    assert!(!trace::object(Prefix::Timer).is_some());
}

#[test]
fn random_programs_leave_clean_traces() {
    let mut events = 0;
    for seed in 0..400 {
        let most = if seed % 3 == 0 { 20 } else { 10_000 };
        events += clean(&common::random::recorded(seed, most)).events.len();
    }
    assert!(
        events > 4_000,
        "the programs were too small to show anything: {events}"
    );
}
