//! The slow poetry server, in a world where waiting takes no time.
use poetry::{Fault, Options, POEMS, Pace};
use reactor::{Handle, Id, Knobs, Reactor, Readiness, Sim, Source, Time};
use recital::Recital;
use std::{cell::RefCell, io::ErrorKind, rc::Rc, time::Duration};

/// Reads until the end, and then stops the reactor.
struct Client {
    id: Id,
    got: RefCell<Vec<u8>>,
    end: RefCell<Option<Result<(), ErrorKind>>>,
}

impl Source for Client {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id, _: Readiness) {
        let mut buffer = [0; 100];
        loop {
            let end = match reactor.read(self.id, &mut buffer) {
                Ok(0) => Ok(()),
                Ok(count) => {
                    self.got.borrow_mut().extend(&buffer[..count]);
                    continue;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => Err(error.kind()),
            };
            *self.end.borrow_mut() = Some(end);
            reactor.close(self.id, false);
            return reactor.stop().unwrap();
        }
    }
}

fn fetch(options: Options, knobs: Knobs) -> (Rc<Client>, Time, reactor::RunError) {
    let mut reactor = Reactor::new(Sim::with(7, knobs));
    let h = reactor.handle();
    let recital = Recital::start(&h, options).unwrap();
    let id = h.connect(&recital.addresses()[0]).unwrap();
    let client = Rc::new(Client {
        id,
        got: RefCell::default(),
        end: RefCell::default(),
    });
    h.register(id, client.clone());
    let error = reactor
        .run()
        .err()
        .unwrap_or(reactor::RunError::NotRestartable);
    (client, h.now(), error)
}

#[test]
fn the_whole_poem_comes_and_takes_as_long_as_its_pace_says() {
    let pace = Pace::new(10, Duration::from_millis(100));
    let (client, now, _) = fetch(
        Options {
            pace,
            ..Options::default()
        },
        Knobs::default(),
    );
    let poem = POEMS[0].text.as_bytes();
    assert_eq!(*client.got.borrow(), poem);
    assert_eq!(*client.end.borrow(), Some(Ok(())));
    // A pause between two pieces, and the way there and back and there again: asked, accepted,
    // sent.
    let pauses = poem.len().div_ceil(10) as u64 - 1;
    assert_eq!(now.as_millis(), pauses * 100 + 2);
}

#[test]
fn cuts_and_losses_change_no_byte() {
    for seed in 0..20 {
        let knobs = Knobs::parse("jitter=30ms,loss=0.2,chunk=1-7").unwrap();
        let mut reactor = Reactor::new(Sim::with(seed, knobs));
        let h = reactor.handle();
        let options = Options {
            pace: Pace::at_once(),
            ..Options::default()
        };
        let recital = Recital::start(&h, options).unwrap();
        let id = h.connect(&recital.addresses()[0]).unwrap();
        let client = Rc::new(Client {
            id,
            got: RefCell::default(),
            end: RefCell::default(),
        });
        h.register(id, client.clone());
        reactor.run().unwrap();
        assert_eq!(
            *client.got.borrow(),
            POEMS[0].text.as_bytes(),
            "seed {seed}"
        );
    }
}

#[test]
fn faults_arrive_as_they_do_on_a_real_network() {
    let half = POEMS[0].text.len() / 2;
    for (fault, end) in [
        (Fault::Truncate, Some(Ok(()))),
        (Fault::Reset, Some(Err(ErrorKind::ConnectionReset))),
        (Fault::Stall, None),
    ] {
        let options = Options {
            pace: Pace::at_once(),
            fault,
            ..Options::default()
        };
        let (client, _, error) = fetch(options, Knobs::default());
        assert_eq!(*client.end.borrow(), end, "{fault:?}");
        assert_eq!(client.got.borrow().len(), half, "{fault:?}");
        // A client that waits for ever is what a simulation can see and a real program cannot.
        assert_eq!(error.is_stalled(), fault == Fault::Stall, "{fault:?}");
    }
}

#[test]
fn out_of_descriptors_it_turns_away_whoever_knocks_and_needs_no_timer() {
    let knobs = Knobs::parse("descriptors=2").unwrap();
    let mut reactor = Reactor::new(Sim::with(1, knobs));
    let h = reactor.handle();
    let recital = Recital::start(&h, Options::default()).unwrap();
    for _ in 0..20 {
        // With the listener and this one, all descriptors are in use.
        let client = h.connect(&recital.addresses()[0]).unwrap();
        reactor.turn(Some(Duration::from_millis(2))).unwrap();
        h.close(client, false);
    }
    let full = h.connect(&recital.addresses()[0]).unwrap();
    let mut looks = 0;
    let end = h.now() + Duration::from_secs(1);
    while h.now() < end {
        looks += reactor.turn(Some(Duration::from_millis(100))).unwrap();
    }
    // The last client's knock is heard, and what the world tells again after a pause.
    assert!((1..=3).contains(&looks), "{looks} looks");
    assert_eq!(h.read(full, &mut [0; 9]).unwrap(), 0, "it was turned away");
    h.close(full, false);
    let next = h.connect(&recital.addresses()[0]).unwrap();
    h.close(next, false);
}

#[test]
fn a_client_that_talks_without_end_gets_one_read_a_turn() {
    let recording = trace::start(trace::Setup::default());
    let mut reactor = Reactor::new(Sim::with(1, Knobs::parse("buffer=100000").unwrap()));
    let h = reactor.handle();
    let recital = Recital::start(&h, Options::default()).unwrap();
    let client = h.connect(&recital.addresses()[0]).unwrap();
    for _ in 0..5 {
        reactor.turn(Some(Duration::from_millis(1))).unwrap();
    }
    assert_eq!(h.write(client, &[0; 100_000]).unwrap(), 100_000);
    h.shutdown(client).unwrap();
    for _ in 0..100 {
        reactor.turn(Some(Duration::from_millis(1))).unwrap();
    }
    let text = recording.finish();
    let turns: Vec<_> = text
        .lines()
        .filter(|line| line.contains("data.in"))
        .map(|line| line.split("\"w\":").nth(1).unwrap().split(',').next())
        .collect();
    assert!(
        turns.len() > 20 && text.contains(r#""bytes":0"#),
        "all of it is read"
    );
    assert!(turns.is_sorted_by(|a, b| a != b), "{turns:?}");
}
