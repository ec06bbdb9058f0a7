//! A server can be dropped when the process has no descriptor left to tell its threads with.
#![cfg(unix)]
use poetry::{Options, Pace, Server};
use std::{
    fs::File,
    io::Read,
    net::TcpStream,
    process::Command,
    thread,
    time::{Duration, Instant},
};

/// A hang becomes a failure: nothing here needs a hundredth of that time.
const LIMIT: Duration = Duration::from_secs(20);

/// Runs in a process of its own, for it takes every descriptor there is.
#[test]
#[ignore = "a_drop_needs_no_descriptor runs it"]
fn drops_a_server_without_descriptors() {
    let pace = Pace::at_once();
    let server = Server::start(Options {
        pace,
        ..Options::default()
    })
    .unwrap();
    let mut poem = String::new();
    let mut client = TcpStream::connect(server.addresses()[0]).unwrap();
    client.read_to_string(&mut poem).unwrap();
    while server.connections() > 0 {
        thread::yield_now(); // its descriptors must not come back later
    }
    let mut all = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        all.push(file);
    }
    drop(server);
}

#[test]
fn a_drop_needs_no_descriptor() {
    let this = std::env::current_exe().unwrap();
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -n 60 && exec \"$@\"", "sh"])
        .arg(this)
        .args(["--ignored", "--exact", "drops_a_server_without_descriptors"])
        .spawn()
        .unwrap();
    let until = Instant::now() + LIMIT;
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if Instant::now() < until => thread::sleep(Duration::from_millis(10)),
            None => {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("the drop hangs");
            }
        }
    };
    assert!(status.success(), "{status}");
}
