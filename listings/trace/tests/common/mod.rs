//! Runs made by hand: what a reactor would record, said event by event.
#![allow(dead_code, unreachable_pub)] // each test file uses some of them
pub mod random;

use trace::{Kind, Object, Prefix, Setup, Span, event};

pub const MS: u64 = 1_000_000;

/// A turn of the loop at a time, as a reactor records it.
pub fn turn(number: u64, now: u64) -> Span {
    trace::set_turn(number);
    let span = event(Kind::TurnStart).enter();
    event(Kind::TurnPhase).attr("phase", || "wait").record();
    trace::set_clock(now);
    span
}

pub fn set(delay: u64) -> Object {
    let timer = trace::object(Prefix::Timer);
    event(Kind::TimerSet)
        .of(timer)
        .attr("delay", || delay)
        .record();
    timer
}

pub fn fire(timer: Object) -> Span {
    event(Kind::TimerFire).of(timer).because_of(timer).enter()
}

/// A timer that prints, one that is cancelled, and one set by a callback.
pub fn timers() -> String {
    let recording = trace::start(Setup {
        listing: "reactor/timers".to_owned(),
        ..Setup::default()
    });
    trace::set_world(trace::Clock::Virtual, Some(1), &[]);
    let tea = set(100 * MS);
    let phone = set(300 * MS);
    let later;
    {
        let _turn = turn(1, 100 * MS);
        let _call = fire(tea);
        trace::out("the water boils; unplug the phone");
        event(Kind::TimerCancel)
            .of(phone)
            .because_of(phone)
            .record();
        later = set(100 * MS);
    }
    {
        let _turn = turn(2, 150 * MS);
    }
    {
        let _turn = turn(3, 200 * MS);
        let _call = fire(later);
        trace::out("the tea is ready");
    }
    trace::out("done");
    recording.finish()
}

/// A client fetches a poem from a slow server in the same simulated world; the end is a reset.
pub fn fetch(pieces: u64) -> String {
    let recording = trace::start(Setup {
        listing: "reactor/fetch".to_owned(),
        ..Setup::default()
    });
    trace::set_world(
        trace::Clock::Virtual,
        Some(7),
        &[("latency", (10 * MS).into())],
    );
    let listener = trace::host("server", || trace::object(Prefix::Listener));
    event(Kind::ConnOpen)
        .of(listener)
        .attr("at", || "server:4080")
        .record();
    let ours = trace::host("client", || trace::object(Prefix::Connection));
    let open = event(Kind::ConnOpen)
        .of(ours)
        .attr("to", || "server:4080")
        .record();
    let theirs = trace::host("server", || trace::object(Prefix::Connection));
    {
        let _turn = turn(1, 10 * MS);
        let _ready = event(Kind::IoReady)
            .of(listener)
            .attr("what", || "read")
            .enter();
        event(Kind::ConnMade).of(theirs).cause(open).record();
        trace::host("server", || set(20 * MS));
    }
    {
        let _turn = turn(2, 20 * MS);
        let _ready = event(Kind::IoReady)
            .of(ours)
            .attr("what", || "write")
            .enter();
        event(Kind::ConnMade)
            .of(ours)
            .attr("peer", || "server:4080")
            .record();
    }
    let mut now = 30 * MS;
    for piece in 0..pieces {
        let out = {
            let timer = trace::host("server", || trace::object(Prefix::Timer));
            let _turn = turn(3 + 2 * piece, now);
            let _fire = event(Kind::TimerFire).of(timer).enter();
            event(Kind::DataOut)
                .of(theirs)
                .attr("bytes", || 10)
                .attr("text", || "I met a tr")
                .record()
        };
        now += 10 * MS;
        let _turn = turn(4 + 2 * piece, now);
        let _ready = event(Kind::IoReady)
            .of(ours)
            .cause(out)
            .attr("what", || "read")
            .enter();
        let data = event(Kind::DataIn).of(ours).cause(out).attr("bytes", || 10);
        data.attr("text", || "I met a tr").record();
        trace::out(&format!("piece {}", piece + 1));
        now += 10 * MS;
    }
    {
        let _turn = turn(3 + 2 * pieces, now);
        let _ready = event(Kind::IoReady)
            .of(ours)
            .attr("what", || "read")
            .enter();
        let lost = event(Kind::ConnLost)
            .of(ours)
            .attr("why", || "connection reset");
        lost.attr("error", || true).record();
    }
    recording.finish()
}

