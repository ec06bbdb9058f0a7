//! A throttle and a traffic log: the rate holds, both pauses hold, and a log shows nothing raw.
mod ends;

use ends::{End, World, nothing};
use protocols::{Throttle, log_traffic};
use reactor::Address;
use std::{cell::RefCell, rc::Rc};
use transports::{Factory, Transport};

/// Ends behind a throttle, and the address of their port.
fn throttled(world: &World, throttle: &Throttle) -> (Rc<RefCell<Vec<End>>>, Address) {
    let ends = Rc::<RefCell<Vec<End>>>::default();
    let built = Rc::clone(&ends);
    let factory: Rc<dyn Factory> = Rc::new(move |_: &Address| {
        let end = End::new(nothing);
        built.borrow_mut().push(end.clone());
        end
    });
    let at = world.listen(throttle.around(factory));
    (ends, at)
}

fn floods(transport: &Transport) {
    transport.write(vec![b'x'; 1_000_000]);
}

#[test]
fn all_connections_together_keep_to_the_rate_and_nothing_is_lost() {
    for clients in [1, 4] {
        let mut world = World::new("1,buffer=10000");
        let throttle = Throttle::new(100_000);
        let (ends, at) = throttled(&world, &throttle);
        for _ in 0..clients {
            world.connect(&at, floods);
        }
        let received = || ends.borrow().iter().map(End::received).sum::<usize>();
        world.pass(5_000);
        let half = received();
        let slack = 20_000 * clients;
        assert!(half <= 500_000 + slack, "{half} bytes in 5 s");
        assert!(half >= 450_000, "{half} bytes in 5 s");
        world.pass(5_000);
        assert!(received() <= 1_000_000 + slack);
        world.pass(40_000);
        assert_eq!(received(), 1_000_000 * clients);
    }
}

#[test]
fn a_pause_of_the_protocol_and_the_throttles_both_hold() {
    let mut world = World::new("1,buffer=10000");
    let (ends, at) = throttled(&world, &Throttle::new(100_000));
    world.connect(&at, floods);
    world.pass(1_000);
    let end = ends.borrow()[0].clone();
    end.transport().pause_reading();
    world.pass(100);
    let before = end.received();
    world.pass(10_000);
    assert_eq!(
        end.received(),
        before,
        "the throttle's timer does not undo the protocol's pause"
    );
    for _ in 0..100 {
        end.transport().resume_reading();
        end.transport().resume_reading();
        world.pass(10);
    }
    let more = end.received() - before;
    assert!(
        more <= 130_000,
        "nor does the protocol undo the throttle's: {more} bytes in 1 s"
    );
}

#[test]
fn no_timer_is_left_however_it_ends_and_the_next_protocol_is_not_held() {
    let ends_by: [fn(&End, &End); 3] = [
        |server, _| server.transport().abort_connection(),
        |server, _| server.transport().lose_connection(),
        |_, client| client.transport().abort_connection(),
    ];
    for end in ends_by {
        let mut world = World::new("1,buffer=10000");
        let (ends, at) = throttled(&world, &Throttle::new(1));
        let client = world.connect(&at, floods);
        world.pass(100);
        let server = ends.borrow()[0].clone();
        end(&server, &client);
        world.pass(100);
        let lost = server.0.borrow().lost.is_some();
        assert_eq!(
            lost,
            !world.has_timer(),
            "one of a held connection is lost when it is read again"
        );
    }
    let mut world = World::new("1,buffer=10000");
    let (ends, at) = throttled(&world, &Throttle::new(1));
    world.connect(&at, floods);
    world.pass(100);
    let next = End::new(nothing);
    ends.borrow()[0]
        .transport()
        .set_protocol(Box::new(next.clone()), &[]);
    world.pass(10_000);
    assert!(next.received() > 900_000, "{}", next.received());
}

#[test]
fn a_log_has_a_line_for_each_and_nothing_raw() {
    let mut world = World::new("1");
    let lines = Rc::<RefCell<Vec<String>>>::default();
    let writes = Rc::clone(&lines);
    let server = End::new(nothing);
    let built = server.clone();
    let factory = log_traffic(Rc::new(move |_: &Address| built.clone()), move |line| {
        writes.borrow_mut().push(line.to_string());
    });
    let at = world.listen(factory);
    let client = world.connect(&at, |transport| {
        transport.write(b"hope\r\n#2 made: nobody\x1b[2J\xff")
    });
    world.pass(10);
    client.transport().write(vec![b'x'; 1000]);
    server.transport().write("yes");
    world.pass(10);
    client.transport().lose_write_connection();
    world.pass(10);
    server.transport().lose_connection();
    world.pass(10);
    let lines = lines.take();
    assert!(lines[0].starts_with("#1 made: 127.0.0.1:"), "{lines:#?}");
    assert_eq!(lines[1], "#1 < \"hope\\r\\n#2 made: nobody\\x1b[2J\\xff\"");
    assert_eq!(lines[2], "#1 drained");
    assert_eq!(
        lines[3],
        format!("#1 < \"{}\" and 960 bytes", "x".repeat(40))
    );
    assert_eq!(
        lines[4..],
        [
            "#1 the peer sends no more",
            "#1 lost: closed in good order, 1026 bytes received"
        ]
    );
}
