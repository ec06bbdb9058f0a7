//! One world, the sockets that a program has made in it, and what a careful program would remember
//! of each.
use crate::program::{Call, Family};
use reactor::{Address, Id, Readiness, Ready, SocketOption, World};
use std::{
    collections::{BTreeMap, VecDeque},
    io::{self, ErrorKind, IoSlice},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

/// A socket of the program.
pub(crate) struct Mine {
    /// None when it is closed.
    pub(crate) id: Option<Id>,
    pub(crate) unix: bool,
    pub(crate) listener: bool,
    /// What it was told of and has not used up.
    pub(crate) is: Readiness,
    /// Where others find it.
    pub(crate) address: Address,
    /// The other end, by its number.
    pub(crate) peer: Option<usize>,
    /// What it wrote and the other end has not read, and how many bytes of its row it has written.
    pending: VecDeque<u8>,
    row: usize,
    /// What it wrote does not fit: what the system makes of that is its own affair until all was
    /// read.
    pub(crate) full: bool,
    /// The clients that wait here.
    pub(crate) waiting: Vec<usize>,
    pub(crate) backlog: usize,
}

pub(crate) struct Side {
    pub(crate) world: Box<dyn World>,
    pub(crate) mine: Vec<Mine>,
    names: BTreeMap<Address, String>,
    folder: PathBuf,
    host: Ipv4Addr,
    /// Whether its ports are the machine's.
    real: bool,
    patience: u32,
    kept: Vec<socket2::Socket>,
}

/// What a call has answered, so that two worlds can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Made,
    /// Accepted from that peer.
    Accepted(String),
    Done,
    Bytes(Vec<u8>),
    Count(usize),
    Addresses(Result<String, ErrorKind>, Result<String, ErrorKind>),
    /// How filling or draining ended.
    Until(Result<(), ErrorKind>),
    Failed(ErrorKind),
}

fn answer<T>(result: io::Result<T>, ok: impl FnOnce(T) -> Answer) -> Answer {
    match result {
        Ok(value) => ok(value),
        Err(error) => Answer::Failed(error.kind()),
    }
}

fn canonical(address: &Address) -> Address {
    match address {
        Address::Inet(at) => Address::Inet(SocketAddr::new(at.ip().to_canonical(), at.port())),
        unix @ Address::Unix(_) => unix.clone(),
    }
}

impl Side {
    pub(crate) fn new(
        world: Box<dyn World>,
        folder: PathBuf,
        host: Ipv4Addr,
        real: bool,
        patience: u32,
    ) -> Side {
        Side {
            world,
            mine: Vec::new(),
            names: BTreeMap::new(),
            folder,
            host,
            real,
            patience,
            kept: Vec::new(),
        }
    }

    /// Ports and paths differ from world to world; what they belong to does not.
    fn name(&self, address: &Address) -> String {
        let six = match address {
            Address::Inet(at) if at.is_ipv6() => "six ",
            _ => "",
        };
        let name = self.names.get(&canonical(address)).cloned();
        match (name, address) {
            (Some(name), _) => format!("{six}{name}"),
            (None, Address::Unix(path)) => path.display().to_string(),
            (None, Address::Inet(_)) => format!("{six}unknown"),
        }
    }

    /// The name of a peer that is probably one of these: a system lets two clients have the same port
    /// when they connect to different listeners, and then the address alone does not tell which of
    /// them it is.
    fn name_among(&self, address: &Address, likely: impl IntoIterator<Item = usize>) -> String {
        let wanted = canonical(address);
        let found = likely
            .into_iter()
            .find(|&client| canonical(&self.mine[client].address) == wanted);
        match (found, address) {
            (Some(client), Address::Inet(at)) if at.is_ipv6() => format!("six #{client}"),
            (Some(client), Address::Inet(_)) => format!("#{client}"),
            _ => self.name(address),
        }
    }

    fn add(&mut self, id: Id, listener: bool, backlog: u32) -> usize {
        let number = self.mine.len();
        let address = self.world.local_address(id).unwrap();
        // A system soon lets another have the port of one that is closed.
        self.names.insert(canonical(&address), format!("#{number}"));
        self.mine.push(Mine {
            id: Some(id),
            unix: matches!(address, Address::Unix(_)),
            listener,
            is: Readiness::default(),
            address,
            peer: None,
            pending: VecDeque::new(),
            row: 0,
            full: false,
            waiting: Vec::new(),
            backlog: backlog as usize,
        });
        number
    }

    /// Waits until `until` has come or something is told, and remembers what.
    pub(crate) fn wait(&mut self, at_most: Duration) -> bool {
        let mut ready: Vec<Ready> = Vec::new();
        let until = self.world.now() + at_most;
        self.world.wait(Some(until), &mut ready).unwrap();
        for told in &ready {
            let found = self.mine.iter_mut().find(|mine| mine.id == Some(told.id));
            let mine = found.expect("what is told of a socket is told of one that is open");
            mine.is = mine.is.and(told.what);
        }
        !ready.is_empty()
    }

