//! Calls `f` when the chain is built.
use untwisted::pocket::deferred::Deferred;

/// Runs `f` when the Deferred has a result, whichever it is, and waits for it. Then the chain goes on
/// with the result as it was.
pub fn add_finally<T: 'static>(
    deferred: Deferred<T>,
    f: impl FnOnce() -> Deferred<()> + 'static,
) -> Deferred<T> {
    let tidying = f();
    let (resolver, next) = Deferred::new();
    deferred.on_result(move |result| {
        tidying.on_result(move |tidied| {
            resolver.fire(result.and_then(|value| tidied.map(|()| value)));
        });
    });
    next
}
