//! Whole programs whose main returns a Deferred: exit codes. Each runs as a process of its own.
mod reported;

use deferreds::{
    Deferred, Failure, Queue, cooperate, defer_later, gather_results, looping_call, race, react,
    when_done,
};
use reactor::Handle;
use reported::reported;
use std::{
    env, io, iter,
    process::{Command, ExitCode},
    time::Duration,
};

const CHILD: &str = "REACT_TEST_CHILD";
const SHORT: Duration = Duration::from_millis(1);

fn main() -> ExitCode {
    match env::var(CHILD).as_deref() {
        Ok("fine") => react(|h| {
            defer_later(h, SHORT, |_| {
                println!("done");
                Ok(())
            })
        }),
        Ok("at once") => react(|_| Ok(())),
        Ok("fails") => react(|_| Err::<(), _>(Failure::new("no poem today"))),
        Ok("fails later") => react(|h| {
            defer_later(h, SHORT, |_| {
                Ok(Err::<(), _>(io::Error::other("too late"))?)
            })
        }),
        Ok("its own code") => react(|h| defer_later(h, SHORT, |_| Ok(ExitCode::from(7)))),
        Ok("stops itself") => react(|h| {
            // The stop is first; main's own, a moment later, is not a second one.
            defer_later(h, SHORT, |h| {
                h.before_shutdown(|_, _| println!("goodbye"));
                h.stop()?;
                Ok(())
            })
        }),
        Ok("stopped before") => react(|h| {
            h.call_later(SHORT, |h| h.stop().unwrap());
            defer_later(h, Duration::from_secs(3_600), |_| Ok(ExitCode::from(7)))
        }),
        Ok("fails while it stops") => react(|h| {
            h.before_shutdown(|h, hold| {
                h.call_later(10 * SHORT, move |_| drop(hold));
            });
            h.call_soon(|h| h.stop().unwrap());
            defer_later(h, SHORT, |_| Err::<(), _>(Failure::new("not even goodbye")))
        }),
        Ok("loses one") => react(|_| {
            drop(Deferred::<()>::fail(io::Error::other("lost")));
            Ok(())
        }),
        Ok("loses one that is subscribed to") => {
            let lines = reported(|| {
                let code = react(|_| {
                    drop(Deferred::<()>::fail(io::Error::other("lost")));
                    Ok(())
                });
                assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::SUCCESS));
            });
            assert_eq!(lines.len(), 1, "{lines:?}");
            ExitCode::SUCCESS
        }
        Ok("panics") => react(|h| {
            let (resolver, d) = Deferred::<()>::new();
            drop(d.add_callback(|()| Ok(())));
            h.call_soon(move |_| {
                let _resolver = resolver;
                panic!("the only message")
            });
            Deferred::<()>::new().1.add_errback(|_| Ok(()))
        }),
        Ok("leaves all running") => react(|h| {
            let later = |h: &Handle| defer_later(h, Duration::from_secs(3_600), |_| Ok(()));
            drop(later(h));
            drop(later(h).add_callback(|()| Ok(1)));
            drop(gather_results([later(h), later(h)]));
            drop(race([later(h), later(h)]));
            drop(looping_call(h, SHORT, |_, _| Ok(())));
            let step = h.clone();
            drop(looping_call(h, SHORT, move |_, _| later(&step)));
            let step = h.clone();
            let (task, end) = cooperate(h, iter::repeat_with(move || later(&step)));
            drop((when_done(&task), end));
            let queue = Queue::<()>::new();
            drop(queue.get());
            h.call_later(Duration::from_secs(3_600), move |_| drop(queue));
            later(h).on_result(|result| println!("{}", result.is_err()));
            defer_later(h, 2 * SHORT, |_| Ok(()))
        }),
        Ok("forgets") => react(|_| Deferred::<()>::new().1),
        Ok("waits") => react(|_| {
            let (resolver, never) = Deferred::<()>::new();
            // It stays alive, and never fires.
            std::mem::forget(resolver);
            never
        }),
        _ => {
            parent();
            ExitCode::SUCCESS
        }
    }
}

struct Ran {
    code: Option<i32>,
    out: String,
    error: String,
}

fn run(child: &str, world: &str) -> Ran {
    let output = Command::new(env::current_exe().unwrap())
        .env(CHILD, child)
        .env(
            "UNTWISTED_WORLD",
            if world == "debug" { "sim:1" } else { world },
        )
        .env("UNTWISTED_DEBUG", if world == "debug" { "1" } else { "0" })
        .env_remove("UNTWISTED_TRACE")
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
    }
}

fn parent() {
    for world in ["os", "sim:42"] {
        for (child, code, out, error) in [
            ("fine", 0, "done\n", ""),
            ("at once", 0, "", ""),
            ("loses one", 0, "", "Unhandled failure: lost (at "),
            ("loses one that is subscribed to", 0, "", ""),
            ("leaves all running", 0, "true\n", ""),
            ("fails", 1, "", "Error: no poem today (at "),
            ("fails later", 1, "", "Error: too late (at "),
            ("its own code", 7, "", ""),
            ("stops itself", 0, "goodbye\n", ""),
            ("stopped before", 0, "", ""),
            (
                "fails while it stops",
                1,
                "",
                "Error: not even goodbye (at ",
            ),
            (
                "forgets",
                1,
                "",
                "Error: its resolver was dropped before it fired (at ",
            ),
        ] {
            let ran = run(child, world);
            assert_eq!(ran.code, Some(code), "{child} in {world}: {}", ran.error);
            assert_eq!(ran.out, out, "{child} in {world}");
            let same = if error.is_empty() {
                ran.error.is_empty()
            } else {
                ran.error.starts_with(error) && ran.error.contains(file!())
            };
            assert!(same, "{child} in {world}: {}", ran.error);
            let lines = if child == "loses one" { 2 } else { 1 };
            assert!(ran.error.lines().count() <= lines, "{}", ran.error);
        }
    }
    let ran = run("loses one", "debug");
    for part in [
        "The failure happened here:",
        "The Deferred was made here:",
        "It was fired here:",
    ] {
        assert!(ran.error.contains(part), "{part} is not in {}", ran.error);
    }
    let ran = run("panics", "sim:1");
    assert_eq!(ran.code, Some(101), "{}", ran.error);
    assert!(ran.error.contains("the only message"), "{}", ran.error);
    assert!(!ran.error.contains("Unhandled"), "{}", ran.error);
    let ran = run("waits", "sim:1");
    assert_eq!(ran.code, Some(1));
    assert!(ran.error.starts_with("Error: stalled"), "{}", ran.error);
    let ran = run("waits", "sim:1,interrupt=1s");
    assert_eq!((ran.code, &*ran.error), (Some(130), ""));
    println!("test react ... ok");
}
