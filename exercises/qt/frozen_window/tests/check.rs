//! Clicks, and looks at the window while the words are counted.
use frozen_window::{Counter, Work, counter};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    thread,
    time::Duration,
};
use untwisted::{
    qt::{Application, QtReactor, with_application},
    reactor::{LoopingCall, Os, Reactor},
};

/// The longest that a test waits; a right answer waits for nothing.
const PATIENCE: Duration = Duration::from_secs(5);
/// Whether a test has waited so long already: once is enough.
static WAITED: AtomicBool = AtomicBool::new(false);

/// What the window showed at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Moment {
    text: String,
    enabled: bool,
}

fn look(counter: &Counter, application: &Application) -> Moment {
    let shown = application.shown();
    Moment {
        text: counter.label.text().unwrap_or_default(),
        enabled: shown.iter().any(|it| it.kind == "button" && it.enabled),
    }
}

/// Words are counted until the window's loop says so, as a person would see it: by something that moves.
struct Slow {
    work: Work,
    /// Lets it end.
    end: Sender<Result<usize, String>>,
    /// How often it was begun.
    begun: Arc<AtomicUsize>,
    /// What was wrong with the way in which it was called.
    wrong: Arc<Mutex<Option<&'static str>>>,
}

fn slow() -> Slow {
    let (end, told) = channel();
    let told = Mutex::new(told);
    let begun = Arc::new(AtomicUsize::new(0));
    let wrong = Arc::new(Mutex::new(None));
    let (begins, tells, window) = (
        Arc::clone(&begun),
        Arc::clone(&wrong),
        thread::current().id(),
    );
    let work: Work = Arc::new(move || {
        begins.fetch_add(1, Ordering::SeqCst);
        let say = |what| {
            if let Ok(mut wrong) = tells.lock() {
                wrong.get_or_insert(what);
            }
            Err("cut off".to_owned())
        };
        if thread::current().id() == window {
            return say(
                "the words were counted in the window's own thread, and meanwhile nothing is drawn",
            );
        }
        let patience = if WAITED.load(Ordering::SeqCst) {
            Duration::ZERO
        } else {
            PATIENCE
        };
        match told.lock().map(|told| told.recv_timeout(patience)) {
            Ok(Ok(result)) => result,
            Ok(Err(RecvTimeoutError::Timeout)) => {
                WAITED.store(true, Ordering::SeqCst);
                say(
                    "the window stood still while the words were counted: its loop waits for the thread",
                )
            }
            _ => Err("cut off".to_owned()),
        }
    });
    Slow {
        work,
        end,
        begun,
        wrong,
    }
}

/// Clicks once, or more often while the work goes on, and gives it that end. Returns what was seen during it and after.
fn run(
    application: &Application,
    slow: &Slow,
    clicks: usize,
    end: Result<usize, String>,
) -> (Moment, Moment) {
    let reactor = Reactor::new(Os::new().expect("a reactor"));
    let host = QtReactor::new(application, reactor).expect("a host");
    let handle = host.handle();
    let it = Rc::new(counter(application, &handle, Arc::clone(&slow.work)).expect("a window"));
    let seen: Rc<RefCell<(Moment, Moment)>> = Rc::default();
    let (sees, looks, app) = (Rc::clone(&seen), Rc::clone(&it), application.clone());
    let (ends, begun, beats) = (slow.end.clone(), Arc::clone(&slow.begun), Cell::new(0));
    let end = RefCell::new(Some(end));
    let button = it.button.clone();
    application.call_soon(move || button.click().expect("the button is there"));
    LoopingCall::start(&handle, Duration::from_millis(1), move |reactor, _| {
        if begun.load(Ordering::SeqCst) == 0 {
            return; // it has not been clicked yet, or the thread is not there yet
        }
        beats.set(beats.get() + 1);
        let ended = end.borrow().is_none();
        match beats.get() {
            1..5 if !ended => {}
            5 => {
                for _ in 1..clicks {
                    looks.button.click().expect("the button is there");
                }
            }
            10 => {
                sees.borrow_mut().0 = look(&looks, &app);
                if let Some(end) = end.take() {
                    for _ in 0..clicks {
                        let _ = ends.send(end.clone());
                    }
                }
            }
            _ => {
                let now = look(&looks, &app);
                let over = now.text.ends_with("words") || now.text.starts_with("failed");
                if ended && over || beats.get() > 30_000 {
                    sees.borrow_mut().1 = now;
                    let _ = reactor.stop();
                }
            }
        }
    });
    host.run().expect("the loop ends well");
    if let Ok(wrong) = slow.wrong.lock() {
        assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
    }
    seen.take()
}

#[test]
fn the_window_lives_while_the_words_are_counted() {
    with_application(|application| {
        let (during, after) = run(application, &slow(), 1, Ok(7));
        assert_eq!(
            during.text, "counting",
            "while the words are counted, the label says so"
        );
        assert!(
            !during.enabled,
            "while the words are counted, the button is grey"
        );
        assert_eq!(
            after.text, "7 words",
            "at the end the label says how many there are"
        );
        assert!(after.enabled, "at the end the button can be clicked again");
    });
}

#[test]
fn an_impatient_person_clicks_three_times() {
    with_application(|application| {
        let slow = slow();
        run(application, &slow, 3, Ok(7));
        let begun = slow.begun.load(Ordering::SeqCst);
        assert_eq!(
            begun, 1,
            "three clicks began the work {begun} times: a button that is grey cannot be clicked"
        );
    });
}

#[test]
fn a_failure_is_shown_and_can_be_tried_again() {
    with_application(|application| {
        let (_, after) = run(application, &slow(), 1, Err("no poems".to_owned()));
        assert_eq!(
            after.text, "failed: no poems",
            "a failure is shown with its reason"
        );
        assert!(
            after.enabled,
            "after a failure the button stays grey, and the user cannot try again"
        );
    });
}

#[test]
fn the_window_closes_while_the_words_are_counted() {
    with_application(|application| {
        let slow = slow();
        let host = QtReactor::new(application, Reactor::new(Os::new().expect("a reactor")))
            .expect("a host");
        let it = counter(application, &host.handle(), Arc::clone(&slow.work)).expect("a window");
        let (ends, begun) = (slow.end.clone(), Arc::clone(&slow.begun));
        it.button.click().expect("the button is there");
        let (kept, beats) = (RefCell::new(Some(it)), Cell::new(0));
        LoopingCall::start(
            &host.handle(),
            Duration::from_millis(1),
            move |reactor, _| {
                if begun.load(Ordering::SeqCst) > 0 && kept.borrow().is_some() {
                    kept.take();
                    let _ = ends.send(Ok(7));
                } else if kept.borrow().is_none() && beats.replace(beats.get() + 1) > 20 {
                    let _ = reactor.stop();
                }
            },
        );
        host.run()
            .expect("a window that is gone is no error: the loop ends well");
        if let Ok(wrong) = slow.wrong.lock() {
            assert!(wrong.is_none(), "{}", wrong.unwrap_or_default());
        }
    });
}
