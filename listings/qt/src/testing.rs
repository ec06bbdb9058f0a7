//! Lends an application to tests: Rust runs each test in a thread of its own, and Qt wants one
//! thread for all.
use crate::{Application, border};
use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Mutex, OnceLock,
        mpsc::{Sender, channel},
    },
    thread::{self, ThreadId},
};

type Job = Box<dyn FnOnce(&Application) + Send>;

/// The thread that knows Qt, and the way to it.
struct QtThread {
    thread: ThreadId,
    jobs: Mutex<Sender<Job>>,
}

static QT_THREAD: OnceLock<QtThread> = OnceLock::new();

/// Calls `test` with an application that draws off the screen, and returns what it returns. For
/// functions with `#[test]`, which may call it from any thread and at the same time: they wait for
/// one another.
///
/// What a test has left behind, a posted closure for example, is done before the next one begins.
/// Windows that it keeps somewhere stay.
///
/// A program has its application in `main`. It cannot have both: what is made here stays until the
/// process ends. On macOS, whose windows want the main thread, use a test with `harness = false`
/// and [`Application::offscreen`], as this crate's own tests do.
///
/// # Panics
/// As `test` does, with the same words; inside itself; and when the program has made an application
/// already.
///
/// ```
/// let text = qt::with_application(|application| {
///     qt::Label::new(application, "one").text()
/// });
/// assert_eq!(text.as_deref(), Ok("one"));
/// ```
#[track_caller]
pub fn with_application<R: Send + 'static>(
    test: impl FnOnce(&Application) -> R + Send + 'static,
) -> R {
    let qt = QT_THREAD.get_or_init(start_thread);
    assert!(
        qt.thread != thread::current().id(),
        "`with_application` inside itself: use the application that you have been lent"
    );
    let (answer, answered) = channel();
    let job: Job = Box::new(move |application| {
        let mut result = catch_unwind(AssertUnwindSafe(|| test(application)));
        // A slot that panicked outside of the loop: nothing has gone on with its panic.
        if let (Ok(_), Some(panic)) = (&result, border::take_panic()) {
            result = Err(panic);
        }
        finish_events(application);
        let _ = answer.send(result); // the one who asked waits for it
    });
    let sent = qt.jobs.lock().map(|jobs| jobs.send(job));
    match (sent, answered.recv()) {
        (Ok(Ok(())), Ok(Ok(result))) => result,
        // Panics again in this thread: what another one prints is not shown beside the name of this
        // test.
        (_, Ok(Err(panic))) => match panic_text(&*panic) {
            Some(text) => panic!("{text}"),
            None => resume_unwind(panic),
        },
        _ => panic!("there is no thread for Qt: this process has a Qt application already"),
    }
}

/// Starts the thread that makes the application, and does one job after the other.
fn start_thread() -> QtThread {
    let (jobs, asked) = channel::<Job>();
    let worker = thread::spawn(move || {
        // Without one, the jobs are dropped, and the test that waits for an answer fails.
        let Ok(application) = Application::on_this_thread(true) else {
            return;
        };
        for job in asked {
            job(&application);
        }
    });
    QtThread {
        thread: worker.thread().id(),
        jobs: jobs.into(),
    }
}

/// Does what a test has left to Qt's loop, so that the next one does not find it.
fn finish_events(application: &Application) {
    let quits = application.clone();
    application.call_soon(move || quits.quit());
    let _ = catch_unwind(AssertUnwindSafe(|| application.run()));
}

/// Returns what a panic says, if it is text.
fn panic_text(panic: &(dyn Any + Send)) -> Option<String> {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
}
