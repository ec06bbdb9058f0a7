//! Wrong: queues all slices at once, so they all run in the same turn.
use std::{cell::RefCell, rc::Rc};
use untwisted::reactor::Handle;

/// Calls `each` for every item, at most `slice` of them in one turn, and then `done`.
pub fn for_each_in_slices<T: 'static>(
    reactor: &Handle,
    items: Vec<T>,
    slice: usize,
    each: impl FnMut(T) + 'static,
    done: impl FnOnce(&Handle) + 'static,
) {
    let each = Rc::new(RefCell::new(each));
    let mut items = items.into_iter();
    while items.len() > 0 {
        let some: Vec<T> = items.by_ref().take(slice).collect();
        let each = Rc::clone(&each);
        reactor.call_soon(move |_| some.into_iter().for_each(|item| each.borrow_mut()(item)));
    }
    reactor.call_soon(done);
}
