//! Asks servers of all kinds, good and bad, in virtual time.
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use untwisted::{
    deferreds::Failure,
    reactor::{Handle, LoopingCall, Reactor, Sim},
    transports::{Address, Loss, Port, Protocol, Transport, listen},
};
use waits_for_ever::{Answer, LIMIT, Told, ask};

/// What a server does with a connection.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// Answers so much later, in two pieces.
    AnswersAfter(Duration),
    /// Sends one byte a second, and no line.
    Drips,
    /// Neither reads nor writes for ten seconds, then reads.
    Sleeps,
    /// Answers at once, and reads nothing for ten seconds.
    AnswersBlindly,
    /// Closes after half a line.
    Leaves,
    /// Resets the connection after half a line.
    Breaks,
}

struct Server {
    manner: Manner,
    read: Rc<Cell<usize>>,
    drips: Option<LoopingCall>,
}

impl Protocol for Server {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let writes = transport.clone();
        match self.manner {
            Manner::AnswersAfter(time) => {
                transport.write("forty");
                transport
                    .handle()
                    .call_later(time, move |_| writes.write("-two\nand more\n"));
            }
            Manner::Drips => {
                let second = Duration::from_secs(1);
                self.drips = Some(LoopingCall::start_later(
                    transport.handle(),
                    second,
                    move |_, _| writes.write("."),
                ));
            }
            Manner::Sleeps | Manner::AnswersBlindly => {
                transport.pause_reading();
                if self.manner == Manner::AnswersBlindly {
                    transport.write("no\n");
                }
                let ten = Duration::from_secs(10);
                transport
                    .handle()
                    .call_later(ten, move |_| writes.resume_reading());
            }
            Manner::Leaves => {
                transport.write("half");
                transport.lose_connection();
            }
            Manner::Breaks => {
                transport.write("half");
                transport
                    .handle()
                    .call_later(Duration::from_millis(100), move |_| {
                        writes.abort_connection();
                    });
            }
        }
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.read.set(self.read.get() + data.len());
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        if let Some(drips) = self.drips.take() {
            drips.stop();
        }
    }
}

type Seen = Rc<RefCell<Vec<(f64, String)>>>;

/// A reactor with one server, and one question.
struct Scene {
    reactor: Reactor,
    handle: Handle,
    port: Port,
    read: Rc<Cell<usize>>,
    seen: Seen,
    told: Told,
}

impl Scene {
    fn new(manner: Manner, question: &str) -> Scene {
        let reactor = Reactor::new(Sim::new(1));
        let handle = reactor.handle();
        let read = Rc::new(Cell::new(0));
        let counts = Rc::clone(&read);
        let server = move |_: &Address| Server {
            manner,
            read: Rc::clone(&counts),
            drips: None,
        };
        let port = listen(&handle, &Address::loopback(0), Rc::new(server)).expect("a port");
        let (seen, told) = asker(&handle);
        ask(&handle, port.address(), question, Rc::clone(&told));
        Scene {
            reactor,
            handle,
            port,
            read,
            seen,
            told,
        }
    }

    /// Lets so many seconds pass.
    fn pass(&mut self, seconds: f64) {
        let time = Duration::from_secs_f64(seconds);
        let end = self.handle.now() + time;
        self.handle.call_later(time, |_| {});
        while self.handle.now() < end {
            self.reactor
                .turn(None)
                .expect("there is something to wait for");
        }
    }

    /// The second at which something was told, and what.
    fn only(&self, what: &str) -> (f64, String) {
        let seen = self.seen.borrow();
        assert_eq!(
            seen.len(),
            1,
            "{what}: it must be told exactly once, and was told {seen:?} (second, answer)"
        );
        seen[0].clone()
    }

    fn keepers(&self) -> usize {
        Rc::strong_count(&self.told) - 1
    }
}

/// Writes down what is told, and when.
fn asker(handle: &Handle) -> (Seen, Told) {
    let seen = Seen::default();
    let (log, handle) = (Rc::clone(&seen), handle.clone());
    let told = Rc::new(move |answer: Answer| {
        let text = match answer {
            Answer::Line(line) => format!("line {line}"),
            Answer::TooLate => "too late".to_owned(),
            Answer::Broken => "broken".to_owned(),
        };
        log.borrow_mut()
            .push((handle.now().since_start().as_secs_f64(), text));
    });
    (seen, told)
}