/// What each stage of a Deferred is, and on which rail its outcome goes.
pub struct Stage(pub &'static str, pub &'static str, pub &'static str);

/// A Deferred that fires on `rail` and whose stages run in order.
pub fn deferred(stages: &[Stage], fires: &'static str) -> Object {
    let d = trace::object(Prefix::Deferred);
    event(Kind::DfNew).of(d).record();
    for Stage(kind, name, _) in stages {
        event(Kind::DfAdd)
            .of(d)
            .attr("stage", || *kind)
            .attr("name", || *name)
            .record();
    }
    let cause = event(Kind::DfFire).of(d).attr("rail", || fires).record();
    let mut rail = fires;
    for (at, Stage(kind, name, outcome)) in stages.iter().enumerate() {
        let runs = match *kind {
            "callback" => rail == "ok",
            "errback" => rail == "err",
            _ => true,
        };
        if runs {
            let start = event(Kind::CbStart).of(d).cause(cause).attr("i", || at);
            let span = start.attr("rail", || rail).attr("name", || *name).enter();
            span.attr("rail", || *outcome);
            rail = outcome;
        }
    }
    d
}

/// The run of `two_rails`: the connection is refused, an errback makes it good again.
pub fn rails() -> String {
    let recording = trace::start(Setup {
        listing: "deferreds/two_rails".to_owned(),
        ..Setup::default()
    });
    trace::set_world(trace::Clock::Virtual, Some(1), &[]);
    deferred(
        &[
            Stage("callback", "first_line", "ok"),
            Stage("callback", "shout", "ok"),
            Stage("errback", "kind_word", "ok"),
            Stage("callback", "print", "ok"),
        ],
        "err",
    );
    recording.finish()
}

/// A stage that returns another Deferred; that one fails, and no errback handles it.
pub fn chained() -> String {
    let recording = trace::start(Setup {
        listing: "deferreds/chained".to_owned(),
        ..Setup::default()
    });
    trace::set_world(trace::Clock::Virtual, Some(1), &[]);
    let first = trace::object(Prefix::Deferred);
    event(Kind::DfNew).of(first).record();
    for (stage, name) in [
        ("callback", "find_url"),
        ("callback", "print"),
        ("both", "clean_up"),
    ] {
        event(Kind::DfAdd)
            .of(first)
            .attr("stage", || stage)
            .attr("name", || name)
            .record();
    }
    event(Kind::DfFire)
        .of(first)
        .attr("rail", || "ok")
        .attr("value", || "\"tyger\"; #1")
        .record();
    let stage = event(Kind::CbStart)
        .of(first)
        .attr("i", || 0)
        .attr("rail", || "ok")
        .enter();
    let second = trace::object(Prefix::Deferred);
    event(Kind::DfNew).of(second).record();
    event(Kind::DfChain)
        .of(first)
        .attr("on", || second)
        .record();
    drop(stage);
    let add = event(Kind::DfAdd).of(second).attr("stage", || "callback");
    add.attr("name", || "parse <html>").record();
    event(Kind::DfFire)
        .of(second)
        .attr("rail", || "ok")
        .record();
    let stage = event(Kind::CbStart)
        .of(second)
        .attr("i", || 0)
        .attr("rail", || "ok")
        .enter();
    stage.attr("rail", || "err");
    drop(stage);
    let stage = event(Kind::CbStart)
        .of(first)
        .attr("i", || 2)
        .attr("rail", || "err")
        .enter();
    stage.attr("rail", || "err");
    drop(stage);
    event(Kind::DfDrop)
        .of(first)
        .attr("unhandled", || "not found")
        .record();
    recording.finish()
}

/// Two tasks: the first spawns the second and then wakes itself; a timer wakes the second.
pub fn tasks() -> String {
    let recording = trace::start(Setup {
        listing: "coroutines/two_tasks".to_owned(),
        ..Setup::default()
    });
    trace::set_world(trace::Clock::Virtual, Some(1), &[]);
    let poll = |task: Object, cause: u64| event(Kind::TaskPoll).of(task).cause(cause).enter();
    let first = trace::object(Prefix::Task);
    let spawned = event(Kind::TaskSpawn).of(first).record();
    let (second, timer, again, other);
    {
        let _turn = turn(1, 0);
        let _poll = poll(first, spawned);
        trace::out("a; <b> and a line that is too long for a box");
        second = trace::object(Prefix::Task);
        other = event(Kind::TaskSpawn).of(second).record();
        again = event(Kind::TaskWake).of(first).record();
    }
    {
        let _turn = turn(2, 0);
        {
            let _poll = poll(second, other);
            timer = set(20 * MS);
        }
        let _poll = poll(first, again);
        for line in ["one", "two", "three", "four"] {
            trace::out(line);
        }
        event(Kind::TaskDrop)
            .of(first)
            .attr("why", || "done")
            .record();
    }
    {
        let _turn = turn(3, 20 * MS);
        let woken = {
            let _call = fire(timer);
            event(Kind::TaskWake).of(second).record()
        };
        let _poll = poll(second, woken);
    }
    recording.finish()
}
