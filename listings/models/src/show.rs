//! What the programs of this chapter share: slow servers to fetch from, and a screen to show
//! progress on.
use poetry::{Options, Pace, Poem, Server};
use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

static QUIET: AtomicBool = AtomicBool::new(false);
/// Whether digits stand on the current line of the screen.
static LINE_OPEN: Mutex<bool> = Mutex::new(false);

/// Turns [`arrived`] and [`finished`] off, so that a measurement does not measure the screen.
pub fn quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Shows at once that a piece of poem `index` has arrived: one digit, `1` for index 0.
pub fn arrived(index: usize) {
    if QUIET.load(Ordering::Relaxed) {
        return;
    }
    let mut open = LINE_OPEN.lock().unwrap_or_else(|e| e.into_inner());
    let mut screen = io::stdout().lock();
    // A closed pipe (`| head`) is no reason to stop fetching.
    let _ = write!(screen, "{}", (index + 1) % 10).and_then(|()| screen.flush());
    *open = true;
}

/// Shows on a line of its own that poem `index` is complete and how long it is.
pub fn finished(index: usize, poem: &[u8]) {
    if QUIET.load(Ordering::Relaxed) {
        return;
    }
    let mut open = LINE_OPEN.lock().unwrap_or_else(|e| e.into_inner());
    let mut screen = io::stdout().lock();
    let end_of_digits = if *open { "\n" } else { "" };
    let _ = writeln!(
        screen,
        "{end_of_digits}poem {} finished, {} bytes",
        index + 1,
        poem.len()
    );
    *open = false;
}

/// Calls `fetch_all` with the addresses on the command line, or else with those of three slow
/// servers started for the occasion, and prints how long it took.
///
/// The three poems are of different lengths and sent at the same pace, so that the second ends
/// first and the first ends last.
///
/// # Errors
/// What `fetch_all` answers; an argument that is no address; no port to listen on.
pub fn with_slow_poems(fetch_all: impl FnOnce(&[SocketAddr]) -> io::Result<()>) -> io::Result<()> {
    let mut addresses = Vec::new();
    for arg in std::env::args().skip(1) {
        let address = arg.parse().map_err(|_| {
            io::Error::other(format!(
                "{arg} is no address; one looks like 127.0.0.1:4080"
            ))
        })?;
        addresses.push(address);
    }

    // Out here, so that it lives until the poems are fetched.
    let mut server = None;
    if addresses.is_empty() {
        let poems = ["tyger", "eagle", "hope"].map(|name| Poem::named(name).expect("is there"));
        let server = server.insert(Server::start(Options {
            poems: poems.to_vec(),
            pace: Pace::new(24, Duration::from_millis(50)),
            ..Options::default()
        })?);
        addresses.extend(server.addresses());
    }

    let started = Instant::now();
    fetch_all(&addresses)?;
    println!("took {:.1} s", started.elapsed().as_secs_f32());
    Ok(())
}
