//! Pools of threads for one kind of work each, beside the one that all share.
use super::pool::Pool;
use crate::{Job, Pools};
use std::{collections::BTreeMap, mem, time::Duration, time::Instant};

/// Those that are open, and those whose last work goes on.
pub(super) struct OwnPools {
    open: BTreeMap<u64, Pool>,
    ending: Vec<Pool>,
    opened: u64,
    /// How long the end waits for the work of all of them together.
    pub(super) at_end: Duration,
}

impl OwnPools {
    pub(super) fn new(at_end: Duration) -> OwnPools {
        OwnPools {
            open: BTreeMap::new(),
            ending: Vec::new(),
            opened: 0,
            at_end,
        }
    }
}

impl Pools for OwnPools {
    fn open(&mut self, most: usize) -> u64 {
        self.ending.retain(|pool| !pool.has_ended());
        let number = self.opened;
        self.opened += 1;
        let pool = Pool::new("own pool", most.max(1), self.at_end);
        self.open.insert(number, pool);
        number
    }

    fn run(&mut self, pool: u64, job: Job) {
        if let Some(pool) = self.open.get(&pool) {
            pool.run(job);
        }
    }

    fn close(&mut self, pool: u64) {
        if let Some(pool) = self.open.remove(&pool) {
            pool.close(); // and not dropped: that would wait
            self.ending.push(pool);
        }
    }
}

impl Drop for OwnPools {
    #[allow(
        clippy::disallowed_methods,
        reason = "the operating system's world is the one with a real clock"
    )]
    fn drop(&mut self) {
        let open = mem::take(&mut self.open).into_values();
        let all: Vec<Pool> = open.chain(mem::take(&mut self.ending)).collect();
        all.iter().for_each(Pool::close);
        let begin = Instant::now();
        for mut pool in all {
            pool.at_end = self.at_end.saturating_sub(begin.elapsed());
            drop(pool); // waits
        }
    }
}
