//! A guest connects, speaks and leaves, and a timer goes on meanwhile.
#[path = "../steps/reactor_3.rs"]
#[allow(dead_code, reason = "this program makes no use of some of it")]
mod reactor;
use mio::net::{TcpListener, TcpStream};
use reactor::{Handle, Id, Reactor, Source};
use std::io::{ErrorKind, Read, Write};
use std::{error::Error, net, rc::Rc, thread, time::Duration};

struct Door(TcpListener);

impl Source for Door {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id) {
        loop {
            match self.0.accept() {
                Ok((mut stream, _)) => {
                    println!("a guest has come");
                    match reactor.adopt(&mut stream) {
                        Ok(id) => reactor.register(id, Rc::new(Guest(stream))),
                        Err(error) => println!("not let in: {error}"),
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => return println!("the door is stuck: {error}"),
            }
        }
    }
}

// ANCHOR: guest
struct Guest(TcpStream);

impl Source for Guest {
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id) {
        let mut buffer = [0; 512];
        loop {
            match (&self.0).read(&mut buffer) {
                Ok(n) if n > 0 => println!("{n} bytes"),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                end => {
                    println!("the guest has left: {end:?}");
                    return reactor.forget(id);
                }
            }
        }
    }
}
// ANCHOR_END: guest

const BEAT: Duration = Duration::from_millis(50);

fn main() -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::new()?;
    let handle = reactor.handle();
    let mut listener = TcpListener::bind("127.0.0.1:0".parse()?)?;
    let address = listener.local_addr()?;
    let id = handle.adopt(&mut listener)?;
    handle.register(id, Rc::new(Door(listener)));
    handle.call_later(6 * BEAT, |_| println!("time passes"));
    handle.call_later(14 * BEAT, Handle::stop);
    let guest = thread::spawn(move || -> std::io::Result<()> {
        let mut stream = net::TcpStream::connect(address)?;
        thread::sleep(3 * BEAT);
        stream.write_all(b"good morning")?;
        thread::sleep(7 * BEAT);
        Ok(())
    });
    reactor.run()?;
    guest.join().expect("the guest does not panic")?;
    Ok(())
}
