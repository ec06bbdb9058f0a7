//! What the recording says of a transport: what is sent when the turn ends leads to the line that
//! wrote it.
mod help;

use deferreds::Failure;
use help::{Pair, Probe, sim};
use reactor::Address;
use std::{cell::Cell, rc::Rc};
use transports::{DatagramPort, DatagramProtocol, Loss, listen_datagrams};

/// The lines of this file at which events of that kind were asked for, in order; 0 where it was
/// elsewhere.
fn lines(recorded: &str, kind: &str) -> Vec<u32> {
    let (header, events) = recorded.split_once('\n').unwrap();
    let (_, sites) = header.split_once("\"sites\":[").unwrap();
    let sites: Vec<&str> = sites.split("],").collect();
    let of_kind = format!("\"k\":\"{kind}\"");
    let events = events.lines().filter(|line| line.contains(&of_kind));
    let site = |event: &str| -> Option<u32> {
        let (_, at) = event.split_once("\"s\":")?;
        let at: usize = at.split([',', '}']).next()?.parse().ok()?;
        let site = sites.get(at)?;
        let here = site.contains("transports/tests/recorded.rs");
        here.then(|| site.split(',').nth(1)?.parse().ok())?
    };
    events.map(|event| site(event).unwrap_or(0)).collect()
}

#[test]
fn what_is_sent_and_closed_later_leads_to_who_asked() {
    let recording = trace::start(trace::Setup::default());
    let wrote = Rc::new(Cell::new(0));
    let answered = Rc::new(Cell::new(0));
    let client = Probe::new().on_made({
        let wrote = wrote.clone();
        move |t| {
            wrote.set(line!() + 1);
            t.write("Gather ye ");
            t.write("rosebuds"); // sent together with what was written first
            Ok(())
        }
    });
    let server = Probe::new().on_data({
        let answered = answered.clone();
        move |t, data| {
            answered.set(line!() + 1);
            t.write(data);
            t.lose_connection();
            Ok(())
        }
    });
    let mut pair = Pair::new(sim("1"), &server, &client);
    pair.until_lost(&server, &client);
    drop(pair);
    let recorded = recording.finish();
    assert_eq!(lines(&recorded, "data.out"), [wrote.get(), answered.get()]);
    // The server closes where it said so; the client, because its protocol was told of the end.
    assert_eq!(lines(&recorded, "conn.lost")[0], answered.get() + 1);
}

#[test]
fn a_write_after_all_was_sent_is_one_of_its_own() {
    let recording = trace::start(trace::Setup::default());
    let (server, client) = (Probe::new(), Probe::new());
    let mut pair = Pair::new(sim("1"), &server, &client);
    pair.until_made(&server, &client);
    let t = client.transport();
    let first = line!() + 1;
    t.write("one");
    pair.until("one has come", || server.received() == 3);
    let second = line!() + 1;
    t.write(vec![2; 4096]); // so much goes out at once
    pair.until("two has come", || server.received() == 3 + 4096);
    drop(pair);
    let told = lines(&recording.finish(), "data.out");
    assert_eq!(told.first(), Some(&first));
    assert!(told[1..].contains(&second), "{told:?}");
}

/// Sends `text` to wherever it is told to, and counts what it hears.
struct Post(Rc<Cell<usize>>);

impl DatagramProtocol for Post {
    fn datagram_received(
        &mut self,
        port: &DatagramPort,
        datagram: &[u8],
        from: &Address,
    ) -> Result<(), Failure> {
        self.0.set(self.0.get() + 1);
        if datagram == b"ping" {
            port.send_to("pong", from)?;
        }
        Ok(())
    }

    fn send_failed(&mut self, _: &DatagramPort, _: std::io::Error) {
        self.0.set(self.0.get() + 1);
    }

    fn stopped(&mut self, _: &DatagramPort, _: Loss) {
        self.0.set(self.0.get() + 1);
    }
}

/// The events of one kind, without what stands before the object.
fn events<'a>(recorded: &'a str, kind: &str) -> Vec<&'a str> {
    let of_kind = format!("\"k\":\"{kind}\"");
    recorded
        .lines()
        .filter(|line| line.contains(&of_kind))
        .collect()
}

/// The number of an event.
fn number(event: &str) -> &str {
    let (number, _) = event
        .strip_prefix("{\"n\":")
        .unwrap()
        .split_once(',')
        .unwrap();
    number
}

#[test]
fn each_datagram_is_recorded_with_its_way_and_the_one_that_is_refused_too() {
    let recording = trace::start(trace::Setup::default());
    let mut reactor = sim("1");
    let handle = reactor.handle();
    let heard = Rc::new(Cell::new(0));
    let open = || {
        let at = Address::loopback(0);
        listen_datagrams(&handle, &at, Box::new(Post(heard.clone()))).unwrap()
    };
    let (server, client, gone) = (open(), open(), open());
    let (to, from, closed_port) = (
        server.address().unwrap(),
        client.address().unwrap(),
        gone.address().unwrap(),
    );
    gone.stop_listening();
    gone.stop_listening();
    let mut until = |count: usize| {
        for _ in 0..1_000 {
            if heard.get() >= count {
                return;
            }
            reactor
                .turn(Some(std::time::Duration::from_secs(1)))
                .unwrap();
        }
        panic!("only {} of {count} things were heard", heard.get());
    };
    until(1);
    let asked = line!() + 1;
    client.send_to("ping", &to).unwrap();
    until(3);
    client.set_peer(&closed_port).unwrap();
    client.send("anybody?").unwrap();
    until(4);
    server.stop_listening();
    client.stop_listening();
    until(6);
    drop(reactor);
    let recorded = recording.finish();

    let sent = events(&recorded, "data.out");
    assert_eq!(
        sent.len(),
        3,
        "ping, pong, and the one to the closed port: {sent:#?}"
    );
    assert_eq!(
        lines(&recorded, "data.out")[0],
        asked,
        "it leads to its line"
    );
    assert_has(sent[0], &format!("\"to\":\"{to}\""));
    assert_has(sent[1], &format!("\"to\":\"{from}\""));
    assert_has(sent[2], &format!("\"to\":\"{closed_port}\""));
    let received = events(&recorded, "data.in");
    assert_eq!(received.len(), 2, "{received:#?}");
    for (received, sent) in received.iter().zip(&sent) {
        assert_has(received, &format!("\"c\":[{}]", number(sent)));
    }
    assert_has(received[0], &format!("\"from\":\"{from}\""));
    let lost = events(&recorded, "data.lost");
    assert_eq!(lost.len(), 1, "{lost:#?}");
    assert_has(lost[0], &format!("\"c\":[{}]", number(sent[2])));
    let opened = events(&recorded, "conn.open");
    let closed = events(&recorded, "conn.lost");
    assert_eq!(
        (opened.len(), closed.len()),
        (3, 3),
        "each once: {closed:#?}"
    );
}

fn assert_has(event: &str, what: &str) {
    assert!(event.contains(what), "no {what} in {event}");
}
