//! Debug mode: the stacks with which Deferreds are made and fired, and results that come too late.
mod reported;

use deferreds::{Deferred, Failure, Resolver, debug, set_debug};
use reported::reported;
use std::process::Command;

/// Runs `f` in debug mode, which is one thread's own.
fn debugging<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    let run = || {
        set_debug(true);
        f()
    };
    std::thread::scope(|scope| match scope.spawn(run).join() {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}

#[inline(never)]
fn who_asks() -> (Resolver<u32>, Deferred<u32>) {
    let pair = Deferred::new();
    std::hint::black_box(pair)
}

#[inline(never)]
fn who_drops(resolver: Resolver<u32>) {
    drop(std::hint::black_box(resolver));
}

#[test]
fn debug_mode_adds_the_stacks_of_making_firing_and_failing() {
    let lines = debugging(|| {
        reported(|| {
            let (resolver, d) = who_asks();
            who_drops(resolver);
            drop(d);
        })
    });
    assert_eq!(lines.len(), 1);
    let after = |field: &str| lines[0].split(field).nth(1).expect("the field").to_owned();
    let made = after("made_stack=");
    assert!(made.contains("who_asks"), "{made}");
    // Who dropped the resolver is what nothing but a stack can tell.
    assert!(after("fired_stack=").contains("who_drops"));
    assert!(after("happened_stack=").contains("who_drops"));
}

#[test]
fn without_debug_mode_there_are_places_and_no_stacks() {
    set_debug(false);
    let lines = reported(|| drop(Deferred::<u32>::fail(Failure::new("x"))));
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("made=") && lines[0].contains("fired="));
    assert!(!lines[0].contains("stack="), "{lines:?}");
    assert!(Failure::new("x").stack().is_none());
}

#[test]
fn debug_mode_reports_a_firing_that_comes_after_the_cancel() {
    let late = || {
        reported(|| {
            let (resolver, d) = Deferred::<u32>::new();
            let d = d.add_errback(|_| Ok(0));
            d.canceller().cancel();
            resolver.callback(1);
            drop(d);
        })
    };
    let lines = debugging(late);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with("DEBUG "), "{lines:?}");
    assert!(lines[0].contains("after it was cancelled"), "{lines:?}");
    set_debug(false);
    assert_eq!(late(), [""; 0]);
}

#[test]
fn the_environment_turns_debug_mode_on() {
    const CHILD: &str = "UNTWISTED_TEST_CHILD";
    if std::env::var_os(CHILD).is_some() {
        println!("debug: {}", debug());
        return;
    }
    let this = std::env::current_exe().expect("this test's program");
    for (value, expected) in [
        (Some("1"), "debug: true"),
        (Some("0"), "debug: false"),
        (None, "debug: false"),
    ] {
        let mut child = Command::new(&this);
        child.args(["--exact", "the_environment_turns_debug_mode_on"]);
        child.arg("--nocapture").env(CHILD, "1");
        match value {
            Some(value) => child.env("UNTWISTED_DEBUG", value),
            None => child.env_remove("UNTWISTED_DEBUG"),
        };
        let output = child.output().expect("the child runs");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains(expected), "{value:?}: {text}");
    }
}
