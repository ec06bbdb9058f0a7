//! Wrong: does everything in one turn.
use untwisted::reactor::Handle;

/// Calls `each` for every item, at most `slice` of them in one turn, and then `done`.
pub fn for_each_in_slices<T: 'static>(
    reactor: &Handle,
    items: Vec<T>,
    slice: usize,
    each: impl FnMut(T) + 'static,
    done: impl FnOnce(&Handle) + 'static,
) {
    let _ = slice;
    reactor.call_soon(move |reactor| {
        items.into_iter().for_each(each);
        done(reactor);
    });
}
