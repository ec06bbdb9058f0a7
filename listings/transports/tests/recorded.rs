//! What the recording says of a transport: what is sent when the turn ends leads to the line that wrote it.
mod help;

use help::{Pair, Probe, sim};
use std::{cell::Cell, rc::Rc};

/// The lines of this file at which events of that kind were asked for, in order; 0 where it was elsewhere.
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
