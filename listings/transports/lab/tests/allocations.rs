//! A round trip allocates nothing, and an idle connection keeps little.
use deferreds::Failure;
use reactor::{Address, Os, Reactor};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};
use transports::{Protocol, Transport, connect, listen};

struct Echo;

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        transport.write(data);
        Ok(())
    }
}

/// Counts what comes back.
struct Counts {
    received: Rc<Cell<usize>>,
    transport: Rc<RefCell<Option<Transport>>>,
}

impl Protocol for Counts {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        *self.transport.borrow_mut() = Some(transport.clone());
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.received.set(self.received.get() + data.len());
        Ok(())
    }
}

#[test]
fn a_round_trip_allocates_nothing() {
    for size in [64, 1_500, 16 * 1024] {
        let mut reactor = Reactor::new(Os::new().unwrap());
        let handle = reactor.handle();
        let port = listen(&handle, &Address::loopback(0), Rc::new(|_: &Address| Echo)).unwrap();
        let received = Rc::new(Cell::new(0));
        let transport = Rc::<RefCell<Option<Transport>>>::default();
        let (count, made) = (received.clone(), transport.clone());
        let client = move |_: &Address| Counts {
            received: count.clone(),
            transport: made.clone(),
        };
        connect(&handle, port.address(), Rc::new(client));
        while transport.borrow().is_none() {
            reactor.turn(Some(Duration::from_secs(1))).unwrap();
        }
        let client = transport.borrow().clone().unwrap();
        let message = vec![7; size];
        let round = |reactor: &mut Reactor| {
            received.set(0);
            client.write(&message);
            while received.get() < size {
                reactor.turn(Some(Duration::from_secs(1))).unwrap();
            }
        };
        for _ in 0..10 {
            round(&mut reactor); // buffers are made
        }
        let counted = allocation_counter::measure(|| {
            for _ in 0..100 {
                round(&mut reactor);
            }
        });
        assert_eq!(counted.count_total, 0, "{size} bytes: {counted:?}");
    }
}
