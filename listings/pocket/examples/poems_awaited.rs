//! Three poems at once, each in a task, and a task that awaits them in order.
#[path = "poems_in_order.rs"]
#[allow(dead_code, reason = "it is a program of its own, too")]
mod poems_in_order;
use poems_in_order::get_poem;
use poetry::{Options, Pace, Poem, Server};
use std::{io, net::SocketAddr, time::Duration};
// ANCHOR: first_line
use pocket::deferred::Failure;
use pocket::reactor::{Handle, Reactor};
use pocket::task::Tasks;

async fn first_line(reactor: Handle, address: SocketAddr) -> Result<String, Failure> {
    let poem = get_poem(&reactor, address).await?;
    Ok(poem.lines().next().ok_or("the poem is empty")?.to_owned())
}
// ANCHOR_END: first_line

fn main() -> io::Result<()> {
    let poems = ["hope", "wind", "requiem"].map(|name| Poem::named(name).unwrap()).to_vec();
    let pace = Pace::new(120, Duration::from_millis(20));
    let servers = Server::start(Options { poems, pace, ..Options::default() })?;
    // ANCHOR: main
    let mut reactor = Reactor::new()?;
    let h = reactor.handle();
    let tasks = Tasks::new(&h)?;
    let begin = |at: &SocketAddr| tasks.spawn(first_line(h.clone(), *at));
    let lines: Vec<_> = servers.addresses().iter().map(begin).collect();
    let end = tasks.spawn(async {
        for line in lines {
            println!("{}", line.await?);
        }
        Ok(())
    });
    end.on_result(move |_| h.stop());
    reactor.run()?;
    // ANCHOR_END: main
    Ok(())
}
