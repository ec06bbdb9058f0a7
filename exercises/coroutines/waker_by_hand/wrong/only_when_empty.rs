//! Rings only if no task stands in line.
use std::{
    collections::{HashMap, VecDeque},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Wake, Waker},
};

/// The numbers of the tasks that want to be polled, in order. Any thread may add to it.
#[derive(Default)]
pub struct Ready {
    numbers: Mutex<VecDeque<usize>>,
}

impl Ready {
    fn next(&self) -> Option<usize> {
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.pop_front()
    }
}

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// An executor. It polls when its method is called, so that a test can look on.
#[derive(Default)]
pub struct Tasks {
    ready: Arc<Ready>,
    tasks: HashMap<usize, Task>,
    made: usize,
}

impl Tasks {
    pub fn spawn(&mut self, future: impl Future<Output = ()> + 'static) {
        let number = self.made;
        self.made += 1;
        self.tasks.insert(number, Box::pin(future));
        waker(number, &self.ready).wake(); // the first poll is owed
    }

    /// Polls the tasks that are ready, as many as there are now. Returns how many polls it made.
    pub fn poll_ready(&mut self) -> usize {
        let all = self.ready.numbers.lock().map_or(0, |numbers| numbers.len());
        let mut polls = 0;
        for number in (0..all).map_while(|_| self.ready.next()) {
            let Some(mut task) = self.tasks.remove(&number) else {
                continue; // woken when it was over
            };
            polls += 1;
            let waker = waker(number, &self.ready);
            let mut context = Context::from_waker(&waker);
            if task.as_mut().poll(&mut context).is_pending() {
                self.tasks.insert(number, task);
            }
        }
        polls
    }

    /// How many tasks there are.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }
}

/// A waker that puts the number of a task in line, unless it stands there already.
pub fn waker(number: usize, ready: &Arc<Ready>) -> Waker {
    let ready = ready.clone();
    Waker::from(Arc::new(Bell { number, ready }))
}

struct Bell {
    number: usize,
    ready: Arc<Ready>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let numbers = &self.ready.numbers;
        let mut numbers = numbers.lock().unwrap_or_else(PoisonError::into_inner);
        if numbers.is_empty() {
            numbers.push_back(self.number);
        }
    }
}
