//! The reactor in Qt's loop: turns are counted, never timed. One process has one application, so
//! the checks run in order.
mod in_order;

use in_order::{MS, Tested, application, host, run};
use qt::{Application, Button, Counts, HostError, QtReactor, Window};
use reactor::{Reactor, Sim};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

fn main() -> Tested {
    let application = application()?;
    let refused = QtReactor::new(&application, Reactor::new(Sim::new(1))).err();
    assert!(
        matches!(refused, Some(HostError::NoDescriptor)),
        "a simulated world has no descriptor"
    );
    run(
        &application,
        &[
            ("timers turn it, and are never early", timers),
            ("an idle window makes no turn", idle),
            ("a click that asks for a timer is heard", click),
            ("a call from another thread is heard", thread),
            ("closing the window stops the reactor", window_stops_reactor),
            (
                "a reactor that stops closes the window",
                reactor_stops_window,
            ),
            (
                "a task and a job that are under way when the window closes",
                tasks_and_jobs,
            ),
            ("a shutdown that hangs has a limit", late),
            ("a panic in a callback goes through run", panic),
        ],
    )
}

fn timers(application: &Application) -> Tested {
    let host = host(application)?;
    let early = Rc::new(Cell::new(0));
    let fired = Rc::new(Cell::new(0));
    for n in 1..=20 {
        let (early, fired) = (Rc::clone(&early), Rc::clone(&fired));
        let delay = Duration::from_micros(5_300 * n);
        let due = host.handle().now() + delay;
        host.handle().call_later(delay, move |reactor| {
            fired.set(fired.get() + 1);
            if reactor.now() < due {
                early.set(early.get() + 1);
            }
            if fired.get() == 20 {
                reactor.stop().expect("it is running");
            }
        });
    }
    host.run()?;
    let counts = host.counts();
    assert_eq!((fired.get(), early.get()), (20, 0), "{counts:?}");
    assert!(
        counts.by_timer <= 21,
        "at most one turn a timer, and one for the end: {counts:?}"
    );
    assert!(
        counts.empty <= 1,
        "only the first turn finds nothing: {counts:?}"
    );
    Ok(())
}

fn idle(application: &Application) -> Tested {
    let host = host(application)?;
    let window = Window::new(application, "idle");
    window.show(100, 100)?;
    let before: Rc<Cell<Counts>> = Rc::default();
    let after: Rc<Cell<Counts>> = Rc::default();
    let (h, b, a, quits) = (
        Rc::downgrade(&host),
        Rc::clone(&before),
        Rc::clone(&after),
        application.clone(),
    );
    // Nothing is asked of the reactor here: Qt alone passes the time.
    application.call_soon(move || {
        let Some(host) = h.upgrade() else { return };
        b.set(host.counts());
        quits.nested(100);
        a.set(host.counts());
        quits.quit();
    });
    host.run()?;
    assert_eq!(before.get(), after.get(), "an idle window makes no turn");
    Ok(())
}

fn click(application: &Application) -> Tested {
    let host = host(application)?;
    let button = Button::new(application, "Go");
    let handle = host.handle();
    let rang = Rc::new(Cell::new(false));
    let rings = Rc::clone(&rang);
    button.on_click(move |_| {
        let rings = Rc::clone(&rings);
        handle.call_later(5 * MS, move |reactor| {
            rings.set(true);
            reactor.stop().expect("it is running");
        });
    })?;
    application.call_soon(move || button.click().expect("it is there"));
    host.run()?;
    assert!(rang.get());
    Ok(())
}

fn thread(application: &Application) -> Tested {
    let host = host(application)?;
    let remote = host.handle().remote();
    let heard = Arc::new(AtomicU32::new(0));
    let hears = Arc::clone(&heard);
    let calls = std::thread::spawn(move || {
        for _ in 0..100 {
            let hears = Arc::clone(&hears);
            remote.call(move |_| {
                hears.fetch_add(1, Ordering::Relaxed);
            });
        }
        remote.call(|reactor| reactor.stop().expect("it is running"));
    });
    host.run()?;
    assert!(calls.join().is_ok());
    assert_eq!(heard.load(Ordering::Relaxed), 100);
    Ok(())
}

