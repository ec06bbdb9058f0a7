//! Wrong: an empty turn lies between two slices.
use std::vec::IntoIter;
use untwisted::reactor::Handle;

/// Calls `each` for every item, at most `slice` of them in one turn, and then `done`.
pub fn for_each_in_slices<T: 'static>(
    reactor: &Handle,
    items: Vec<T>,
    slice: usize,
    each: impl FnMut(T) + 'static,
    done: impl FnOnce(&Handle) + 'static,
) {
    reactor.call_soon(move |reactor| go_on(reactor, items.into_iter(), slice, each, done));
}

fn go_on<T: 'static>(
    reactor: &Handle,
    mut items: IntoIter<T>,
    slice: usize,
    mut each: impl FnMut(T) + 'static,
    done: impl FnOnce(&Handle) + 'static,
) {
    items.by_ref().take(slice).for_each(&mut each);
    if items.len() == 0 {
        done(reactor);
    } else {
        reactor.call_soon(move |reactor| {
            reactor.call_soon(move |reactor| go_on(reactor, items, slice, each, done));
        });
    }
}
