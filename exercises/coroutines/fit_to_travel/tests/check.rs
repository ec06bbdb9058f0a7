//! Polls the futures by hand, and asks the compiler whether they are `Send`.
use fit_to_travel::{Errand, Poem, Shelf, put, put_all};
use std::{
    cell::Cell,
    future::{pending, poll_fn, ready},
    pin::{Pin, pin},
    rc::Rc,
    task::{Context, Poll, Waker},
};

fn poll(future: Pin<&mut (impl Future<Output = usize> + ?Sized)>) -> Option<usize> {
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// A poem that has come when it is polled for the second time.
fn slow(text: &'static str) -> Poem {
    let mut polled = false;
    Box::pin(poll_fn(move |_| {
        if polled {
            return Poll::Ready(text.to_owned());
        }
        polled = true;
        Poll::Pending
    }))
}

fn on(shelf: &Shelf) -> Vec<String> {
    shelf
        .try_lock()
        .expect("the shelf is locked while it waits: no other task gets at it")
        .clone()
}

/// Says of a type whether it is `Send`: the compiler takes the method of the second `impl` if it can.
struct Is<T>(fn() -> Option<T>);

#[allow(dead_code, reason = "it is taken only for what is not Send")]
trait Otherwise {
    fn send(&self) -> bool {
        false
    }
}

impl<T> Otherwise for Is<T> {}

impl<T: Send> Is<T> {
    fn send(&self) -> bool {
        (self.0)().is_none()
    }
}

/// A value to ask `Is` with: of the type of this one.
fn of<T>(_: &T) -> fn() -> Option<T> {
    || None
}

#[test]
fn put_waits_and_puts() {
    let shelf = Shelf::default();
    let mut future = pin!(put(shelf.clone(), slow("Hope")));
    assert_eq!(poll(future.as_mut()), None, "the poem has not come yet");
    assert!(on(&shelf).is_empty(), "there is a poem before it has come");
    assert_eq!(
        poll(future.as_mut()),
        Some(1),
        "the poem has come: one stands there"
    );
    assert_eq!(on(&shelf), ["Hope"], "the poem is not on the shelf");
}

#[test]
fn others_put_meanwhile() {
    let shelf = Shelf::default();
    let (mut hope, mut eagle) = (
        pin!(put(shelf.clone(), slow("Hope"))),
        pin!(put(shelf.clone(), slow("The Eagle"))),
    );
    assert_eq!(poll(hope.as_mut()), None, "the first poem has not come yet");
    assert_eq!(on(&shelf).len(), 0, "nothing has come yet");
    assert_eq!(
        poll(eagle.as_mut()),
        None,
        "the second poem has not come yet"
    );
    assert_eq!(poll(eagle.as_mut()), Some(1), "the second poem came first");
    assert_eq!(
        poll(hope.as_mut()),
        Some(2),
        "two stand there: another poem was put there meanwhile"
    );
}

/// A poem that must stay in its thread.
struct Stays(Rc<Cell<bool>>);

impl Future for Stays {
    type Output = String;
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<String> {
        self.0.set(true);
        Poll::Ready("Hope".to_owned())
    }
}

#[test]
fn a_poem_may_stay() {
    let polled = Rc::new(Cell::new(false));
    let mut future = pin!(put(Shelf::default(), Stays(Rc::clone(&polled))));
    assert_eq!(
        poll(future.as_mut()),
        Some(1),
        "this poem has an `Rc` in it, and `put` takes it all the same"
    );
    assert!(polled.get(), "the poem was not polled");
}

#[test]
fn put_may_travel() {
    // When an `Errand` promises it, this compiles only if the future of `put` may go to another thread.
    let mut errand: Errand = Box::pin(put(Shelf::default(), ready("Hope".to_owned())));
    assert_eq!(poll(errand.as_mut()), Some(1), "one poem was put there");
}

#[test]
fn one_after_another() {
    let shelf = Shelf::default();
    let mut errand = put_all(shelf.clone(), vec![slow("Hope"), slow("The Eagle")]);
    assert_eq!(
        poll(errand.as_mut()),
        None,
        "the first poem has not come yet"
    );
    assert!(on(&shelf).is_empty(), "nothing has come yet");
    assert_eq!(
        poll(errand.as_mut()),
        None,
        "the second poem has not come yet"
    );
    assert_eq!(
        on(&shelf),
        ["Hope"],
        "the first poem stands there before the second has come"
    );
    assert_eq!(poll(errand.as_mut()), Some(2), "two poems were put there");
    assert_eq!(
        on(&shelf),
        ["Hope", "The Eagle"],
        "in the order of the list"
    );
}

#[test]
fn none_at_all() {
    let shelf = Shelf::default();
    let never = put(shelf.clone(), pending());
    let mut errand = put_all(shelf.clone(), Vec::new());
    assert_eq!(
        poll(errand.as_mut()),
        Some(0),
        "an empty list is done at once"
    );
    drop(never);
    assert!(
        on(&shelf).is_empty(),
        "a future that is dropped puts nothing there"
    );
}

#[test]
fn an_errand_may_travel() {
    let errand: Errand = put_all(Shelf::default(), Vec::new());
    assert!(
        Is(of(&errand)).send(),
        "an `Errand` may not go to another thread: its type does not promise that what is in the box may"
    );
}
