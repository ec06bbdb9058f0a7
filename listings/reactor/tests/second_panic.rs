//! A second panic, in a destructor while the first one unwinds: the process lives on, and the
//! others have their turn.
use reactor::{AskError, Panics, Reactor, Sim, contain};
use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind, panic_any},
    thread,
    time::Duration,
};

/// Calls a function when it is dropped.
struct Upon<F: FnMut()>(F);

impl<F: FnMut()> Drop for Upon<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[test]
fn a_second_panic_ends_where_it_is_contained_and_the_first_goes_on() {
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _upon = Upon(|| assert_eq!(contain(|| panic_any("second")), None::<()>));
        panic_any("first");
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"first"));
}

#[test]
fn a_first_panic_goes_through() {
    assert!(catch_unwind(|| contain(|| panic_any("first"))).is_err());
    assert_eq!(contain(|| 7), Some(7));
}

#[test]
fn a_panic_whose_value_panics_when_it_is_dropped_is_contained_too() {
    struct Again(u32);
    impl Drop for Again {
        fn drop(&mut self) {
            if self.0 > 0 {
                panic_any(Again(self.0 - 1));
            }
        }
    }
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _upon = Upon(|| assert!(contain(|| panic_any(Again(2))).is_none()));
        panic_any("first");
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"first"));
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let mut panics = Panics::default();
        panics.catch(|| panic_any("first"));
        panics.catch(|| panic_any(Again(2)));
        panics.go_on();
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"first"));
}

#[test]
fn several_are_called_although_one_panics_also_while_another_unwinds() {
    let called = Cell::new(0);
    let all = || {
        let mut panics = Panics::default();
        for n in 0..3 {
            panics.catch(|| {
                called.set(called.get() + 1);
                assert_eq!(n, 0, "the second and the third panic");
            });
        }
        panics.go_on();
    };
    assert!(catch_unwind(AssertUnwindSafe(all)).is_err());
    assert_eq!(called.get(), 3);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        let _upon = Upon(all);
        panic_any("first");
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"first"));
    assert_eq!(called.get(), 6);
}

#[test]
fn who_asks_from_another_thread_hears_that_the_call_panicked() {
    let mut reactor = Reactor::new(Sim::new(1));
    let remote = reactor.handle().remote();
    let asks = thread::spawn(move || {
        let panicked: Result<(), _> = remote.ask(|_| panic_any("what was asked"));
        let answer = remote.ask(|_| 7);
        remote.call(|h| h.stop().unwrap());
        (panicked, answer)
    });
    let run = catch_unwind(AssertUnwindSafe(|| {
        loop {
            let _ = reactor.turn(Some(Duration::ZERO)); // it may stall until the thread has asked
        }
    }));
    assert_eq!(run.unwrap_err().downcast_ref(), Some(&"what was asked"));
    while !reactor.has_stopped() {
        let _ = reactor.turn(Some(Duration::ZERO));
    }
    assert_eq!(asks.join().unwrap(), (Err(AskError::Panicked), Ok(7)));
}
