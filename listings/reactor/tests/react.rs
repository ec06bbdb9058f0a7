//! Whole programs: the world from the environment, and exit codes. Each runs as a process of its own.
use reactor::{Signal, react};
use std::{
    env, io,
    process::{Command, ExitCode},
    time::Duration,
};

const CHILD: &str = "REACT_TEST_CHILD";

fn main() -> ExitCode {
    match env::var(CHILD).as_deref() {
        Ok("fine") => react(|h, done| {
            h.call_later(Duration::from_millis(1), move |_| {
                println!("done");
                drop(done);
            });
            Ok::<(), io::Error>(())
        }),
        Ok("error") => react(|_, _| Err("no poem today")),
        Ok("fails later") => react(|h, done| {
            h.call_later(Duration::from_millis(1), move |h| {
                h.fail("too late");
                drop(done);
            });
            Ok::<(), io::Error>(())
        }),
        Ok("waits") => react(|h, done| {
            // It would wait for ever; in a simulation there is nothing to wait for.
            h.during_shutdown(|_| println!("goodbye"));
            h.before_shutdown(move |_, _| drop(done));
            Ok::<(), io::Error>(())
        }),
        Ok("stops twice") => react(|h, done| {
            h.call_soon(move |h| {
                h.stop().expect("the first");
                drop(done); // which would stop it, too
            });
            Ok::<(), io::Error>(())
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
        .env("UNTWISTED_WORLD", world)
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
    for world in ["", "os", "sim:42", "sim:42,latency=10ms"] {
        let ran = run("fine", world);
        assert_eq!(
            (ran.code, &*ran.out),
            (Some(0), "done\n"),
            "{world}: {}",
            ran.error
        );
        let ran = run("error", world);
        assert_eq!(
            (ran.code, &*ran.error),
            (Some(1), "Error: no poem today\n"),
            "{world}"
        );
        let ran = run("fails later", world);
        let place = format!("(at {}:", file!());
        assert_eq!(ran.code, Some(1), "{world}");
        assert!(ran.error.starts_with("Error: too late "), "{}", ran.error);
        assert!(ran.error.contains(&place), "{}", ran.error);
        let ran = run("stops twice", world);
        assert_eq!((ran.code, &*ran.error), (Some(0), ""), "{world}");
    }
    let ran = run("waits", "sim:1");
    assert_eq!(ran.code, Some(1));
    assert!(ran.error.starts_with("Error: stalled"), "{}", ran.error);
    for (knob, signal) in [
        ("interrupt=1s", Signal::Interrupt),
        ("terminate=1s", Signal::Terminate),
    ] {
        let ran = run("waits", &format!("sim:1,{knob}"));
        assert_eq!(ran.code, Some(128 + signal.number()));
        assert_eq!(ran.out, "goodbye\n");
    }
    for (world, word) in [
        ("mars", "sim:42"),
        ("sim:x", "no seed"),
        ("sim:1,moon=3", "latency"),
    ] {
        let ran = run("fine", world);
        assert_eq!(ran.code, Some(1));
        assert!(ran.error.contains(word), "{}", ran.error);
    }
    println!("test react ... ok");
}
