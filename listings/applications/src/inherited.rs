//! The endpoint `systemd:`: a socket that the service manager opened and handed over.
use crate::{EndpointError, Listen, Listening, Options};
use listenfd::ListenFd;
use reactor::{Handle, Kind};
use std::{
    io,
    os::fd::OwnedFd,
    rc::Rc,
    sync::{Mutex, OnceLock, PoisonError},
};
use transports::{Factory, listen_on};

pub(crate) fn kind(options: &mut Options) -> Result<Rc<dyn Listen>, EndpointError> {
    let unix = match options.text("domain")?.as_deref() {
        None | Some("INET" | "INET6") => false,
        Some("UNIX") => true,
        Some(_) => return Err(options.wrong("this domain is not known: INET, INET6 or UNIX")),
    };
    let index = usize::from(options.number("index")?.unwrap_or(0));
    Ok(Rc::new(Inherited { index, unix }))
}

struct Inherited {
    /// 0 is descriptor 3, the first behind the three standard ones.
    index: usize,
    unix: bool,
}

impl Listen for Inherited {
    // ANCHOR: listen
    fn listen(&self, reactor: &Handle, factory: Rc<dyn Factory>) -> io::Result<Listening> {
        let socket = self.take()?;
        let kind = match self.unix {
            true => Kind::UnixListener,
            false => Kind::TcpListener,
        };
        // `adopt` makes it non-blocking: a service manager hands over sockets that block.
        let id = reactor.adopt(socket, kind)?;
        Ok(listen_on(reactor, id, factory)?.into())
    }
    // ANCHOR_END: listen
}

impl Inherited {
    /// Returns the socket, once in a process. It is cloned for that: the clone is closed when this
    /// program starts another one, and a child that inherited it would keep the port open after the
    /// end of its parent.
    fn take(&self) -> io::Result<OwnedFd> {
        static ALL: OnceLock<Mutex<ListenFd>> = OnceLock::new();
        let all = ALL.get_or_init(|| Mutex::new(ListenFd::from_env()));
        let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.len(); // for the message: what is taken is counted all the same
        let taken: Option<OwnedFd> = match self.unix {
            true => match all.take_unix_listener(self.index)? {
                Some(socket) => Some(socket.try_clone()?.into()),
                None => None,
            },
            false => match all.take_tcp_listener(self.index)? {
                Some(socket) => Some(socket.try_clone()?.into()),
                None => None,
            },
        };
        taken.ok_or_else(|| {
            let what = match count {
                0 => "no socket was handed over: LISTEN_FDS is not set, or LISTEN_PID is another process".to_owned(),
                count if self.index < count => format!("socket {} has been taken already", self.index),
                count => format!("{count} were handed over, counted from 0"),
            };
            io::Error::new(io::ErrorKind::NotFound, what)
        })
    }
}
