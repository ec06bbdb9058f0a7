//! Answers each try by hand.
use do_it_again::do_it_again;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use untwisted::{
    databases::DatabaseError,
    deferreds::{Cancelled, Deferred, Failure, Resolver},
};

/// What `work` has been called for, and the resolver that ends each call.
type Tries = Rc<RefCell<Vec<Option<Resolver<u32>>>>>;

fn begin(tries: u32) -> (Deferred<u32>, Tries) {
    let begun = Tries::default();
    let calls = begun.clone();
    let result = do_it_again(tries, move || {
        let (resolver, done) = Deferred::new();
        calls.borrow_mut().push(Some(resolver));
        assert!(
            calls.borrow().len() < 20,
            "work was called 20 times: at most 3 times was asked for"
        );
        done
    });
    (result, begun)
}

fn end(tries: &Tries, which: usize, result: Result<u32, Failure>) {
    let resolver = tries.borrow_mut()[which].take();
    resolver.expect("each try ends once").fire(result);
}

fn refused(code: &str, message: &str) -> Failure {
    let error = DatabaseError {
        severity: "ERROR".to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
        ..DatabaseError::default()
    };
    error.into()
}

fn collision() -> Failure {
    refused("40001", "could not serialize access")
}

fn came(result: Deferred<u32>, when: &str) -> Result<u32, Failure> {
    match result.into_result() {
        Ok(result) => result,
        Err(_) => panic!("{when}, and the Deferred has not fired"),
    }
}

#[test]
fn a_value_is_the_result() {
    let (result, tries) = begin(3);
    assert_eq!(tries.borrow().len(), 1, "work is called at once, and once");
    end(&tries, 0, Ok(7));
    let value: Option<u32> = came(result, "the first try gave a value").ok();
    assert_eq!(value, Some(7), "the value of the try is the result");
    assert_eq!(
        tries.borrow().len(),
        1,
        "a value is no reason for another try"
    );
}

#[test]
fn a_collision_is_repeated() {
    let (result, tries) = begin(3);
    end(&tries, 0, Err(collision()));
    assert_eq!(tries.borrow().len(), 2, "after 40001 work is called again");
    end(&tries, 1, Err(collision()));
    assert_eq!(
        tries.borrow().len(),
        3,
        "3 tries are allowed, and after two collisions there were not 3"
    );
    end(&tries, 2, Ok(9));
    let value: Option<u32> = came(result, "the third try gave a value").ok();
    assert_eq!(value, Some(9), "the value of the third try is the result");
}

#[test]
fn it_gives_up_with_the_last_failure() {
    let (result, tries) = begin(3);
    for which in 0..3 {
        let count = tries.borrow().len();
        assert_eq!(
            count,
            which + 1,
            "3 tries are allowed, and try {} was not made",
            which + 1
        );
        end(
            &tries,
            which,
            Err(refused("40001", &format!("collision {which}"))),
        );
    }
    let count = tries.borrow().len();
    assert_eq!(
        count, 3,
        "work was called {count} times: at most 3 times was asked for"
    );
    let failure = came(result, "the last try has failed").err();
    let text = failure.and_then(|failure| Some(failure.check::<DatabaseError>()?.message.clone()));
    assert_eq!(
        text.as_deref(),
        Some("collision 2"),
        "the failure of the last try is the result, unchanged"
    );
}

#[test]
fn other_failures_are_not_repeated() {
    for failure in [
        refused("23505", "duplicate key"),
        refused("40P01", "deadlock detected"),
        Failure::new("40001 is what I say, but I am no DatabaseError"),
    ] {
        let text = failure.to_string();
        let (result, tries) = begin(3);
        end(&tries, 0, Err(failure));
        let count = tries.borrow().len();
        assert_eq!(count, 1, "only 40001 is repeated, and this was: {text}");
        let failed: Option<String> = came(result, "the try failed").err().map(|f| f.to_string());
        assert_eq!(failed, Some(text), "the failure is the result, unchanged");
    }
}

#[test]
fn the_message_may_be_in_any_language() {
    let (_result, tries) = begin(3);
    end(
        &tries,
        0,
        Err(refused("40001", "Zugriff nicht serialisierbar")),
    );
    let count = tries.borrow().len();
    assert_eq!(
        count, 2,
        "the message is for people: this one is German, its code is 40001, and it was not repeated"
    );
    let (_result, tries) = begin(3);
    end(
        &tries,
        0,
        Err(refused(
            "22000",
            "could not serialize access, says a trigger",
        )),
    );
    let count = tries.borrow().len();
    assert_eq!(
        count, 1,
        "the message is for people: the code is not 40001, and it was repeated"
    );
}

#[test]
fn a_cancel_ends_it() {
    let (result, tries) = begin(3);
    end(&tries, 0, Err(collision()));
    let told = Rc::new(Cell::new(false));
    let tell = told.clone();
    let canceller = result.canceller();
    result.on_result(move |result| {
        tell.set(result.is_err_and(|failure| failure.check::<Cancelled>().is_some()));
    });
    canceller.cancel();
    assert!(
        told.get(),
        "it was cancelled during the second try, and did not fail with Cancelled"
    );
    let count = tries.borrow().len();
    assert_eq!(count, 2, "it was cancelled, and another try was begun");
}
