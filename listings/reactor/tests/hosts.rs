//! Other event loops as hosts: what they watch, and what they are told.
use reactor::{LoopingCall, Os, Reactor, Sim, Time};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::Wake,
    thread,
    time::Duration,
};

#[derive(Default)]
struct Host(AtomicU32);

impl Wake for Host {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_host_hears_of_work_that_is_added_between_turns_and_not_of_other_work() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let host = Arc::<Host>::default();
    let told = || host.0.swap(0, Ordering::SeqCst);
    reactor.on_change(Some(Arc::clone(&host).into()));
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(told(), 0);

    let call = h.call_later(Duration::from_secs(1), |_| ());
    assert_eq!(told(), 1);
    call.reset(Duration::from_secs(2)).unwrap();
    assert_eq!(told(), 1);
    call.cancel().unwrap();
    assert_eq!(told(), 1);
    h.remote().call(|_| ());
    assert_eq!(told(), 1);
    h.call_soon(|h| {
        // Inside a turn the host knows that it has to look afterwards.
        h.call_soon(|_| ());
        h.call_later(Duration::ZERO, |_| ());
    });
    assert_eq!(told(), 1);
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(told(), 0);

    reactor.on_change(None);
    h.call_soon(|_| ());
    assert_eq!(told(), 0);
}

#[test]
fn the_next_deadline_is_now_when_there_is_work_and_the_earliest_timer_else() {
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    reactor.turn(Some(Duration::ZERO)).unwrap();
    assert_eq!(reactor.next_deadline(), None);
    let late = h.call_later(Duration::from_secs(5), |_| ());
    let early = h.call_later(Duration::from_secs(1), |_| ());
    assert_eq!(reactor.next_deadline(), Some(Time::from_secs(1)));
    early.cancel().unwrap();
    assert_eq!(reactor.next_deadline(), Some(Time::from_secs(5)));
    late.delay(Duration::from_secs(2)).unwrap();
    assert_eq!(reactor.next_deadline(), Some(Time::from_secs(7)));
    h.call_soon(|_| ());
    assert_eq!(reactor.next_deadline(), Some(Time::ZERO));
}

#[test]
fn a_reactor_can_be_turned_by_hand_like_another_loop_does_it() {
    let mut reactor = Reactor::new(Sim::new(1));
    let mut beats = 0;
    let looping = LoopingCall::start(&reactor.handle(), Duration::from_secs(1), move |h, _| {
        beats += 1;
        if beats == 4 {
            h.stop().unwrap();
        }
    });
    let mut turns = 0;
    while !reactor.has_stopped() {
        let now = reactor.handle().now();
        let wait = reactor
            .next_deadline()
            .map_or(Duration::ZERO, |at| at - now);
        reactor.turn(Some(wait)).unwrap();
        turns += 1;
    }
    assert!(
        looping.running(),
        "stopping the reactor does not end what it owns"
    );
    assert!(turns < 12, "{turns} turns for 4 beats");
}

#[cfg(unix)]
#[test]
fn the_descriptor_is_readable_when_another_thread_has_called() {
    use mio::{Events, Interest, Poll, Token, unix::SourceFd};
    let mut reactor = Reactor::new(Os::new().unwrap());
    let fd = reactor.as_raw_fd().unwrap();
    assert_eq!(Reactor::new(Sim::new(1)).as_raw_fd(), None);

    let mut outer = Poll::new().unwrap();
    outer
        .registry()
        .register(&mut SourceFd(&fd), Token(0), Interest::READABLE)
        .unwrap();
    let mut events = Events::with_capacity(4);
    outer.poll(&mut events, Some(Duration::ZERO)).unwrap();
    assert!(events.is_empty());
    let remote = reactor.handle().remote();
    let thread = thread::spawn(move || remote.call(|h| h.stop().unwrap()));
    outer
        .poll(&mut events, Some(Duration::from_secs(20)))
        .unwrap();
    assert!(!events.is_empty());
    thread.join().unwrap();
    while !reactor.has_stopped() {
        reactor.turn(Some(Duration::ZERO)).unwrap();
    }
}

#[test]
fn a_failure_before_the_first_turn_wakes_the_host() {
    let mut reactor = Reactor::new(Sim::new(1));
    let host = Arc::<Host>::default();
    reactor.on_change(Some(Arc::clone(&host).into()));
    reactor.handle().fail("cannot begin");
    assert_eq!(host.0.load(Ordering::SeqCst), 1);
    let failure = reactor.take_failure().unwrap();
    assert_eq!(failure.to_string(), "cannot begin");
}
