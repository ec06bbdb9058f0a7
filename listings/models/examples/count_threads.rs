//! Threads count the finished poems together, so the number sits behind a lock.
use std::{
    io::{self, Read},
    net::{SocketAddr, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

fn main() -> io::Result<()> {
    models::with_slow_poems(fetch_all)
}

// ANCHOR: count
fn poem_finished(count: &Mutex<u32>) {
    let mut count = count.lock().expect("no thread panics while it counts");
    *count += 1;
    println!("poems finished: {count}");
}

fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    let count = Arc::new(Mutex::new(0));
    let mut threads = Vec::new();
    for &address in addresses {
        let count = Arc::clone(&count);
        threads.push(thread::spawn(move || -> io::Result<()> {
            fetch(address)?;
            poem_finished(&count);
            Ok(())
        }));
    }
    for thread in threads {
        thread.join().expect("no thread panics")?;
    }
    Ok(())
}
// ANCHOR_END: count

fn fetch(address: SocketAddr) -> io::Result<String> {
    let mut poem = String::new();
    TcpStream::connect(address)?.read_to_string(&mut poem)?;
    Ok(poem)
}
