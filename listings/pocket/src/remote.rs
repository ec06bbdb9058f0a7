//! Calls from other threads: a channel, and a pair of sockets that makes the loop look into it.
use crate::reactor::{Handle, Id, Source};
use mio::net::UnixStream;
use std::io::{self, Read, Write};
use std::{rc::Rc, sync::Arc, sync::mpsc};

type Mail = Box<dyn FnOnce(&Handle) + Send>;

/// The one part of a reactor that may go to another thread.
#[derive(Clone)]
pub struct Remote {
    mail: mpsc::Sender<Mail>,
    bell: Arc<UnixStream>,
}

struct Mailbox {
    mail: mpsc::Receiver<Mail>,
    bell: UnixStream,
}

impl Remote {
    pub fn new(reactor: &Handle) -> io::Result<Remote> {
        let (sender, mail) = mpsc::channel();
        let (button, mut bell) = UnixStream::pair()?;
        let id = reactor.adopt(&mut bell)?;
        reactor.register(id, Rc::new(Mailbox { mail, bell }));
        Ok(Remote { mail: sender, bell: Arc::new(button) })
    }

    /// First the letter, then the bell. A bell that is full of rings has rung.
    pub fn call(&self, call: impl FnOnce(&Handle) + Send + 'static) {
        if self.mail.send(Box::new(call)).is_ok() {
            let _ = (&*self.bell).write(&[1]);
        }
    }
}

impl Source for Mailbox {
    fn ready(self: Rc<Self>, reactor: &Handle, _: Id) {
        while (&self.bell).read(&mut [0; 64]).is_ok_and(|rings| rings > 0) {}
        for call in self.mail.try_iter() {
            reactor.call_soon(call);
        }
    }
}
