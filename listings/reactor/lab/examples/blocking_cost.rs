//! What a callback that blocks costs every other connection.
use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

const CLIENTS: usize = 8;
const FOR: Duration = Duration::from_secs(1);
/// So often something slow is done on the server.
const EVERY: Duration = Duration::from_millis(100);

/// What is slow: a call that blocks for so long, in the loop or beside it.
#[derive(Clone, Copy)]
struct Slow {
    takes: Duration,
    elsewhere: bool,
}

impl Slow {
    fn work(self) {
        thread::sleep(self.takes);
    }
}

fn main() {
    let ms = Duration::from_millis;
    println!("{CLIENTS} connections, every 100 ms something slow on the server");
    println!();
    println!("                                round trip of the others, in ms");
    println!("loop     slow work              median   1 in 100      worst");
    for (name, serve) in [
        ("ours", ours::serve as fn(Slow) -> Server),
        ("tokio", twin::serve),
    ] {
        for takes in [0, 1, 10, 50] {
            let slow = Slow {
                takes: ms(takes),
                elsewhere: false,
            };
            report(name, &format!("{takes} ms in the loop"), serve(slow));
        }
        let slow = Slow {
            takes: ms(50),
            elsewhere: true,
        };
        report(name, "50 ms in a thread", serve(slow));
    }
}

/// A running echo server: where it listens, and how to stop it.
struct Server {
    address: SocketAddr,
    stop: Box<dyn FnOnce()>,
    thread: thread::JoinHandle<()>,
}

/// Lets clients talk to the server, and prints how long their round trips took.
fn report(name: &str, slow: &str, server: Server) {
    let address = server.address;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| thread::spawn(move || round_trips(address)))
        .collect();
    let mut trips: Vec<f64> = clients
        .into_iter()
        .flat_map(|client| client.join().unwrap())
        .collect();
    trips.sort_by(f64::total_cmp);
    let at = |part: f64| trips[((trips.len() - 1) as f64 * part) as usize];
    println!(
        "{name:<8} {slow:<18} {:>10.2} {:>10.2} {:>10.2}",
        at(0.5),
        at(0.99),
        at(1.0)
    );
    (server.stop)();
    server.thread.join().unwrap();
}

fn round_trips(address: SocketAddr) -> Vec<f64> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    let start = Instant::now();
    let mut trips = Vec::new();
    while start.elapsed() < FOR {
        let asked = Instant::now();
        stream.write_all(b"?").unwrap();
        stream.read_exact(&mut [0]).unwrap();
        trips.push(asked.elapsed().as_secs_f64() * 1e3);
        thread::sleep(Duration::from_millis(3));
    }
    trips
}

mod ours {
    use super::*;
    use reactor::{Address, Handle, Id, Os, Reactor, Readiness, Source};
    use std::rc::Rc;

    struct Listener;

    impl Source for Listener {
        fn ready(self: Rc<Self>, reactor: &Handle, listener: Id, _: Readiness) {
            while let Ok((stream, _)) = reactor.accept(listener) {
                reactor.register(stream, Rc::new(Echo));
            }
        }
    }

    struct Echo;

    impl Source for Echo {
        fn ready(self: Rc<Self>, reactor: &Handle, stream: Id, _: Readiness) {
            let mut bytes = [0; 64];
            while let Ok(n @ 1..) = reactor.read(stream, &mut bytes) {
                reactor.write(stream, &bytes[..n]).unwrap();
            }
        }
    }

    // ANCHOR: ours
    fn now_and_then(reactor: &Handle, slow: Slow) {
        if slow.elsewhere {
            reactor.offload(move || slow.work(), |_, ()| {});
        } else {
            slow.work();
        }
        reactor.call_later(EVERY, move |reactor| now_and_then(reactor, slow));
    }
    // ANCHOR_END: ours

    pub(super) fn serve(slow: Slow) -> Server {
        let (started, wait) = mpsc::channel();
        let thread = thread::spawn(move || {
            let mut reactor = Reactor::new(Os::new().unwrap());
            let handle = reactor.handle();
            let listener = handle.listen(&Address::loopback(0)).unwrap();
            handle.register(listener, Rc::new(Listener));
            handle.call_soon(move |reactor| now_and_then(reactor, slow));
            let address = handle.local_address(listener).unwrap();
            started.send((address, handle.remote())).unwrap();
            reactor.run().unwrap();
        });
        let (address, remote) = wait.recv().unwrap();
        let Address::Inet(address) = address else {
            unreachable!("it listens on loopback")
        };
        let stop = Box::new(move || remote.call(|reactor| reactor.stop().unwrap()));
        Server {
            address,
            stop,
            thread,
        }
    }
}

mod twin {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        sync::oneshot,
        task, time,
    };

    // ANCHOR: tokio
    async fn now_and_then(slow: Slow) {
        let mut beat = time::interval(EVERY);
        loop {
            beat.tick().await;
            if slow.elsewhere {
                task::spawn_blocking(move || slow.work());
            } else {
                slow.work();
            }
        }
    }
    // ANCHOR_END: tokio

    async fn listen(listener: TcpListener) {
        while let Ok((mut stream, _)) = listener.accept().await {
            task::spawn(async move {
                let mut bytes = [0; 64];
                while let Ok(n @ 1..) = stream.read(&mut bytes).await {
                    stream.write_all(&bytes[..n]).await.unwrap();
                }
            });
        }
    }

    pub(super) fn serve(slow: Slow) -> Server {
        let (started, wait) = mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                started.send(listener.local_addr().unwrap()).unwrap();
                task::spawn(listen(listener));
                task::spawn(now_and_then(slow));
                let _ = stopped.await;
            });
        });
        let address = wait.recv().unwrap();
        Server {
            address,
            stop: Box::new(|| stop.send(()).unwrap()),
            thread,
        }
    }
}
