//! A task that has ended leaves nothing in the reactor. Alone in its program, because it counts
//! the open descriptors of the process.
#![cfg(target_os = "linux")]
mod limit;
use limit::run;
use pocket::reactor::Reactor;
use pocket::task::Tasks;

fn open() -> usize {
    std::fs::read_dir("/proc/self/fd").map(Iterator::count).unwrap_or(0)
}

#[test]
fn a_task_that_has_ended_is_gone_from_the_table() {
    let mut reactor = Reactor::new().unwrap();
    let h = reactor.handle();
    let none = open();
    let tasks = Tasks::new(&h).unwrap();
    let end = tasks.spawn(async { Ok(()) });
    drop(tasks);
    assert_eq!(open(), none + 2, "the two sockets, one of them in the task's waker");
    end.on_result(move |_| {
        // Once this call has returned, the task is forgotten, and its waker with it.
        h.call_soon(move |h| {
            h.call_soon(move |h| {
                assert_eq!(open(), none + 1, "the task is over, and its waker is still there");
                h.stop();
            });
        });
    });
    run(&mut reactor);
}
