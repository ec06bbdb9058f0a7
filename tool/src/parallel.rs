//! Runs work on several threads, and returns the results in the order of the work.
use anyhow::{Result, anyhow};
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

/// Runs `work` on every item, at most `at_once` of them at a time.
///
/// # Errors
/// The first error that `work` returned, in the order of the items; or that a worker panicked.
///
/// ```
/// let squares = book::parallel::map(&[1, 2, 3], 2, |n| Ok(n * n)).unwrap();
/// assert_eq!(squares, [1, 4, 9]);
/// ```
pub fn map<T: Sync, R: Send>(
    items: &[T],
    at_once: usize,
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = AtomicUsize::new(0);
    let results: Vec<Mutex<Option<Result<R>>>> = items.iter().map(|_| Mutex::new(None)).collect();
    std::thread::scope(|scope| {
        for _ in 0..at_once.clamp(1, items.len().max(1)) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(item), Some(place)) = (items.get(at), results.get(at)) else {
                        return;
                    };
                    // A panic leaves the place empty, which is told below.
                    let result =
                        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(item)));
                    if let (Ok(result), Ok(mut place)) = (result, place.lock()) {
                        *place = Some(result);
                    }
                }
            });
        }
    });
    results
        .into_iter()
        .map(|place| match place.into_inner() {
            Ok(Some(result)) => result,
            _ => Err(anyhow!("a worker panicked")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;

    #[test]
    fn results_come_in_the_order_of_the_work_not_of_its_end() {
        let first = std::sync::Barrier::new(2);
        let order = map(&[0, 1], 2, |n| {
            first.wait(); // both are under way at once
            Ok(*n)
        });
        assert_eq!(order.unwrap(), [0, 1]);
    }

    #[test]
    fn no_work_and_more_workers_than_work_are_fine() {
        assert!(map(&[] as &[u8], 4, |_| Ok(())).unwrap().is_empty());
        assert_eq!(map(&[1], 0, |n| Ok(*n)).unwrap(), [1]);
    }

    #[test]
    fn an_error_and_a_panic_are_both_told_and_stop_nobody_else() {
        let done = AtomicUsize::new(0);
        let result = map(&[1, 2, 3], 1, |n| {
            done.fetch_add(1, Ordering::Relaxed);
            if *n == 1 {
                bail!("one");
            }
            Ok(())
        });
        assert_eq!(result.unwrap_err().to_string(), "one");
        assert_eq!(done.into_inner(), 3);
        let result = map(&[1, 2], 1, |n| {
            assert_ne!(*n, 1, "on purpose");
            Ok(())
        });
        assert_eq!(result.unwrap_err().to_string(), "a worker panicked");
    }
}
