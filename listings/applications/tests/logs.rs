//! What is logged, and by whom: levels, spans of connections, a server's connections at its end.
use applications::{Captured, Endpoint, Service, Serving, levels, subscriber};
use deferreds::Failure;
use reactor::{Address, Handle, Reactor, Sim};
use std::{
    cell::Cell,
    io::Write,
    rc::Rc,
    sync::{Arc, Mutex},
    time::Duration,
};
use tracing::Level;
use transports::{Loss, Protocol, Transport, connect};

/// Logs each piece; fails at `!`, and closes at `.`.
struct Talks;

impl Protocol for Talks {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        tracing::info!("heard");
        match data {
            b"!" => Err(Failure::new("somebody shouts")),
            b"." => {
                transport.lose_connection();
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

struct Says(&'static str, Rc<Cell<Option<String>>>);

impl Protocol for Says {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(self.0);
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.1.set(Some(why.to_string()));
    }
}

/// A server with a grace of 5 s, and clients that say something.
struct Town {
    reactor: Reactor,
    handle: Handle,
    serving: Rc<Serving>,
    ends: Vec<Rc<Cell<Option<String>>>>,
}

impl Town {
    fn new(says: &[&'static str]) -> Town {
        let reactor = Reactor::new(Sim::new(1));
        let handle = reactor.handle();
        let at: Endpoint = "tcp:79:interface=127.0.0.1".parse().unwrap();
        let grace = Duration::from_secs(5);
        let serving = Serving::with_grace("town", at, Rc::new(|_: &Address| Talks), grace);
        serving.start(&handle).unwrap();
        serving.start(&handle).unwrap(); // twice is once
        let mut ends = Vec::new();
        for text in says.iter().copied() {
            let end = Rc::new(Cell::new(None));
            ends.push(Rc::clone(&end));
            let says = Rc::new(move |_: &Address| Says(text, Rc::clone(&end)));
            connect(&handle, &Address::loopback(79), says);
        }
        Town {
            reactor,
            handle,
            serving,
            ends,
        }
    }

    fn until(&mut self, second: u64) {
        while self.handle.now().as_millis() < second * 1000 {
            self.reactor.turn(Some(Duration::from_millis(10))).unwrap();
        }
    }
}

#[test]
fn each_connection_is_a_span_and_a_broken_one_is_a_warning() {
    let log = Captured::new();
    log.during(|| Town::new(&["a", "!"]).until(1));
    let entries = log.take();
    let heard: Vec<_> = entries
        .iter()
        .filter(|entry| entry.message == "heard")
        .collect();
    assert_eq!(heard.len(), 2);
    for (entry, number) in heard.iter().zip(1..) {
        let span = &entry.spans[0];
        assert!(
            span.starts_with(&format!("connection{{number={number} peer=127.0.0.1:")),
            "{span}"
        );
        assert!(span.ends_with(" service=town}"), "{span}");
    }
    let broke: Vec<_> = entries
        .iter()
        .filter(|entry| entry.level == Level::WARN)
        .collect();
    assert_eq!(broke.len(), 1, "{entries:?}");
    assert_eq!(
        (broke[0].message.as_str(), broke[0].target.as_str()),
        ("broke", "connection")
    );
    assert_eq!(broke[0].fields["why"], "somebody shouts");
    assert!(
        broke[0].spans[0].contains("number=2"),
        "{:?}",
        broke[0].spans
    );
    assert!(log.take().is_empty(), "it is not there a second time");
    tracing::error!("after it");
    assert!(log.take().is_empty());
}

#[test]
fn a_stop_lets_connections_end_and_then_closes_them() {
    let mut town = Town::new(&["a", "b"]);
    town.until(1);
    assert_eq!(town.serving.connections(), 2);
    let stopped = Rc::new(Cell::new(false));
    for _ in 0..2 {
        let tells = Rc::clone(&stopped);
        let stop = town.serving.stop(&town.handle);
        stop.on_result(move |result| tells.set(result.is_ok()));
    }
    town.until(5);
    assert!(
        !stopped.get() && town.serving.connections() == 2,
        "the grace goes on"
    );
    town.until(7);
    assert!(stopped.get() && town.serving.connections() == 0);
    for end in &town.ends {
        assert_eq!(end.take().as_deref(), Some("closed in good order"));
    }
}

#[test]
fn a_stop_that_is_cancelled_aborts_them() {
    let mut town = Town::new(&["a"]);
    town.until(1);
    let stop = town.serving.stop(&town.handle);
    stop.canceller().cancel();
    assert!(stop.into_result().unwrap().is_err());
    town.until(2);
    assert_eq!(town.serving.connections(), 0);
    assert_eq!(town.ends[0].take().as_deref(), Some("connection reset"));
}

#[test]
fn one_that_has_ended_is_not_waited_for() {
    let mut town = Town::new(&["."]);
    town.until(1);
    assert_eq!(town.serving.connections(), 0);
    assert!(
        town.serving
            .stop(&town.handle)
            .into_result()
            .unwrap()
            .is_ok()
    );
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn logged(text: &str, json: bool) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = subscriber(levels(text).unwrap(), json, false, move || writer.clone());
    tracing::subscriber::with_default(subscriber, || {
        let _span = tracing::info_span!("night", moon = true).entered();
        tracing::debug!(target: "a", "debug of a");
        tracing::info!(target: "a", "info of a");
        tracing::debug!(target: "b", "debug of b");
        tracing::warn!(target: "b", owl = 1, "warn of b");
    });
    String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
}

#[test]
fn levels_and_targets() {
    let count = |text| logged(text, false).lines().count();
    assert_eq!(
        [
            count("off"),
            count("error"),
            count("warn"),
            count("info"),
            count("debug"),
            count("warn,a=debug"),
            count("b=info")
        ],
        [0, 0, 1, 2, 4, 3, 1]
    );
    for text in ["loud", "", "a=", "warn,,b=info", "a=b=info"] {
        assert!(levels(text).is_err(), "{text:?}");
    }
}

#[test]
fn text_and_json() {
    assert_eq!(
        logged("warn,night=info,logs=info", false).trim(),
        "WARN night{moon=true}: b: warn of b owl=1"
    );
    let line = logged("warn,logs=info", true);
    for part in [
        r#""level":"WARN""#,
        r#""target":"b""#,
        r#""message":"warn of b""#,
        r#""owl":1"#,
        r#""moon":true"#,
    ] {
        assert!(line.contains(part), "{line}");
    }
}
