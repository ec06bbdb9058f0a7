//! At most three at a time, and one from each server: one way to write it.
use std::{cell::RefCell, rc::Rc};
use untwisted::deferreds::{Deferred, Failure, Resolver, deferred_list};

/// A download from a server.
pub struct Job {
    /// The server that it downloads from.
    pub server: &'static str,
    /// Begins it.
    pub begin: Box<dyn FnOnce() -> Deferred<String>>,
}

/// Those that wait, each with the end of its result, and the servers that are busy.
struct Work {
    waiting: Vec<(Job, Resolver<String>)>,
    busy: Vec<&'static str>,
}

/// Does all jobs, at most three at a time, and never two from one server.
pub fn three_at_a_time(jobs: Vec<Job>) -> Deferred<Vec<Result<String, Failure>>> {
    let (ends, results): (Vec<_>, Vec<_>) = jobs.iter().map(|_| Deferred::new()).unzip();
    let work = Work {
        waiting: jobs.into_iter().zip(ends).collect(),
        busy: Vec::new(),
    };
    begin(&Rc::new(RefCell::new(work)));
    deferred_list(results)
}

/// Begins all that may begin now.
fn begin(work: &Rc<RefCell<Work>>) {
    loop {
        let next = work.borrow_mut().next();
        let Some((job, end)) = next else { return };
        let (work, server) = (work.clone(), job.server);
        drop((job.begin)().add_both(move |result| {
            work.borrow_mut().busy.retain(|busy| *busy != server);
            end.fire(result);
            begin(&work);
            Ok(())
        }));
    }
}

impl Work {
    /// The first job in line that may begin; from now on its server is busy.
    fn next(&mut self) -> Option<(Job, Resolver<String>)> {
        if self.busy.len() == 3 {
            return None;
        }
        let free = |(job, _): &(Job, _)| !self.busy.contains(&job.server);
        let next = self.waiting.iter().position(free)?;
        let (job, end) = self.waiting.remove(next);
        self.busy.push(job.server);
        Some((job, end))
    }
}
