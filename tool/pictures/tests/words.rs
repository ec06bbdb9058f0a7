//! What figures and steps make of single things: ends paired by address, jobs, moved timers, the
//! wish to stop, hidden noise.
#[path = "../../../listings/trace/tests/common/mod.rs"]
mod common;

use common::MS;
use pictures::Look;
use trace::{Kind, Prefix, Setup, event, read::Trace};

fn drawn(run: impl FnOnce()) -> (String, Vec<String>) {
    let recording = trace::start(Setup::default());
    run();
    let trace = Trace::parse(&recording.finish()).unwrap();
    assert_eq!(trace.lint(), []);
    let look = Look {
        hosts: vec!["client".to_owned(), "server".to_owned()],
        ..Look::default()
    };
    (
        pictures::sequence(&trace, &look),
        pictures::steps(&trace, &look),
    )
}

/// A client and a server whose ends know each other by addresses only, as on a real network.
fn connect() {
    let ours = trace::host("client", || trace::object(Prefix::Connection));
    let (listener, theirs) = trace::host("server", || {
        (
            trace::object(Prefix::Listener),
            trace::object(Prefix::Connection),
        )
    });
    event(Kind::ConnOpen)
        .of(listener)
        .attr("at", || "a:1")
        .record();
    event(Kind::ConnOpen).of(ours).attr("to", || "a:1").record();
    let _turn = common::turn(1, MS);
    {
        let _ready = event(Kind::IoReady)
            .of(listener)
            .attr("what", || "read")
            .enter();
        event(Kind::ConnMade)
            .of(theirs)
            .attr("peer", || "a:9")
            .record();
    }
    event(Kind::ConnMade)
        .of(ours)
        .attr("local", || "a:9")
        .record();
    event(Kind::DataOut).of(theirs).attr("bytes", || 1).record();
    event(Kind::ConnLost)
        .of(theirs)
        .attr("by", || "us")
        .record();
    event(Kind::DataIn).of(ours).attr("bytes", || 0).record();
    event(Kind::ConnLost).of(ours).attr("by", || "us").record();
    event(Kind::ConnLost).of(ours).attr("by", || "us").record();
}

#[test]
fn the_ends_of_a_connection_find_each_other_by_address() {
    let (figure, steps) = drawn(connect);
    for line in [
        "H0-)H1: connect",
        "R->>H1: a client connects",
        "Note over H1: accepts connection",
        "Note over H0: connected",
        "H1-)H0: 1 byte",
        "H1-)H0: close",
        "Note over H0: reads the end",
        "Note over H0: closes connection",
    ] {
        assert_eq!(
            figure.matches(&format!("{line}\n")).count(),
            1,
            "{line}\n{figure}"
        );
    }
    assert!(
        steps.contains(&"Turn 1, 1 ms: the server sends 1 byte to the client.".to_owned()),
        "{steps:#?}"
    );
}

#[test]
fn whom_nobody_knows_is_the_network() {
    let (figure, _) = drawn(|| {
        let ours = trace::object(Prefix::Connection);
        event(Kind::ConnOpen).of(ours).attr("to", || "b:2").record();
    });
    assert!(
        figure.contains("participant N as network") && figure.contains("H0-)N: connect"),
        "{figure}"
    );
}

#[test]
fn a_job_goes_to_a_thread_and_its_result_comes_back() {
    let (figure, steps) = drawn(|| {
        let job = trace::object(Prefix::Job);
        event(Kind::JobQueue).of(job).record();
        let _turn = common::turn(1, MS);
        drop(event(Kind::JobStart).of(job).because_of(job).enter());
        let result = trace::last(job);
        let _call = event(Kind::CallRun)
            .cause(result)
            .attr("from", || "thread")
            .enter();
        trace::out("42");
    });
    assert!(
        figure.contains("H0-)T: job\n") && figure.contains("T-)R: job is done\n"),
        "{figure}"
    );
    assert_eq!(
        steps,
        [
            "Before the first turn: our code hands a job to another thread.",
            "Turn 1, 1 ms: the result of the job comes back from its thread; our code prints “42”."
        ]
    );
}

#[test]
fn a_timer_is_moved_or_put_on_hold_and_stop_is_a_wish() {
    let (figure, steps) = drawn(|| {
        let timer = common::set(1_500 * MS);
        let moved = event(Kind::TimerSet).of(timer).because_of(timer);
        moved.attr("delay", || 250_000).record();
        event(Kind::TimerSet)
            .of(timer)
            .because_of(timer)
            .attr("delay", || u64::MAX)
            .record();
        let stop = trace::object(Prefix::Call);
        event(Kind::CallQueue)
            .of(stop)
            .attr("name", || "stop")
            .record();
        let _turn = common::turn(1, 0);
        drop(event(Kind::CallRun).of(stop).because_of(stop).enter());
    });
    for line in [
        "timer 1: in 1.5 s",
        "timer 1: now in 250 µs",
        "timer 1: now on hold",
        "H0->>R: stop",
        "begins to stop",
    ] {
        assert!(figure.contains(&format!("{line}\n")), "{line}\n{figure}");
    }
    assert_eq!(
        steps[1],
        "Before the first turn: our code moves timer 1 (now due in 250 µs)."
    );
    assert_eq!(
        steps[2],
        "Before the first turn: our code puts timer 1 on hold."
    );
    assert_eq!(steps[4], "Turn 1, 0 ms: the reactor begins to stop.");
}

#[test]
fn a_turn_in_which_nothing_happens_is_counted_and_not_drawn() {
    let (figure, steps) = drawn(|| {
        let socket = trace::object(Prefix::Connection);
        for number in 1..=3 {
            let _turn = common::turn(number, number * MS);
            drop(
                event(Kind::IoReady)
                    .of(socket)
                    .attr("what", || "write")
                    .enter(),
            );
        }
        let _turn = common::turn(4, 4 * MS);
        trace::out("x");
    });
    let flat = figure.replace("<br/>", " ");
    assert!(
        flat.contains("Turn 4: 4 ms (turns 1 to 3: nothing)"),
        "{figure}"
    );
    assert_eq!(steps, ["Turn 4, 4 ms: our code prints “x”."]);
}

#[test]
fn a_turn_with_very_much_in_it_says_how_much_is_left_out() {
    let (figure, steps) = drawn(|| {
        let _turn = common::turn(1, 0);
        for number in 0..100 {
            trace::out(&format!("line {number}"));
        }
    });
    assert!(
        figure.contains("and 86 more events in this turn"),
        "{figure}"
    );
    assert_eq!(
        steps.last().unwrap(),
        "Turn 1, 0 ms: 88 more things of this kind happen."
    );
}

#[test]
fn errors_are_dashed() {
    let (figure, _) = drawn(|| {
        let ours = trace::object(Prefix::Connection);
        let _turn = common::turn(1, 0);
        event(Kind::ConnLost)
            .of(ours)
            .attr("error", || true)
            .attr("why", || "connection refused")
            .record();
    });
    assert!(
        figure.contains("R--xH0: connection is lost:<br/>connection refused"),
        "{figure}"
    );
}
