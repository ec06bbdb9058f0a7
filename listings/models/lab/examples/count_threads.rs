//! The twin of counting in threads: `tokio::spawn` asks for `Send`, so the lock is back.
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{io::AsyncReadExt, net::TcpStream};

fn main() -> io::Result<()> {
    models::with_slow_poems(|addresses| {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(fetch_all(addresses))
    })
}

fn poem_finished(count: &Mutex<u32>) {
    let mut count = count.lock().expect("no task panics while it counts");
    *count += 1;
    println!("poems finished: {count}");
}

async fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    let count = Arc::new(Mutex::new(0));
    let mut tasks = Vec::new();
    for &address in addresses {
        let count = Arc::clone(&count);
        tasks.push(tokio::spawn(async move {
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
