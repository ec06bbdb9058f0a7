//! Poetry client 1.1: the caller that starts a download hears how it ended.
use poetry::{Options, Pace, Poem};
use reactor::{Address, Handle, Id, Reactor, Readiness, Source};
use recital::Recital;
use std::{
    cell::{Cell, RefCell},
    io::{self, ErrorKind},
    rc::Rc,
    time::Duration,
};
use trace::say;

// ANCHOR: client
/// Hears of the end of a download: the poem, or why there is none.
type Finished = Box<dyn FnOnce(&Handle, io::Result<Vec<u8>>)>;

struct PoetryClient {
    poem: RefCell<Vec<u8>>,
    finished: Cell<Option<Finished>>,
}

impl Source for PoetryClient {
    fn ready(self: Rc<Self>, reactor: &Handle, stream: Id, _: Readiness) {
        let mut bytes = [0; 1024];
        let result = loop {
            match reactor.read(stream, &mut bytes) {
                Ok(0) => break Ok(self.poem.take()),
                Ok(n) => self.poem.borrow_mut().extend(&bytes[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => break Err(error),
            }
        };
        reactor.close(stream, false);
        if let Some(finished) = self.finished.take() {
            finished(reactor, result);
        }
    }
}
// ANCHOR_END: client

fn get_poem(
    reactor: &Handle,
    at: &Address,
    finished: impl FnOnce(&Handle, io::Result<Vec<u8>>) + 'static,
) -> io::Result<()> {
    let stream = reactor.connect(at)?;
    let finished = Cell::new(Some(Box::new(finished) as Finished));
    reactor.register(
        stream,
        Rc::new(PoetryClient {
            poem: RefCell::default(),
            finished,
        }),
    );
    Ok(())
}

fn main() -> io::Result<()> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();
    let poems = ["hope", "wind"]
        .map(|name| Poem::named(name).unwrap())
        .to_vec();
    let pace = Pace::new(120, Duration::from_millis(100));
    let servers = Recital::start(
        &handle,
        Options {
            poems,
            pace,
            ..Options::default()
        },
    )?;
    let nobody = Address::loopback(1);

    // ANCHOR: main
    let missing = Rc::new(Cell::new(3));
    let addresses = servers.addresses().iter().chain([&nobody]);
    for (number, address) in (1..).zip(addresses) {
        let missing = Rc::clone(&missing);
        get_poem(&handle, address, move |reactor, result| {
            match result {
                Ok(poem) => say!("poem {number}: {} bytes", poem.len()),
                Err(error) => say!("poem {number}: {:?}", error.kind()),
            }
            missing.set(missing.get() - 1);
            if missing.get() == 0 {
                let _ = reactor.stop();
            }
        })?;
    }
    reactor.run()?;
    // ANCHOR_END: main
    Ok(())
}
