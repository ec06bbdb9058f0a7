//! Whole programs: the same error is printed the same way whichever style they are written in, and
//! a clean end is silent. Each runs as a process of its own.
use coroutines::{block_on, run, sleep, spawn, yield_now};
use deferreds::{Deferred, Failure, defer_later, react};
use reactor::{Handle, Os, Reactor};
use std::{
    env, io,
    process::{Command, ExitCode, Termination},
    time::Duration,
};

const CHILD: &str = "ENDS_TEST_CHILD";
const SHORT: Duration = Duration::from_millis(1);

fn error() -> Failure {
    Failure::from(io::Error::other("too late"))
}

fn loses_one() -> Result<(), Failure> {
    drop(Deferred::<()>::fail(error()));
    Ok(())
}

fn leaves_all_running(h: &Handle) {
    let reactor = h.clone();
    let sleeps = spawn(h, async move {
        sleep(&reactor, Duration::from_secs(3_600)).await;
        Ok(())
    });
    drop(spawn(h, async { sleeps.await }));
    drop(spawn(h, async {
        loop {
            yield_now().await;
        }
        #[allow(unreachable_code)]
        Ok(())
    }));
    let timer = defer_later(h, Duration::from_secs(3_600), |_| Ok(()));
    drop(spawn(h, async { timer.await }));
}

/// A `main` that returns the result of `block_on`.
fn guest(main: impl AsyncFnOnce(Handle) -> Result<(), Failure>) -> ExitCode {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let h = reactor.handle();
    let result = block_on(&mut reactor, main(h));
    drop(reactor);
    result.report()
}

fn main() -> ExitCode {
    match env::var(CHILD).as_deref() {
        Ok("fails, run") => run(|_| async { Err(error()) }),
        Ok("fails, react") => react(|_| Err::<(), _>(error())),
        Ok("fails, block_on") => guest(async |_| Err(error())),
        Ok("fails, reactor") => reactor::react(|h, _done| {
            h.fail(error());
            Ok::<(), io::Error>(())
        }),
        Ok("told to fail, run") => run(|h| async move {
            h.fail(error());
            sleep(&h, Duration::from_secs(3_600)).await;
            Ok(())
        }),
        Ok("told to fail, block_on") => guest(async |h| {
            h.fail(error());
            sleep(&h, Duration::from_secs(3_600)).await;
            Ok(())
        }),
        Ok("loses one, run") => run(|_| async { loses_one() }),
        Ok("loses one, react") => react(|_| loses_one()),
        Ok("loses one, block_on") => guest(async |_| loses_one()),
        Ok("leaves all running, run") => run(|h| async move {
            leaves_all_running(&h);
            sleep(&h, SHORT).await;
            Ok(())
        }),
        Ok("leaves all running, block_on") => guest(async |h| {
            leaves_all_running(&h);
            sleep(&h, SHORT).await;
            Ok(())
        }),
        _ => {
            parent();
            ExitCode::SUCCESS
        }
    }
}

fn ran(child: &str) -> (Option<i32>, String) {
    let output = Command::new(env::current_exe().unwrap())
        .env(CHILD, child)
        .env_remove("UNTWISTED_WORLD")
        .env_remove("UNTWISTED_TRACE")
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"", "{child}");
    let error = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), error)
}

fn parent() {
    let place = error().location();
    for style in ["run", "react", "block_on", "reactor"] {
        let expected = (Some(1), format!("Error: too late (at {place})\n"));
        assert_eq!(ran(&format!("fails, {style}")), expected, "{style}");
    }
    for style in ["run", "block_on"] {
        let expected = (Some(1), format!("Error: too late (at {place})\n"));
        assert_eq!(ran(&format!("told to fail, {style}")), expected, "{style}");
    }
    for style in ["run", "react", "block_on"] {
        let (code, error) = ran(&format!("loses one, {style}"));
        assert_eq!(code, Some(0), "{style}: {error}");
        let first =
            format!("Unhandled failure: too late (at {place})\n  Its Deferred was made at ");
        assert!(error.starts_with(&first), "{style}: {error}");
        assert_eq!(error.matches("too late").count(), 1, "{style}: {error}");
    }
    for style in ["run", "block_on"] {
        let expected = (Some(0), String::new());
        assert_eq!(
            ran(&format!("leaves all running, {style}")),
            expected,
            "{style}"
        );
    }
    println!("test ends ... ok");
}
