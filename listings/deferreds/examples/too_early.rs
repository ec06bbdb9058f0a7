//! A function that returns the poem: it returns before there is one.
use deferreds::poem::recite;
use reactor::{Address, Handle, Id, Reactor, Readiness, Source};
use std::{cell::RefCell, error::Error, io, rc::Rc};
use trace::say;

// ANCHOR: get_poem
fn get_poem(reactor: &Handle, at: &Address) -> io::Result<String> {
    let stream = reactor.connect(at)?;
    let download = Rc::new(Download {
        stream,
        poem: RefCell::default(),
    });
    reactor.register(stream, download.clone());
    Ok(download.poem.borrow().clone()) // what there is of it
}

struct Download {
    stream: Id,
    poem: RefCell<String>,
}

impl Source for Download {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Readiness) {
        let mut piece = [0; 1024];
        while let Ok(n) = reactor.read(self.stream, &mut piece) {
            self.poem
                .borrow_mut()
                .push_str(&String::from_utf8_lossy(&piece[..n]));
            if n == 0 {
                reactor.close(self.stream, false);
                let length = self.poem.borrow().len();
                say!(
                    "{:.1}: a poem of {length} bytes, and nobody asks for it",
                    reactor.now()
                );
                let _ = reactor.stop();
                return;
            }
        }
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
