//! One loop counts the finished poems: no one else can be counting, so no lock.
use models::Downloads;
use std::{cell::Cell, io, net::SocketAddr, rc::Rc};

fn main() -> io::Result<()> {
    models::with_slow_poems(fetch_all)
}

// ANCHOR: count
fn poem_finished(count: &Cell<u32>) {
    count.set(count.get() + 1);
    println!("poems finished: {}", count.get());
}

fn fetch_all(addresses: &[SocketAddr]) -> io::Result<()> {
    let count = Rc::new(Cell::new(0));
    let mut downloads = Downloads::new()?;
    for &address in addresses {
        let count = Rc::clone(&count);
        downloads.fetch(address, move |_poem| poem_finished(&count))?;
    }
    downloads.run()
}
// ANCHOR_END: count