/// More than the network holds.
fn long() -> String {
    "why? ".repeat(100_000)
}

#[test]
fn a_good_server_is_understood() {
    let question = long();
    for seconds in [0.0, 3.0, 4.9] {
        let time = Duration::from_secs_f64(seconds);
        let mut scene = Scene::new(Manner::AnswersAfter(time), &question);
        scene.pass(20.0);
        let (when, answer) = scene.only("the server answered in time");
        assert_eq!(
            answer, "line forty-two",
            "the line was whole {seconds} s after the connection was made"
        );
        assert!(
            when < seconds + 0.5,
            "the line was there after {seconds} s, and was told only after {when:.1} s"
        );
    }
    let mut scene = Scene::new(Manner::AnswersAfter(Duration::ZERO), &question);
    scene.pass(20.0);
    assert_eq!(
        scene.read.get(),
        question.len(),
        "the answer came early, and this server reads: the question must still be written to its end"
    );
}

#[test]
fn a_server_that_drips_cannot_hold_it() {
    let mut scene = Scene::new(Manner::Drips, "?");
    scene.pass(20.0);
    let what = "the server sends a byte every second and never a line";
    assert!(
        !scene.seen.borrow().is_empty(),
        "{what}: after 20 s nothing was told; the five seconds are for the whole line"
    );
    let (when, answer) = scene.only(what);
    assert_eq!(answer, "too late", "{what}");
    let limit: Duration = LIMIT;
    assert!(
        (when - limit.as_secs_f64()).abs() < 0.1,
        "{what}: it was told after {when:.1} s"
    );
}

#[test]
fn a_server_that_does_not_read_cannot_hold_it() {
    let question = long();
    let mut scene = Scene::new(Manner::Sleeps, &question);
    scene.pass(5.5);
    let (_, answer) = scene.only("the server neither reads nor writes");
    assert_eq!(answer, "too late", "the server neither reads nor writes");
    scene.pass(60.0);
    assert!(
        scene.read.get() < question.len(),
        "the server began to read after 10 s, and the whole question came: a close waits until the server has read"
    );
}

#[test]
fn an_answer_is_no_reason_to_wait_for_ever() {
    let what = "the server answered at once and then does not read";
    let question = long();
    let mut scene = Scene::new(Manner::AnswersBlindly, &question);
    scene.pass(5.5);
    let (when, answer) = scene.only(what);
    assert_eq!(answer, "line no", "{what}");
    assert!(when < 1.0, "the answer was told only after {when:.1} s");
    scene.pass(60.0);
    assert!(
        scene.read.get() < question.len(),
        "{what}: after 10 s it read on, and the whole question came, so the connection was not gone after five"
    );
}

#[test]
fn an_end_without_a_line_is_told_at_once() {
    for (manner, how) in [
        (Manner::Leaves, "the server left without a line"),
        (Manner::Breaks, "the server broke the connection"),
    ] {
        let mut scene = Scene::new(manner, "?");
        scene.pass(2.0);
        let (_, answer) = scene.only(how);
        assert_eq!(answer, "broken", "{how}");
    }
}

#[test]
fn a_connection_that_is_refused_is_told() {
    let mut scene = Scene::new(Manner::Sleeps, "?");
    scene.pass(10.0);
    scene.port.stop_listening();
    let (seen, told) = asker(&scene.handle);
    ask(&scene.handle, scene.port.address(), "?", told);
    scene.pass(2.0);
    let answers: Vec<String> = seen.borrow().iter().map(|(_, text)| text.clone()).collect();
    assert_eq!(answers, ["broken"], "no server listens at that port");
}

#[test]
fn nothing_stays() {
    for (manner, how) in [
        (Manner::AnswersAfter(Duration::ZERO), "answered"),
        (Manner::Leaves, "left"),
        (Manner::Breaks, "broke the connection"),
    ] {
        let mut scene = Scene::new(manner, "?");
        scene.pass(1.0);
        scene.port.stop_listening();
        for _ in 0..5 {
            scene
                .reactor
                .turn(Some(Duration::ZERO))
                .expect("a turn without a wait");
        }
        assert_eq!(
            scene.reactor.next_deadline(),
            None,
            "the server {how}, the connection is gone, and a timer is still there"
        );
        assert_eq!(
            scene.keepers(),
            0,
            "the server {how}, the connection is gone, and something still holds `told`"
        );
    }
}
