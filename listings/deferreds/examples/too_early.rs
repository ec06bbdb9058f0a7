//! A function that returns the poem: it returns before there is one.
use reactor::{Address, Handle, Id, Reactor, Readiness, Source};
use recital::recite;
use std::{
    cell::RefCell,
    error::Error,
    io::{self, ErrorKind},
    rc::Rc,
};
use trace::say;

// ANCHOR: get_poem
fn get_poem(reactor: &Handle, at: &Address) -> io::Result<String> {
    let stream = reactor.connect(at)?;
    let download = Rc::new(Download {
        poem: RefCell::default(),
    });
    reactor.register(stream, download.clone());
    Ok(download.poem.borrow().clone()) // what there is of it
}

struct Download {
    poem: RefCell<String>,
}

impl Source for Download {
    fn ready(self: Rc<Self>, reactor: &Handle, stream: Id, _: Readiness) {
        let mut piece = [0; 1024];
        loop {
            match reactor.read(stream, &mut piece) {
                Ok(0) => break,
                Ok(n) => self.keep(&piece[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => return reactor.fail(error),
            }
        }
        reactor.close(stream, false);
        let (now, length) = (reactor.now(), self.poem.borrow().len());
        say!("{now:.1}: a poem of {length} bytes, and nobody asks for it");
        let _ = reactor.stop();
    }
}

impl Download {
    fn keep(&self, piece: &[u8]) {
        let piece = String::from_utf8_lossy(piece);
        self.poem.borrow_mut().push_str(&piece);
    }
}
// ANCHOR_END: get_poem

fn main() -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::from_env()?;
    let handle = reactor.handle();
    let addresses = recite(&handle, &["wind"])?;
    // ANCHOR: main
    let poem = get_poem(&handle, &addresses[0])?;
    say!(
        "{:.1}: get_poem returned {} bytes",
        handle.now(),
        poem.len()
    );
    reactor.run()?;
    // ANCHOR_END: main
    Ok(())
}
