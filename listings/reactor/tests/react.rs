//! Whole programs: the world from the environment, and exit codes. Each runs as a process of its
//! own.
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
        #[cfg(all(target_os = "linux", feature = "signals"))]
        Ok("raises") => react(|h, done| {
            for signal in [Signal::Interrupt, Signal::Terminate] {
                println!("{signal} ignored: {}", h.ignores(signal));
            }
            h.call_soon(|_| signal_hook::low_level::raise(Signal::Interrupt.number()).unwrap());
            h.call_later(Duration::from_millis(20), move |h| {
                println!("SIGINT was ignored");
                h.before_shutdown(|h, hold| {
                    println!("stopping");
                    h.call_later(Duration::from_millis(1), move |_| drop(hold));
                });
                signal_hook::low_level::raise(Signal::Terminate.number()).unwrap();
                h.call_later(Duration::from_secs(20), move |_| drop(done)); // SIGTERM is faster
            });
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
    run_as(Command::new(env::current_exe().unwrap()), child, world)
}

fn run_as(mut command: Command, child: &str, world: &str) -> Ran {
    let output = command
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
    #[cfg(all(target_os = "linux", feature = "signals"))]
    an_inherited_ignore_is_respected();
    println!("test react ... ok");
}

/// A shell without job control starts `program &` with SIGINT ignored, so that Ctrl-C ends what is
/// in the foreground only.
#[cfg(all(target_os = "linux", feature = "signals"))]
fn an_inherited_ignore_is_respected() {
    let shell = |script: &str| {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", script, "sh"])
            .arg(env::current_exe().unwrap());
        run_as(shell, "raises", "os")
    };
    let ignored = "SIGINT ignored: true\nSIGTERM ignored: false\nSIGINT was ignored\nstopping\n";
    for script in ["trap '' INT; exec \"$1\"", "\"$1\" & wait $!"] {
        let ran = shell(script);
        assert_eq!(
            (ran.code, &*ran.out),
            (Some(143), ignored),
            "{script}: {}",
            ran.error
        );
    }
    let ran = shell("exec \"$1\"");
    let (code, out) = (Some(130), "SIGINT ignored: false\nSIGTERM ignored: false\n");
    assert_eq!((ran.code, &*ran.out), (code, out), "{}", ran.error);
}
