//! The application that tests are lent: from any thread, after a panic, inside itself.
use qt::{Application, ApplicationError, Button, Label, with_application};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicBool, Ordering},
};

fn words(result: std::thread::Result<()>) -> String {
    let panic = result.expect_err("it panics");
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .expect("a panic with words")
}

#[test]
fn many_threads_ask_at_once() {
    let threads: Vec<_> = (0..8)
        .map(|number| {
            std::thread::spawn(move || {
                with_application(move |application| {
                    Label::new(application, &number.to_string()).text()
                })
            })
        })
        .collect();
    for (number, thread) in threads.into_iter().enumerate() {
        let text = thread.join().expect("it ends well");
        assert_eq!(text, Ok(number.to_string()));
    }
}

#[test]
fn a_panic_is_said_again_and_the_next_one_goes_on() {
    let panics = || with_application(|_| panic!("in {}", "the test"));
    assert_eq!(words(catch_unwind(panics)), "in the test");
    // A slot, outside of any loop.
    let panics = || {
        with_application(|application| {
            let button = Button::new(application, "");
            button
                .on_click(|_| panic!("in a slot"))
                .expect("it is there");
            button.click().expect("it is there");
        });
    };
    assert_eq!(words(catch_unwind(AssertUnwindSafe(panics))), "in a slot");
    assert_eq!(with_application(|_| 7), 7);
}

#[test]
fn what_one_leaves_behind_the_next_does_not_find() {
    static CALLED: AtomicBool = AtomicBool::new(false);
    with_application(|application| {
        application.call_soon(|| CALLED.store(true, Ordering::SeqCst));
        application.call_soon(|| panic!("left behind"));
    });
    assert!(
        CALLED.load(Ordering::SeqCst),
        "it is done, and with its panic"
    );
    assert_eq!(with_application(|_| 7), 7);
}

#[test]
fn inside_itself_it_says_so() {
    let said = words(catch_unwind(|| {
        with_application(|_| with_application(|_| ()))
    }));
    assert!(said.contains("inside itself"), "{said}");
}

#[test]
fn there_is_one_application_and_it_is_taken() {
    with_application(|_| ());
    assert_eq!(
        Application::new().err(),
        Some(ApplicationError::NotMainThread)
    );
}
