//! The twin of counting in one loop: local tasks may share an `Rc<Cell>`.
use std::{cell::Cell, io, net::SocketAddr, rc::Rc};
use tokio::{io::AsyncReadExt, net::TcpStream, task::LocalSet};

fn main() -> io::Result<()> {
    models::with_slow_poems(|addresses| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(LocalSet::new().run_until(fetch_all(addresses)))
    })
}

fn poem_finished(count: &Cell<u32>) {
    count.set(count.get() + 1);
    println!("poems finished: {}", count.get());
}

async fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    let count = Rc::new(Cell::new(0));
    let mut tasks = Vec::new();
    for &address in addresses {
        let count = Rc::clone(&count);
        tasks.push(tokio::task::spawn_local(async move {
            fetch(address).await?;
            poem_finished(&count);
            io::Result::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(())
}

async fn fetch(address: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(address)
        .await?
        .read_to_string(&mut poem)
        .await?;
    Ok(poem)
}
