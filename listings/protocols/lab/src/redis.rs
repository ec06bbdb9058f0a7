//! The small Redis on tokio: the same core, a task for each client, and one that waits for its
//! deadline.
use protocols::{ClientId, Outgoing, Redis, RedisBounds};
use std::{cell::RefCell, collections::HashMap, io, rc::Rc, time::Duration};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::spawn_local,
    time::{Instant, sleep_until},
};

struct Shared {
    redis: RefCell<Redis>,
    wires: RefCell<Wires>,
    begun: Instant,
    /// The next deadline may be another one.
    deadline: Notify,
}

#[derive(Default)]
struct Wires(HashMap<ClientId, Wire>);

/// What a client's task is to do.
#[derive(Default)]
struct Wire {
    out: Vec<u8>,
    paused: bool,
    closing: bool,
    cut_off: bool,
    wake: Rc<Notify>,
}

impl Wires {
    fn change(&mut self, client: ClientId, change: impl FnOnce(&mut Wire)) {
        if let Some(wire) = self.0.get_mut(&client) {
            change(wire);
            wire.wake.notify_one();
        }
    }
}

impl Outgoing for Wires {
    fn send(&mut self, client: ClientId, bytes: &[u8]) {
        self.change(client, |wire| wire.out.extend_from_slice(bytes));
    }

    fn waiting(&self, client: ClientId) -> usize {
        self.0.get(&client).map_or(0, |wire| wire.out.len())
    }

    fn pause(&mut self, client: ClientId, paused: bool) {
        self.change(client, |wire| wire.paused = paused);
    }

    fn close(&mut self, client: ClientId) {
        self.change(client, |wire| wire.closing = true);
    }

    fn cut_off(&mut self, client: ClientId) {
        self.change(client, |wire| wire.cut_off = true);
    }
}

impl Shared {
    fn work(&self, work: impl FnOnce(&mut Redis, Duration, &mut Wires)) {
        let now = self.begun.elapsed();
        work(
            &mut self.redis.borrow_mut(),
            now,
            &mut self.wires.borrow_mut(),
        );
        self.deadline.notify_one();
    }

    /// Calls `look` with the client's wire.
    fn wire<T>(&self, client: ClientId, look: impl FnOnce(&mut Wire) -> T) -> Option<T> {
        self.wires.borrow_mut().0.get_mut(&client).map(look)
    }
}

/// Serves clients until the listener fails. Inside of a `LocalSet`: everything here is in one
/// thread.
///
/// ```
/// use protocols::RedisBounds;
/// use protocols_lab::serve_redis;
/// use tokio::{io::{AsyncReadExt, AsyncWriteExt}, net::{TcpListener, TcpStream}, task::{LocalSet, spawn_local}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// LocalSet::new().run_until(async {
///     let listener = TcpListener::bind("127.0.0.1:0").await?;
///     let at = listener.local_addr()?;
///     spawn_local(serve_redis(listener, RedisBounds::default()));
///     let mut client = TcpStream::connect(at).await?;
///     client.write_all(b"PING\r\nQUIT\r\n").await?;
///     let mut said = String::new();
///     client.read_to_string(&mut said).await?;
///     assert_eq!(said, "+PONG\r\n+OK\r\n");
///     Ok(())
/// }).await
/// # }
/// ```
///
/// # Errors
/// Those of `accept`.
pub async fn serve_redis(listener: TcpListener, bounds: RedisBounds) -> io::Result<()> {
    let shared = Rc::new(Shared {
        redis: RefCell::new(Redis::new(bounds)),
        wires: RefCell::default(),
        begun: Instant::now(),
        deadline: Notify::new(),
    });
    spawn_local(keep_time(Rc::clone(&shared)));
    loop {
        let (stream, _) = listener.accept().await?;
        if shared.redis.borrow().clients() < bounds.connections {
            spawn_local(serve(stream, Rc::clone(&shared)));
        }
    }
}

// ANCHOR: time
/// Sleeps until the deadline, or until there is another one.
async fn keep_time(shared: Rc<Shared>) {
    loop {
        let next = shared.redis.borrow().next_deadline();
        let changed = shared.deadline.notified();
        match next.map(|when| shared.begun + when) {
            None => changed.await,
            Some(when) => tokio::select! {
                () = changed => {}
                () = sleep_until(when) => shared.work(|redis, now, wires| redis.time_passed(now, wires)),
            },
        }
    }
}
// ANCHOR_END: time

async fn serve(mut stream: TcpStream, shared: Rc<Shared>) {
    let client = shared.redis.borrow_mut().connected();
    shared.wires.borrow_mut().0.insert(client, Wire::default());
    let _ = carry(&mut stream, &shared, client).await; // an error is an end
    shared.redis.borrow_mut().disconnected(client);
    shared.wires.borrow_mut().0.remove(&client);
    let _ = stream.shutdown().await;
}

// ANCHOR: carry
/// Carries bytes both ways, until either side ends.
async fn carry(stream: &mut TcpStream, shared: &Shared, client: ClientId) -> io::Result<()> {
    let mut buffer = vec![0; 16 << 10];
    let wake = shared.wire(client, |wire| Rc::clone(&wire.wake));
    let wake = wake.unwrap_or_default();
    loop {
        let look = |wire: &mut Wire| (wire.out.is_empty(), wire.paused, wire.closing, wire.cut_off);
        let (empty, paused, closing, cut_off) = shared
            .wire(client, look)
            .unwrap_or((true, true, true, true));
        if cut_off || (closing && empty) {
            return Ok(());
        }
        tokio::select! {
            () = wake.notified() => {}
            ready = stream.readable(), if !paused && !closing => {
                ready?;
                match stream.try_read(&mut buffer) {
                    Ok(0) => return Ok(()),
                    Ok(count) => shared.work(|redis, now, wires| {
                        redis.received(client, &buffer[..count], now, wires);
                    }),
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    Err(error) => return Err(error),
                }
            }
            ready = stream.writable(), if !empty => {
                ready?;
                let written = shared.wire(client, |wire| match stream.try_write(&wire.out) {
                    Ok(count) => {
                        wire.out.drain(..count);
                        Ok(wire.out.is_empty())
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(false),
                    Err(error) => Err(error),
                });
                if written.unwrap_or(Ok(false))? {
                    shared.work(|redis, now, wires| redis.sent(client, now, wires));
                }
            }
        }
    }
}
// ANCHOR_END: carry
