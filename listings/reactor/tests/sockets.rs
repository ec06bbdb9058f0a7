//! Sockets, on both worlds: what a stream promises, and what its events say.
use reactor::{Address, Handle, Id, Os, Reactor, Readiness, Ready, Sim, Source, World};
use std::{
    cell::Cell,
    io::{ErrorKind, IoSlice},
    rc::Rc,
    time::Duration,
};

/// Both worlds, by name.
fn worlds() -> [(&'static str, Box<dyn World>); 2] {
    [
        ("os", Box::new(Os::new().unwrap())),
        ("sim", Box::new(Sim::new(1))),
    ]
}

/// Waits until `enough` says so; at most 200 waits of a second.
fn wait(world: &mut dyn World, mut enough: impl FnMut(&mut dyn World, &[Ready]) -> bool) {
    let mut all = Vec::new();
    for _ in 0..200 {
        if enough(world, &all) {
            return;
        }
        let until = world.now() + Duration::from_secs(1);
        world.wait(Some(until), &mut all).unwrap();
    }
    panic!("what the test waits for did not happen; there was {all:?}");
}

/// A listener, and a connection to it: client and server.
fn pair(world: &mut dyn World) -> (Id, Id) {
    let listener = world.listen(&Address::loopback(0), 128).unwrap();
    let at = world.local_address(listener).unwrap();
    let client = world.connect(&at).unwrap();
    let mut server = None;
    wait(world, |world, _| {
        server = server.or_else(|| world.accept(listener).ok().map(|(id, _)| id));
        server.is_some() && world.finish_connect(client).is_ok()
    });
    world.close(listener, false);
    (client, server.unwrap())
}

fn read_all(world: &mut dyn World, id: Id) -> Result<Vec<u8>, ErrorKind> {
    let (mut all, mut buffer, mut result) = (Vec::new(), [0; 1000], Ok(()));
    wait(world, |world, _| {
        loop {
            match world.read(id, &mut buffer) {
                Ok(0) => return true,
                Ok(count) => all.extend(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                Err(error) => {
                    result = Err(error.kind());
                    return true;
                }
            }
        }
    });
    result.map(|()| all)
}

#[test]
fn each_side_knows_both_addresses() {
    for (name, mut world) in worlds() {
        let world = &mut *world;
        let listener = world.listen(&Address::loopback(0), 128).unwrap();
        let at = world.local_address(listener).unwrap();
        assert_ne!(at.port(), Some(0), "{name}");
        let client = world.connect(&at).unwrap();
        let mut accepted = None;
        wait(world, |world, _| {
            accepted = accepted.take().or_else(|| world.accept(listener).ok());
            accepted.is_some()
        });
        let (server, peer) = accepted.unwrap();
        assert_eq!(peer, world.local_address(client).unwrap(), "{name}");
        assert_eq!(world.local_address(server).unwrap(), at, "{name}");
    }
}

#[test]
fn a_port_is_taken_once() {
    for (name, mut world) in worlds() {
        let listener = world.listen(&Address::loopback(0), 128).unwrap();
        let at = world.local_address(listener).unwrap();
        assert_eq!(
            world.listen(&at, 128).unwrap_err().kind(),
            ErrorKind::AddrInUse,
            "{name}"
        );
    }
}

#[test]
fn gathered_writes_arrive_in_order_and_then_the_end() {
    for (name, mut world) in worlds() {
        let world = &mut *world;
        let (client, server) = pair(world);
        let parts = [IoSlice::new(b"Tyger "), IoSlice::new(b"Tyger")];
        assert_eq!(world.write(client, &parts).unwrap(), 11, "{name}");
        world.shutdown(client).unwrap();
        assert_eq!(read_all(world, server).unwrap(), b"Tyger Tyger", "{name}");
        // Half closed: the other direction still works.
        world
            .write(server, &[IoSlice::new(b"burning bright")])
            .unwrap();
        world.close(server, false);
        assert_eq!(
            read_all(world, client).unwrap(),
            b"burning bright",
            "{name}"
        );
    }
}

#[test]
fn data_and_the_end_come_in_one_wake() {
    for (name, mut world) in worlds() {
        let world = &mut *world;
        let (client, server) = pair(world);
        world.write(client, &[IoSlice::new(b"farewell")]).unwrap();
        world.close(client, false);
        let mut together = false;
        wait(world, |_, ready| {
            let ends = ready
                .iter()
                .filter(|r| r.id == server && r.what.read_closed);
            together |= ends.clone().any(|r| r.what.read);
            ends.count() > 0
        });
        assert!(together, "{name}: the end must not hide the data");
        let mut buffer = [0; 100];
        assert_eq!(world.read(server, &mut buffer).unwrap(), 8, "{name}");
        assert_eq!(world.read(server, &mut buffer).unwrap(), 0, "{name}");
    }
}

#[test]
fn a_full_buffer_blocks_and_tells_when_there_is_room() {
    for (name, mut world) in worlds() {
        let world = &mut *world;
        let (client, server) = pair(world);
        let chunk = vec![7; 100_000];
        let mut sent = 0;
        let error = loop {
            match world.write(client, &[IoSlice::new(&chunk)]) {
                Ok(count) => sent += count,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::WouldBlock, "{name}");
        let mut buffer = vec![0; 100_000];
        let mut read = 0;
        wait(world, |world, ready| {
            while let Ok(count) = world.read(server, &mut buffer) {
                read += count;
            }
            let told = ready.iter().any(|r| r.id == client && r.what.write);
            told && read >= sent
        });
        assert_eq!(read, sent, "{name}");
        assert!(
            world.write(client, &[IoSlice::new(b"more")]).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn a_reset_reaches_the_peer_as_an_error() {
    for (name, mut world) in worlds() {
        let world = &mut *world;
        let (client, server) = pair(world);
        world.close(server, true);
        assert_eq!(
            read_all(world, client),
            Err(ErrorKind::ConnectionReset),
            "{name}"
        );
    }
}

#[test]
fn closing_with_unread_bytes_is_a_reset() {
    for (name, mut world) in worlds() {
        let world = &mut *world;
        let (client, server) = pair(world);
        world
            .write(client, &[IoSlice::new(b"nobody reads this")])
            .unwrap();
        wait(world, |_, ready| {
            ready.iter().any(|r| r.id == server && r.what.read)
        });
        world.close(server, false);
        assert_eq!(
            read_all(world, client),
            Err(ErrorKind::ConnectionReset),
            "{name}"
        );
    }
}

#[test]
fn connecting_to_nobody_is_refused() {
    for (name, mut world) in worlds() {
        let world = &mut *world;
        let listener = world.listen(&Address::loopback(0), 128).unwrap();
        let at = world.local_address(listener).unwrap();
        world.close(listener, false);
        let mut kind = None;
        match world.connect(&at) {
            Err(error) => kind = Some(error.kind()),
            Ok(client) => wait(world, |world, _| {
                kind = world.finish_connect(client).err().map(|error| error.kind());
                kind.is_some_and(|kind| kind != ErrorKind::WouldBlock)
            }),
        }
        assert_eq!(kind, Some(ErrorKind::ConnectionRefused), "{name}");
    }
}

#[test]
fn a_closed_id_stays_closed_though_its_index_is_used_again() {
    for (name, mut world) in worlds() {
        let world = &mut *world;
        let (client, server) = pair(world);
        world.close(client, false);
        world.close(server, false);
        let again = world.listen(&Address::loopback(0), 128).unwrap();
        let before = [client, server]
            .into_iter()
            .find(|id| id.index == again.index);
        let before = before.unwrap_or_else(|| panic!("{name}: no index was used again"));
        assert_ne!(before.generation, again.generation);
        let closed = Some(ErrorKind::NotConnected);
        assert_eq!(
            world.read(before, &mut [0]).err().map(|e| e.kind()),
            closed,
            "{name}"
        );
        assert_eq!(
            world.write(before, &[]).err().map(|e| e.kind()),
            closed,
            "{name}"
        );
        assert_eq!(
            world.accept(before).err().map(|e| e.kind()),
            closed,
            "{name}"
        );
        assert_eq!(
            world.local_address(before).err().map(|e| e.kind()),
            closed,
            "{name}"
        );
        world.close(before, false); // does not close the new one
        assert!(world.local_address(again).is_ok(), "{name}");
    }
}

#[test]
fn an_event_for_a_slot_that_was_used_again_hits_nobody() {
    struct Told(Rc<Cell<u32>>);
    impl Source for Told {
        fn ready(self: Rc<Self>, _: &Handle, _: Id, _: Readiness) {
            self.0.set(self.0.get() + 1);
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let told = Rc::new(Cell::new(0));
    let old = h.listen(&Address::loopback(0)).unwrap();
    h.register(old, Rc::new(Told(Rc::clone(&told))));
    h.again(Ready {
        id: old,
        what: Readiness::READ,
    }); // this event is on its way …
    h.close(old, false);
    let new = h.listen(&Address::loopback(0)).unwrap();
    assert_eq!(new.index, old.index); // … to a socket that has become another
    h.register(new, Rc::new(Told(Rc::clone(&told))));
    assert_eq!(reactor.turn(Some(Duration::ZERO)).unwrap(), 0);
    assert_eq!(told.get(), 0);
    h.again(Ready {
        id: new,
        what: Readiness::READ,
    });
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(told.get(), 1);
}

#[test]
fn a_stale_id_takes_nobodys_place() {
    struct Told(Rc<Cell<u32>>);
    impl Source for Told {
        fn ready(self: Rc<Self>, _: &Handle, _: Id, _: Readiness) {
            self.0.set(self.0.get() + 1);
        }
    }
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let (old_told, new_told) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let old = h.listen(&Address::loopback(0)).unwrap();
    h.close(old, false);
    let new = h.listen(&Address::loopback(0)).unwrap();
    assert_eq!(new.index, old.index);
    h.register(new, Rc::new(Told(Rc::clone(&new_told))));
    h.register(old, Rc::new(Told(Rc::clone(&old_told))));
    assert_eq!(Rc::strong_count(&old_told), 1, "nobody will ever tell it");
    h.connect(&h.local_address(new).unwrap()).unwrap();
    reactor.turn(None).unwrap();
    assert_eq!((old_told.get(), new_told.get()), (0, 1));
}

#[test]
fn what_comes_later_than_this_chapter_is_not_there() {
    for (name, mut world) in worlds() {
        // A feature that a later chapter turns on.
        let has_them = name == "os" && cfg!(all(unix, feature = "processes"));
        assert_eq!(world.processes().is_some(), has_them, "{name}");
    }
    let reactor = Reactor::new(Sim::new(1));
    let error = reactor
        .handle()
        .spawn_process(&mut std::process::Command::new("true"))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(error.to_string(), "this world has no child processes");
}
