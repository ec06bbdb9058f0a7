//! The same two countdowns, on a queue that stays borrowed while its calls run.
use reactor::{Handle, Reactor};

fn countdown(reactor: &Handle, name: &'static str, n: u32) {
    println!("{name} {n}");
    match n {
        0 if name == "right" => reactor.stop(),
        0 => {}
        _ => reactor.call_soon(move |reactor| countdown(reactor, name, n - 1)),
    }
}

fn main() {
    let mut reactor = Reactor::new();
    let handle = reactor.handle();
    handle.call_soon(|reactor| countdown(reactor, "left", 2));
    handle.call_soon(|reactor| countdown(reactor, "right", 2));
    println!("nothing has run yet");
    reactor.run();
}

mod reactor {
    use std::cell::{Cell, RefCell};
    use std::rc::Rc;

    type Call = Box<dyn FnOnce(&Handle)>;

    /// A handle, and the right to run.
    pub struct Reactor(Handle);

    /// The way into a reactor, for callbacks and for you.
    #[derive(Clone)]
    pub struct Handle {
        core: Rc<Core>,
    }

    #[derive(Default)]
    struct Core {
        stopped: Cell<bool>,
        /// Taken whole, never drained in place: a call may add to it.
        calls: RefCell<Vec<Call>>,
    }

    impl Reactor {
        pub fn new() -> Reactor {
            Reactor(Handle { core: Rc::default() })
        }

        pub fn handle(&self) -> Handle {
            self.0.clone()
        }

        /// Makes turn after turn until `stop` is called.
        pub fn run(&mut self) {
            let (handle, core) = (&self.0, &self.0.core);
            while !core.stopped.get() {
                // ANCHOR: drain
                for call in core.calls.borrow_mut().drain(..) {
                    call(handle);
                }
                // ANCHOR_END: drain
            }
        }
    }

    impl Handle {
        pub fn stop(&self) {
            self.core.stopped.set(true);
        }

        pub fn call_soon(&self, call: impl FnOnce(&Handle) + 'static) {
            self.core.calls.borrow_mut().push(Box::new(call));
        }
    }
}
