//! What the reactor says of itself: a recording of everything keeps the rules, and its causes are
//! right.
use poetry::{Fault, Options, Pace};
use reactor::{Address, Handle, Id, Knobs, LoopingCall, Os, Reactor, Readiness, Sim, Source};
use recital::Recital;
use std::{io::ErrorKind, rc::Rc, time::Duration};
use trace::{
    Setup,
    read::{Event, Trace},
};

/// Reads to the end.
struct Client(Id);

impl Source for Client {
    fn ready(self: Rc<Self>, h: &Handle, _: Id, _: Readiness) {
        let _ = h.finish_connect(self.0);
        let mut buffer = [0; 50];
        loop {
            match h.read(self.0, &mut buffer) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => break,
            }
        }
        h.close(self.0, false);
    }
}

/// A little of everything that is recorded.
fn everything(mut reactor: Reactor) -> Trace {
    let recording = trace::start(Setup::default());
    let h = reactor.handle();
    for fault in [Fault::None, Fault::Reset] {
        let pace = Pace::new(40, Duration::from_millis(1));
        let recital = Recital::start(
            &h,
            Options {
                pace,
                fault,
                ..Options::default()
            },
        )
        .unwrap();
        trace::host("client", || {
            let id = h.connect(&recital.addresses()[0]).unwrap();
            h.register(id, Rc::new(Client(id)));
        });
    }
    trace::host("client", || {
        let nobody = h.connect(&Address::loopback(1)).unwrap();
        h.register(nobody, Rc::new(Client(nobody)));
    });
    let call = h.call_later(Duration::from_secs(9), |_| ());
    call.reset(Duration::from_millis(2)).unwrap();
    call.delay(Duration::from_millis(2)).unwrap();
    h.call_later(Duration::from_secs(9), |_| ())
        .cancel()
        .unwrap();
    let mut beats = 0;
    LoopingCall::start(&h, Duration::from_millis(3), move |_, looping| {
        beats += 1;
        if beats == 3 {
            looping.stop();
        }
    });
    h.offload(|| 6 * 7, |h, _| h.call_soon(|_| ()));
    h.remote().call(|_| ());
    h.cooperate(0..10);
    h.before_shutdown(|h, hold| {
        h.call_later(Duration::from_millis(1), move |_| drop(hold));
    });
    h.call_later(Duration::from_millis(200), |h| h.stop().unwrap());
    reactor.run().unwrap();
    drop(reactor);
    Trace::parse(&recording.finish()).unwrap()
}

fn sim() -> Reactor {
    Reactor::new(Sim::with(4, Knobs::parse("chunk=30").unwrap()))
}

fn causes<'t>(trace: &'t Trace, event: &Event) -> Vec<&'t Event> {
    event
        .causes
        .iter()
        .map(|number| trace.event(*number).unwrap())
        .collect()
}

fn all<'t>(trace: &'t Trace, kind: &'t str) -> impl Iterator<Item = &'t Event> {
    trace.events.iter().filter(move |event| event.kind == kind)
}

#[test]
fn a_recording_of_everything_keeps_the_rules_on_both_worlds() {
    for reactor in [sim(), Reactor::new(Os::new().unwrap())] {
        let trace = everything(reactor);
        assert_eq!(trace.lint(), []);
        for kind in [
            "turn.start",
            "turn.phase",
            "turn.end",
            "timer.set",
            "timer.fire",
            "timer.cancel",
            "call.queue",
            "call.run",
            "io.watch",
            "io.ready",
            "conn.open",
            "conn.made",
            "conn.lost",
            "data.in",
            "data.out",
            "job.queue",
            "job.start",
            "job.end",
        ] {
            assert!(all(&trace, kind).next().is_some(), "there is no {kind}");
        }
    }
}

#[test]
fn bytes_come_from_the_writes_of_the_other_side() {
    let trace = everything(sim());
    let mut seen = 0;
    for event in all(&trace, "data.in").filter(|event| event.count("bytes") > Some(0)) {
        let causes = causes(&trace, event);
        assert!(!causes.is_empty(), "{event:?}");
        for cause in causes {
            assert_eq!(cause.kind, "data.out");
            assert_ne!(cause.object, event.object);
            assert_ne!(trace.host(cause), trace.host(event));
            assert!(cause.time < event.time);
        }
        seen += 1;
    }
    assert!(seen > 10);
}

#[test]
fn what_was_set_causes_what_fires_and_what_was_queued_what_runs() {
    let trace = everything(sim());
    for event in all(&trace, "timer.fire") {
        let causes = causes(&trace, event);
        assert_eq!(causes.len(), 1, "{event:?}");
        assert_eq!(causes[0].kind, "timer.set");
        assert_eq!(causes[0].object, event.object);
    }
    for event in all(&trace, "call.run").filter(|event| event.object.is_some()) {
        assert_eq!(causes(&trace, event)[0].kind, "call.queue");
    }
    let job = all(&trace, "job.end").next().unwrap();
    let done = all(&trace, "call.run").find(|event| event.causes.contains(&job.number));
    assert!(
        done.is_some(),
        "the end of the work causes the call that has its result"
    );
}

#[test]
fn a_connection_is_lost_once_and_every_callback_runs_in_the_host_of_its_object() {
    let trace = everything(sim());
    let mut lost: Vec<_> = all(&trace, "conn.lost")
        .map(|event| &event.object)
        .collect();
    let count = lost.len();
    lost.sort();
    lost.dedup();
    assert_eq!(
        (lost.len(), count),
        (5, 5),
        "two servers, two clients, and one that was refused"
    );
    for event in all(&trace, "data.out") {
        assert_eq!(trace.host(event), Some("server"));
    }
    for event in all(&trace, "data.in") {
        assert_eq!(
            trace.host(event),
            Some("client"),
            "the clients are the ones that read"
        );
    }
}

#[test]
fn two_recordings_of_one_seed_are_the_same() {
    let text = |trace: Trace| format!("{:?}", trace.events);
    assert_eq!(text(everything(sim())), text(everything(sim())));
}
