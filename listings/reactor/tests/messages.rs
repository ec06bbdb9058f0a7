//! Messages: what other threads send again and again, in order among their calls.
use reactor::{Handle, Message, Os, Reactor, Sim};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

struct Note(Arc<Mutex<Vec<&'static str>>>);

impl Message for Note {
    fn arrive(self: Arc<Self>, h: &Handle) {
        h.assert_nothing_borrowed();
        self.0.lock().unwrap().push("message");
    }
}

#[test]
fn messages_and_calls_of_one_thread_arrive_in_their_order() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let remote = reactor.handle().remote();
    let log = Arc::<Mutex<Vec<_>>>::default();
    let (note, calls) = (Arc::new(Note(log.clone())), log.clone());
    let thread = thread::spawn(move || {
        remote.send(note.clone());
        remote.call(move |_| calls.lock().unwrap().push("call"));
        remote.send(note);
        remote.call(|h| h.stop().unwrap());
    });
    reactor.run().unwrap();
    thread.join().unwrap();
    assert_eq!(*log.lock().unwrap(), ["message", "call", "message"]);
}

#[test]
fn a_message_to_a_reactor_that_is_gone_is_dropped() {
    struct Held(Arc<AtomicU32>);
    impl Message for Held {
        fn arrive(self: Arc<Self>, _: &Handle) {}
    }
    impl Drop for Held {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let reactor = Reactor::new(Sim::new(1));
    let remote = reactor.handle().remote();
    let drops = Arc::<AtomicU32>::default();
    remote.send(Arc::new(Held(drops.clone())));
    drop(reactor);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    remote.send(Arc::new(Held(drops.clone())));
    assert_eq!(drops.load(Ordering::SeqCst), 2);
}
