//! Two workers and a queue with a limit: who comes when it is full is sent away.
use deferreds::{Deferred, Queue, defer_later};
use reactor::{Handle, Hold, react};
use std::{io, process::ExitCode, time::Duration};
use trace::say;

// ANCHOR: workers
/// A poem to be set to music. When the last one is done, so is the program.
type Job = (&'static str, Hold);

/// Takes a job, does it, and takes the next one.
fn worker(reactor: &Handle, number: u64, queue: &Queue<Job>) -> Deferred<()> {
    let (reactor, queue) = (reactor.clone(), queue.clone());
    queue.get().add_callback(move |(poem, hold)| {
        say!("{:.2}: worker {number} begins {poem}", reactor.now());
        let pause = Duration::from_millis(90 + 20 * number);
        let done = defer_later(&reactor, pause, move |reactor| {
            say!("{:.2}: worker {number} is done", reactor.now());
            drop(hold);
            Ok(())
        });
        done.add_callback(move |()| worker(&reactor, number, &queue))
    })
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let queue = Queue::with_limits(2, None);
        for number in [1, 2] {
            let _until_the_end = worker(reactor, number, &queue);
        }
        for poem in ["eagle", "hope", "wind", "tyger", "requiem"] {
            if let Err(overflow) = queue.put((poem, done.clone())) {
                say!("{overflow}, so no {}", overflow.0.0);
            }
        }
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: workers
