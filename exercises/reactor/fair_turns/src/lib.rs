//! Work in slices: you write `for_each_in_slices`.
use untwisted::reactor::Handle;

/// Calls `each` for every item, at most `slice` of them in one turn, and then `done`.
pub fn for_each_in_slices<T: 'static>(
    reactor: &Handle,
    items: Vec<T>,
    slice: usize,
    mut each: impl FnMut(T) + 'static,
    done: impl FnOnce(&Handle) + 'static,
) {
    let _ = (reactor, items, slice, done);
    let _ = move |item| each(item);
    todo!()
}
