//! Serves in time, too late and never, in virtual time.
use std::time::Duration;
use taken_back::{Kitchen, order};
use untwisted::{
    deferreds::{Cancelled, Deferred, Failure, TimedOut},
    reactor::{Handle, Reactor, Sim},
};

const PATIENCE: Duration = Duration::from_secs(20);

struct Guest {
    reactor: Reactor,
    handle: Handle,
    kitchen: Kitchen,
    dish: Deferred<String>,
}

impl Guest {
    fn new() -> Guest {
        let reactor = Reactor::new(Sim::new(1));
        let (handle, kitchen) = (reactor.handle(), Kitchen::default());
        let dish = order(&kitchen, &handle, PATIENCE);
        assert_eq!(
            *kitchen.last.borrow(),
            1,
            "`cook` is called once, before `order` returns"
        );
        Guest {
            reactor,
            handle,
            kitchen,
            dish,
        }
    }

    /// Runs to the given second; returns the result and what was taken back by then.
    fn until(mut self, second: u64) -> (Result<String, Failure>, Vec<u32>) {
        let end = Duration::from_secs(second);
        self.handle.call_later(end, |h| h.stop().expect("it runs"));
        self.reactor
            .run()
            .expect("it runs until it is told to stop");
        let Ok(result) = self.dish.into_result() else {
            panic!("at {second} s there is no result");
        };
        let deadline = self.reactor.next_deadline();
        assert!(deadline.is_none(), "it has its result, and a timer is left");
        (result, self.kitchen.taken_back.take())
    }

    fn serves(&self, second: u64, dish: Result<&'static str, &'static str>) {
        let kitchen = self.kitchen.clone();
        self.handle
            .call_later(Duration::from_secs(second), move |_| {
                kitchen.serve(1, dish.map(str::to_owned).map_err(Failure::new));
            });
    }
}

#[test]
fn served_in_time() {
    let guest = Guest::new();
    guest.serves(5, Ok("soup"));
    let (dish, taken_back) = guest.until(6);
    let dish = dish.expect("soup was served after 5 s, in time");
    assert_eq!(dish, "soup", "it fires with what the kitchen serves");
    assert!(
        taken_back.is_empty(),
        "it was served in time, and yet it was taken back"
    );

    let guest = Guest::new();
    guest.serves(5, Err("burnt"));
    let (dish, taken_back) = guest.until(6);
    let failure = dish.expect_err("the kitchen served a failure after 5 s");
    assert_eq!(
        failure.to_string(),
        "burnt",
        "it fails with what the kitchen serves"
    );
    assert!(
        taken_back.is_empty(),
        "it was burnt, and served in time, and yet it was taken back"
    );
}

#[test]
fn patience_is_twenty_seconds() {
    let guest = Guest::new();
    guest.serves(19, Ok("soup"));
    let (dish, _) = guest.until(20);
    let dish = dish.expect("soup was served after 19 s, and patience is 20 s");
    assert_eq!(dish, "soup", "it fires with what the kitchen serves");

    let (dish, _) = Guest::new().until(21);
    assert!(dish.is_err(), "nothing was served within 20 s");
}

#[test]
fn out_of_patience() {
    let guest = Guest::new();
    guest.serves(30, Ok("soup"));
    let (dish, taken_back) = guest.until(40);
    let failure = dish.expect_err("nothing was served in 20 s");
    assert_eq!(
        taken_back,
        [1],
        "(orders taken back) patience was over, and the kitchen cooks on"
    );
    assert!(
        failure.check::<TimedOut>().is_some(),
        "patience was over: that is TimedOut, not {failure:?}"
    );
}

#[test]
fn cancelled_by_hand() {
    let guest = Guest::new();
    let canceller = guest.dish.canceller();
    guest.handle.call_later(Duration::from_secs(3), move |_| {
        canceller.cancel();
        canceller.cancel();
    });
    let (dish, taken_back) = guest.until(4);
    let failure = dish.expect_err("it was cancelled");
    assert_eq!(
        taken_back,
        [1],
        "(orders taken back) it was cancelled by hand, and the kitchen cooks on"
    );
    assert!(
        failure.check::<Cancelled>().is_some(),
        "cancelled by hand: that is Cancelled, not {failure:?}"
    );
}