    fn address_of(&self, family: Family, number: usize) -> Address {
        let inet = |ip: IpAddr| Address::Inet(SocketAddr::new(ip, 0));
        match family {
            Family::Four => inet(self.host.into()),
            Family::Six => inet(Ipv6Addr::LOCALHOST.into()),
            Family::Both => inet(Ipv6Addr::UNSPECIFIED.into()),
            Family::Unix => Address::Unix(self.folder.join(number.to_string())),
        }
    }

    /// Makes a call on the socket of that number. `hope` is what the other world has answered:
    /// where a system needs time, it is given that until it answers so.
    pub(crate) fn call(&mut self, call: Call, which: usize, hope: Option<&Answer>) -> Answer {
        match call {
            Call::Listen(family, backlog) => {
                let at = self.address_of(family, self.mine.len());
                let result = self.world.listen(&at, backlog);
                answer(result, |id| {
                    self.add(id, true, backlog);
                    Answer::Made
                })
            }
            Call::Connect(_, by_four) => self.connect(which, by_four),
            Call::Close(_) | Call::Reset(_) => {
                let id = self.id(which);
                self.world.close(id, matches!(call, Call::Reset(_)));
                self.keep_free(which);
                self.mine[which].id = None;
                Answer::Done
            }
            Call::Accept(_) => self.accept(which),
            Call::Finish(_) => {
                let result = self.world.finish_connect(self.id(which));
                self.failed(which, &result);
                answer(result, |()| Answer::Done)
            }
            Call::Read(_, most) => self.read(which, most, hope),
            Call::Write(_, count) => self.write(which, count, false),
            Call::Gather(_, pieces) => self.write(which, pieces, true),
            Call::Fill(_) => self.fill(which),
            Call::Drain(_) => self.drain(which, hope),
            Call::Shutdown(_) => {
                // It fails for the same reason again: nothing was told by that.
                let result = self.world.shutdown(self.id(which));
                answer(result, |()| Answer::Done)
            }
            Call::Addresses(_) => {
                let id = self.id(which);
                let local = self.world.local_address(id);
                let peer = self.world.peer_address(id);
                let name = |result: io::Result<Address>| match result {
                    Ok(address) => Ok(self.name(&address)),
                    Err(error) => Err(error.kind()),
                };
                let mut local_name = name(local);
                if let (Ok(name), false) = (&mut local_name, self.mine[which].listener)
                    && !self.mine[which].unix
                {
                    *name = name.replace(name.trim_start_matches("six "), &format!("#{which}"));
                }
                let peer = match peer {
                    Ok(address) => Ok(self.name_among(&address, self.mine[which].peer)),
                    Err(error) => Err(error.kind()),
                };
                Answer::Addresses(local_name, peer)
            }
            Call::Option(_, option) => {
                let option = match option {
                    0 => SocketOption::NoDelay(true),
                    1 => SocketOption::KeepAlive(Some(Duration::from_secs(60))),
                    2 => SocketOption::Broadcast(true),
                    _ => SocketOption::TimeToLive(9),
                };
                let result = self.world.set(self.id(which), option);
                answer(result, |()| Answer::Done)
            }
        }
    }

    pub(crate) fn folder(&self) -> &PathBuf {
        &self.folder
    }

    pub(crate) fn id(&self, which: usize) -> Id {
        self.mine[which].id.unwrap()
    }

