//! The twin of `coroutines/fetch_forms`: the same four forms on tokio.
use poetry::{Options, Pace, Poem, Server};
use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};
use tokio::{io::AsyncReadExt, net::TcpStream, sync::oneshot, time::Instant};

// ANCHOR: get
async fn get_poem(at: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    let mut stream = TcpStream::connect(at).await?;
    stream.read_to_string(&mut poem).await?;
    Ok(poem)
}
// ANCHOR_END: get

// ANCHOR: callbacks
mod callbacks {
    use super::*;
    use std::{cell::Cell, rc::Rc};
    use tokio::task::spawn_local;

    /// The function of the reactor's world, with a task inside.
    fn fetch(at: SocketAddr, done: impl FnOnce(io::Result<String>) + 'static) {
        spawn_local(async move { done(get_poem(at).await) });
    }

    struct Count<F> {
        missing: Cell<usize>,
        bytes: Cell<usize>,
        done: Cell<Option<F>>,
    }

    pub(super) fn total<F: FnOnce(io::Result<usize>) + 'static>(at: &[SocketAddr], done: F) {
        let count = Rc::new(Count {
            missing: Cell::new(at.len()),
            bytes: Cell::new(0),
            done: Cell::new(Some(done)),
        });
        for at in at {
            let count = count.clone();
            fetch(*at, move |result| {
                let result = result.map(|poem| {
                    count.bytes.set(count.bytes.get() + poem.len());
                    count.missing.set(count.missing.get() - 1);
                    count.bytes.get()
                });
                if (result.is_err() || count.missing.get() == 0)
                    && let Some(done) = count.done.take()
                {
                    done(result);
                }
            });
        }
    }
}
// ANCHOR_END: callbacks

// ANCHOR: deferreds
mod tasks {
    use super::*;
    use tokio::task::JoinSet;

    pub(super) async fn total(at: &[SocketAddr]) -> io::Result<usize> {
        let mut poems: JoinSet<_> = at.iter().map(|at| get_poem(*at)).collect();
        let mut bytes = 0;
        while let Some(poem) = poems.join_next().await {
            bytes += poem??.len();
        }
        Ok(bytes)
    }
}
// ANCHOR_END: deferreds

// ANCHOR: machine
mod machine {
    use super::*;
    use std::{
        pin::Pin,
        task::{Context, Poll},
    };

    pub(super) struct Total {
        missing: Vec<Pin<Box<dyn Future<Output = io::Result<String>>>>>,
        bytes: usize,
    }

    pub(super) fn total(at: &[SocketAddr]) -> Total {
        let poems = at.iter().map(|at| Box::pin(get_poem(*at)) as _);
        Total {
            missing: poems.collect(),
            bytes: 0,
        }
    }

    impl Future for Total {
        type Output = io::Result<usize>;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
            let mut missing = Vec::new();
            for mut poem in std::mem::take(&mut self.missing) {
                match poem.as_mut().poll(context) {
                    Poll::Ready(text) => self.bytes += text?.len(),
                    Poll::Pending => missing.push(poem),
                }
            }
            self.missing = missing;
            match self.missing.is_empty() {
                true => Poll::Ready(Ok(self.bytes)),
                false => Poll::Pending,
            }
        }
    }
}
// ANCHOR_END: machine

// ANCHOR: async
mod coroutine {
    use super::*;
    use futures_util::future::join_all;

    pub(super) async fn total(at: &[SocketAddr]) -> io::Result<usize> {
        let mut bytes = 0;
        for poem in join_all(at.iter().map(|at| get_poem(*at))).await {
            bytes += poem?.len();
        }
        Ok(bytes)
    }
}
// ANCHOR_END: async

// ANCHOR: main
async fn all() -> io::Result<()> {
    let server = recite(&["hope", "tyger", "eagle"])?;
    let served = server.addresses().to_vec();
    let one_fails = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 1)), served[0]];
    for at in [served, one_fails] {
        println!("{} poems", at.len());
        let (sender, total) = oneshot::channel();
        let start = Instant::now();
        callbacks::total(&at, |result| sender.send(result).unwrap());
        show("callbacks", total.await.unwrap(), start);

        let start = Instant::now();
        show("tasks", tasks::total(&at).await, start);

        let start = Instant::now();
        show("a state machine", machine::total(&at).await, start);

        let start = Instant::now();
        show("an async fn", coroutine::total(&at).await, start);
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    tokio::task::LocalSet::new().run_until(all()).await
}
// ANCHOR_END: main

fn show(form: &str, total: io::Result<usize>, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    match total {
        Ok(bytes) => println!("    {form}: {bytes} bytes after {seconds:.1} s"),
        Err(_) => println!("    {form}: failed after {seconds:.1} s"),
    }
}

fn recite(names: &[&str]) -> io::Result<Server> {
    Server::start(Options {
        poems: names.iter().filter_map(|name| Poem::named(name)).collect(),
        pace: Pace::new(120, Duration::from_millis(100)),
        ..Options::default()
    })
}
