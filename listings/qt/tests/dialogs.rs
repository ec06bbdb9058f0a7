//! A dialog that waits, opened in each place: in a slot, in a callback, in a task, and outside.
mod in_order;

use in_order::{MS, Tested, application, host, run};
use qt::{Application, Label};
use reactor::LoopingCall;
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    rc::Rc,
    task::Poll,
};

fn main() -> Tested {
    run(
        &application()?,
        &[
            (
                "a dialog in a slot lets the reactor go on",
                dialog_in_a_slot,
            ),
            (
                "a dialog in a callback pauses the reactor, without spinning",
                dialog_in_a_callback,
            ),
            (
                "a task that opens a dialog is not entered again",
                dialog_in_a_task,
            ),
            (
                "a task opens a dialog outside, and waits for it",
                dialog_that_a_task_awaits,
            ),
        ],
    )
}

fn dialog_in_a_slot(application: &Application) -> Tested {
    let host = host(application)?;
    let beats = Rc::new(Cell::new(0));
    let beat = Rc::clone(&beats);
    LoopingCall::start(&host.handle(), MS, move |_, _| beat.set(beat.get() + 1));
    let (h, during, quits) = (Rc::downgrade(&host), Rc::clone(&beats), application.clone());
    let went_on = Rc::new(Cell::new(false));
    let goes_on = Rc::clone(&went_on);
    application.call_soon(move || {
        let Some(host) = h.upgrade() else { return };
        let before = during.get();
        let until = Rc::clone(&during);
        while until.get() < before + 5 {
            quits.nested(2); // a dialog that is open for as long as five beats take
        }
        goes_on.set(host.counts().refused == 0);
        host.handle().stop().expect("it is running");
    });
    host.run()?;
    assert!(went_on.get(), "{:?}", host.counts());
    Ok(())
}

fn dialog_in_a_callback(application: &Application) -> Tested {
    let host = host(application)?;
    let label = Label::new(application, "");
    let beats = Rc::new(Cell::new(0));
    let beat = Rc::clone(&beats);
    LoopingCall::start(&host.handle(), MS, move |_, _| beat.set(beat.get() + 1));
    let (quits, h, seen) = (
        application.clone(),
        Rc::downgrade(&host),
        Rc::new(RefCell::new(Vec::new())),
    );
    let sees = Rc::clone(&seen);
    let during = Rc::clone(&beats);
    host.handle().call_later(5 * MS, move |reactor| {
        let Some(host) = h.upgrade() else { return };
        let before = (during.get(), host.counts());
        label.set_text("a dialog is open").expect("it is there");
        // Readable for the whole time: a host that went on watching would be called again and
        // again.
        let remote = reactor.remote();
        let _ = std::thread::spawn(move || remote.call(|_| ())).join();
        quits.nested(50);
        sees.borrow_mut()
            .push((before, (during.get(), host.counts())));
        reactor.stop().expect("it is running");
    });
    host.run()?;
    let seen = seen.borrow();
    let (before, after) = seen.first().expect("the dialog was open");
    assert_eq!(
        before.0, after.0,
        "no beat while the dialog is open: the reactor pauses"
    );
    let refused = after.1.refused - before.1.refused;
    assert!(
        refused <= 3,
        "the timer that was armed, one posted call, and no more: {refused}"
    );
    Ok(())
}

/// What asyncio's hosts in Qt got wrong (qasync 59, quamash 41): the dialog's own loop polled the
/// task that had opened it.
fn dialog_in_a_task(application: &Application) -> Tested {
    let host = host(application)?;
    let (inside, entered) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(0)));
    let (is_inside, enters, qt) = (Rc::clone(&inside), Rc::clone(&entered), application.clone());
    let reactor = host.handle();
    let task = poll_fn(move |context| {
        assert!(!is_inside.replace(true), "the task is polled inside itself");
        enters.set(enters.get() + 1);
        // Everything wants to wake it: itself, a timer, another thread.
        let (timer, thread) = (context.waker().clone(), context.waker().clone());
        context.waker().wake_by_ref();
        reactor.call_later(MS, move |_| timer.wake());
        let _ = std::thread::spawn(move || thread.wake()).join();
        if enters.get() == 1 {
            qt.nested(30);
        }
        is_inside.set(false);
        match enters.get() {
            1 => Poll::Pending,
            _ => Poll::Ready(Ok(())),
        }
    });
    let stops = host.handle();
    let _ended = coroutines::spawn(&host.handle(), task).add_both(move |result| {
        stops.stop().expect("it is running");
        result
    });
    host.run()?;
    assert_eq!(
        entered.get(),
        2,
        "once with the dialog, and once when woken after it"
    );
    Ok(())
}

fn dialog_that_a_task_awaits(application: &Application) -> Tested {
    let host = host(application)?;
    let beats = Rc::new(Cell::new(0));
    let beat = Rc::clone(&beats);
    LoopingCall::start(&host.handle(), MS, move |_, _| beat.set(beat.get() + 1));
    let (weak, qt, during) = (Rc::downgrade(&host), application.clone(), Rc::clone(&beats));
    let went_on = Rc::new(Cell::new(false));
    let goes_on = Rc::clone(&went_on);
    let reactor = host.handle();
    let task = async move {
        let (answers, answer) = deferreds::Deferred::new();
        let host = weak.upgrade().expect("it runs us");
        host.outside(move || {
            let before = during.get();
            while during.get() < before + 5 {
                qt.nested(2); // a dialog that is open for as long as five beats take
            }
            answers.callback("yes");
        });
        drop(host);
        goes_on.set(answer.await? == "yes");
        reactor.stop()?;
        Ok(())
    };
    drop(coroutines::spawn(&host.handle(), task));
    host.run()?;
    assert!(went_on.get(), "{:?}", host.counts());
    Ok(())
}
