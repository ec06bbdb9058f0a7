//! Lets members join and leave, and looks at what is still in memory.
use no_leak::Room;
use std::{rc::Rc, time::Duration};
use untwisted::reactor::{Handle, Reactor, Sim};

/// Runs `scene` in a reactor that then goes on for ten minutes of virtual time. Returns whether
/// something still ticks then.
fn play(scene: impl FnOnce(&Handle) + 'static) -> bool {
    let mut reactor = Reactor::new(Sim::new(1));
    reactor.handle().call_soon(scene);
    reactor
        .handle()
        .call_later(Duration::from_secs(600), |reactor| {
            reactor.stop().expect("it runs");
        });
    reactor.run().expect("it runs until it is told to stop");
    reactor.next_deadline().is_some()
}

#[test]
fn the_room_works() {
    play(|reactor| {
        let room = Rc::new(Room::default());
        let ada = room.join(reactor, "Ada");
        drop(room.join(reactor, "Grace"));
        assert_eq!(
            room.names(),
            ["Ada", "Grace"],
            "the room owns its members: Grace stays, although nothing else holds her"
        );
        assert_eq!(
            ada.listeners(),
            ["Grace"],
            "everybody else in the room hears what Ada says"
        );
        let keep = (Rc::clone(&room), Rc::clone(&ada));
        reactor.call_later(Duration::from_secs(100), move |_| {
            let (room, ada) = keep;
            assert_eq!(ada.signs(), 3, "a sign of life every 30 s: three in 100 s");
            room.leave(&ada);
            assert_eq!(room.names(), ["Grace"], "Ada has left, and Grace has not");
        });
    });
}

#[test]
fn the_room_alone_keeps_a_member_alive() {
    play(|reactor| {
        let room = Rc::new(Room::default());
        let grace = Rc::downgrade(&room.join(reactor, "Grace"));
        reactor.call_later(Duration::from_secs(100), move |_| {
            let grace = grace.upgrade();
            let grace = grace.expect("a member stays until `leave`, also when nothing else holds it");
            assert_eq!(
                grace.signs(),
                3,
                "each member in the room gives a sign of life every 30 s, also one that only the room holds"
            );
            drop(room);
        });
    });
}

#[test]
fn who_leaves_is_dropped() {
    let ticks = play(|reactor| {
        let room = Rc::new(Room::default());
        let ada = room.join(reactor, "Ada");
        let seen = Rc::downgrade(&ada);
        room.leave(&ada);
        drop(ada);
        let keep = Rc::clone(&room);
        reactor.call_later(Duration::from_secs(100), move |_| {
            assert!(
                seen.upgrade().is_none(),
                "100 s after leaving, Ada is still in memory"
            );
            drop(keep);
        });
    });
    assert!(
        !ticks,
        "Ada has left and was dropped, and ten minutes later a looping call goes on ticking for her"
    );
}

#[test]
fn members_go_with_their_room() {
    let ticks = play(|reactor| {
        let room = Rc::new(Room::default());
        let seen = Rc::downgrade(&room.join(reactor, "Ada"));
        let walls = Rc::downgrade(&room);
        drop(room);
        assert!(
            walls.upgrade().is_none(),
            "nothing should hold the room any more, but it is still in memory"
        );
        reactor.call_later(Duration::from_secs(100), move |_| {
            assert!(
                seen.upgrade().is_none(),
                "members are dropped with the room: 100 s later, Ada is still in memory"
            );
        });
    });
    assert!(
        !ticks,
        "the room is gone with its members, and ten minutes later a looping call goes on ticking for one"
    );
}

#[test]
fn a_member_may_outlive_its_room() {
    play(|reactor| {
        let room = Rc::new(Room::default());
        let ada = room.join(reactor, "Ada");
        drop(room);
        assert!(
            ada.listeners().is_empty(),
            "the room is gone, so no member listens"
        );
    });
}