    /// The port of a listener that was closed stays without one: a system would soon choose it
    /// again.
    fn keep_free(&mut self, which: usize) {
        if let (true, Address::Inet(at)) = (self.real, &self.mine[which].address)
            && self.mine[which].listener
        {
            let domain = socket2::Domain::for_address(*at);
            let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None).unwrap();
            socket.set_reuse_address(true).unwrap();
            socket.bind(&(*at).into()).unwrap();
            self.kept.push(socket);
        }
    }

    fn connect(&mut self, which: usize, by_four: bool) -> Answer {
        let mut to = self.mine[which].address.clone();
        if let Address::Inet(at) = &mut to
            && at.ip().is_unspecified()
            && by_four
        {
            at.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        let result = self.world.connect(&to);
        answer(result, |id| {
            let client = self.add(id, false, 0);
            if self.mine[which].id.is_some() {
                self.mine[which].waiting.push(client);
            }
            Answer::Made
        })
    }

    fn accept(&mut self, which: usize) -> Answer {
        let result = self.world.accept(self.id(which));
        match result {
            Ok((id, peer)) => {
                let peer = self.name_among(&peer, self.mine[which].waiting.iter().copied());
                let server = self.add(id, false, 0);
                let waiting = &mut self.mine[which].waiting;
                if !waiting.is_empty() {
                    let client = waiting.remove(0);
                    self.mine[server].peer = Some(client);
                    self.mine[client].peer = Some(server);
                }
                Answer::Accepted(peer)
            }
            Err(error) => {
                if error.kind() == ErrorKind::WouldBlock {
                    self.mine[which].is.read = false;
                }
                Answer::Failed(error.kind())
            }
        }
    }

    /// An error that was told is not told again; nothing to do is remembered.
    fn failed<T>(&mut self, which: usize, result: &io::Result<T>) {
        if let Err(error) = result
            && error.kind() != ErrorKind::WouldBlock
        {
            self.mine[which].is.error = false;
        }
    }

    /// A Unix socket keeps the reason for the next reader.
    fn failed_to_write<T>(&mut self, which: usize, result: &io::Result<T>) {
        if !self.mine[which].unix {
            self.failed(which, result);
        }
    }

    fn read_once(&mut self, which: usize, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.world.read(self.id(which), buffer);
        self.failed(which, &result);
        if let (Ok(count), Some(peer)) = (&result, self.mine[which].peer) {
            let written: Vec<u8> = self.mine[peer].pending.drain(..*count).collect();
            assert_eq!(buffer[..*count], written, "what #{peer} has written");
        }
        let mine = &mut self.mine[which];
        match &result {
            Ok(count) => {
                if *count < buffer.len() && !mine.is.read_closed {
                    mine.is.read = false;
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => mine.is.read = false,
            Err(_) => {}
        }
        result
    }

    fn read(&mut self, which: usize, most: usize, hope: Option<&Answer>) -> Answer {
        let mut buffer = vec![0; most];
        let mut got = Vec::new();
        loop {
            let result = self.read_once(which, &mut buffer[got.len()..]);
            match result {
                Ok(count) => {
                    let before = got.len();
                    got.extend_from_slice(&buffer[before..before + count]);
                    // What has not arrived yet will.
                    match hope {
                        Some(Answer::Bytes(hope)) if count > 0 && got.len() < hope.len() => {
                            self.wait(Duration::from_millis(1));
                        }
                        _ => return Answer::Bytes(got),
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock && !got.is_empty() => {
                    self.wait(Duration::from_millis(1));
                }
                Err(error) => return Answer::Failed(error.kind()),
            }
        }
    }

    /// The bytes of a stream are a row by which a byte that is lost or doubled shows.
    fn bytes(&self, which: usize, count: usize) -> Vec<u8> {
        let from = self.mine[which].row;
        (from..from + count)
            .map(|at| (at * 7 + which) as u8)
            .collect()
    }

    fn write(&mut self, which: usize, count: usize, gather: bool) -> Answer {
        let bytes = self.bytes(which, count);
        let slices: Vec<_> = match gather {
            true => bytes.chunks(1).map(IoSlice::new).collect(),
            false => vec![IoSlice::new(&bytes)],
        };
        let result = self.world.write(self.id(which), &slices);
        self.failed_to_write(which, &result);
        answer(result, |written| {
            self.mine[which].row += written;
            self.mine[which].pending.extend(&bytes[..written]);
            Answer::Count(written)
        })
    }

    fn fill(&mut self, which: usize) -> Answer {
        let until = loop {
            let bytes = [0; 50_000];
            let result = self.world.write(self.id(which), &[IoSlice::new(&bytes)]);
            self.failed_to_write(which, &result);
            match result {
                Ok(count) => self.mine[which].pending.extend(&bytes[..count]),
                Err(error) => break error.kind(),
            }
        };
        if until == ErrorKind::WouldBlock {
            self.mine[which].is.write = false;
            self.mine[which].full = true;
        }
        Answer::Until(Err(until))
    }

    fn drain(&mut self, which: usize, hope: Option<&Answer>) -> Answer {
        let mut buffer = vec![0; 60_000];
        let mut tries = 0;
        loop {
            let until = match self.read_once(which, &mut buffer) {
                Ok(0) => Ok(()),
                Ok(_) => continue,
                Err(error) => Err(error.kind()),
            };
            let mine = &self.mine[which];
            let peer = mine.peer.map(|peer| &self.mine[peer]);
            let all = peer.is_none_or(|peer| peer.pending.is_empty());
            let wait = until == Err(ErrorKind::WouldBlock)
                && hope.is_some_and(|hope| !all || *hope != Answer::Until(until));
            tries += 1;
            if !wait || tries > self.patience {
                if all && let Some(peer) = mine.peer {
                    self.mine[peer].full = false;
                }
                return Answer::Until(until);
            }
            self.wait(Duration::from_millis(1));
        }
    }
}