fn window_stops_reactor(application: &Application) -> Tested {
    let host = host(application)?;
    let window = Window::new(application, "closing");
    window.show(100, 100)?;
    let order = Rc::new(RefCell::new(Vec::new()));
    let (before, after) = (Rc::clone(&order), Rc::clone(&order));
    host.handle().before_shutdown(move |reactor, hold| {
        before.borrow_mut().push("before");
        let held = Rc::clone(&before);
        reactor.call_later(5 * MS, move |_| {
            held.borrow_mut().push("held");
            drop(hold);
        });
    });
    host.handle()
        .after_shutdown(move |_| after.borrow_mut().push("after"));
    application.call_soon(move || window.close().expect("it is there"));
    host.run()?;
    assert_eq!(*order.borrow(), ["before", "held", "after"]);
    assert!(
        matches!(host.run(), Err(HostError::Run(_))),
        "a stopped reactor does not run again"
    );
    Ok(())
}

fn reactor_stops_window(application: &Application) -> Tested {
    let host = host(application)?;
    let window = Window::new(application, "to be closed");
    let closed = Rc::new(Cell::new(0));
    let counts = Rc::clone(&closed);
    window.on_close(move |_| counts.set(counts.get() + 1))?;
    window.show(100, 100)?;
    let seen = Rc::new(Cell::new(0));
    let (sees, looks) = (Rc::clone(&seen), application.clone());
    host.handle()
        .before_shutdown(move |_, _| sees.set(looks.shown().len()));
    host.handle()
        .call_later(5 * MS, |reactor| reactor.stop().expect("it is running"));
    host.run()?;
    assert_eq!(
        seen.get(),
        1,
        "during the shutdown the window is still there"
    );
    assert_eq!((closed.get(), application.shown().len()), (1, 0));
    Ok(())
}

/// The task is dropped where it stands, the job in its thread is waited for.
fn tasks_and_jobs(application: &Application) -> Tested {
    struct Dropped(Rc<Cell<bool>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            self.0.set(true);
        }
    }
    let host = host(application)?;
    let window = Window::new(application, "closing");
    window.show(100, 100)?;
    let dropped = Rc::new(Cell::new(false));
    let guard = Dropped(Rc::clone(&dropped));
    let task = async move {
        let _guard = guard;
        std::future::pending::<Result<(), deferreds::Failure>>().await
    };
    let _never = coroutines::spawn(&host.handle(), task);
    let done = Arc::new(AtomicU32::new(0));
    let does = Arc::clone(&done);
    let (begun, begins) = std::sync::mpsc::channel();
    host.handle().offload(
        move || {
            begun.send(()).expect("the test waits");
            std::thread::sleep(50 * MS);
            does.store(1, Ordering::SeqCst);
        },
        |_, ()| (),
    );
    application.call_soon(move || {
        begins.recv().expect("the job begins");
        window.close().expect("it is there");
    });
    host.run()?;
    drop(host);
    assert!(dropped.get(), "the task is gone with its reactor");
    assert_eq!(done.load(Ordering::SeqCst), 1, "the job was waited for");
    Ok(())
}

fn late(application: &Application) -> Tested {
    let host = host(application)?;
    host.shutdown_limit(20 * MS);
    let kept = Rc::new(RefCell::new(Vec::new()));
    let keeps = Rc::clone(&kept);
    host.handle()
        .before_shutdown(move |_, hold| keeps.borrow_mut().push(hold));
    let quits = application.clone();
    application.call_soon(move || quits.quit());
    let error = host.run().expect_err("somebody holds the shutdown");
    assert!(matches!(error, HostError::Late(_)), "{error}");
    Ok(())
}

fn panic(application: &Application) -> Tested {
    let host = host(application)?;
    host.handle().call_soon(|reactor| {
        reactor.call_soon(|_| panic!("on purpose"));
    });
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| host.run().is_ok()));
    assert!(result.is_err(), "the panic goes through run");
    host.handle()
        .call_soon(|reactor| reactor.stop().expect("it is running"));
    host.run()?; // and the host is whole
    Ok(())
}
