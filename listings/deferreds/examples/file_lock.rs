//! A lock between processes: a process that waits looks at the file again and again.
use deferreds::FileLock;
use reactor::react;
use std::{env, error::Error, fs, process, process::ExitCode, time::Duration};
use trace::say;

fn main() -> ExitCode {
    let path = env::temp_dir().join(format!("untwisted-file-lock-{}", process::id()));
    let file = path.clone();
    let code = react(move |reactor, done| {
        // ANCHOR: file
        // Two handles that know nothing of each other, as in two processes.
        let tenth = Duration::from_millis(100);
        let mine = FileLock::new(&file).every(tenth);
        let yours = FileLock::new(&file).every(tenth);

        let held = mine.try_acquire()?.ok_or("nobody else has it")?;
        say!("{:.2}: I have it", reactor.now());
        let clock = reactor.clone();
        let _shown = yours.acquire(reactor).add_callback(move |_held| {
            say!("{:.2}: you have it", clock.now());
            drop(done);
            Ok(())
        });
        reactor.call_later(tenth * 5 / 2, move |reactor| {
            say!("{:.2}: I let go", reactor.now());
            drop(held);
        });
        // ANCHOR_END: file
        Ok::<(), Box<dyn Error + Send + Sync>>(())
    });
    let _ = fs::remove_file(path);
    code
}
