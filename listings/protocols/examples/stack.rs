//! Who called `data_received`: the stack, from the innermost call to `main`.
use deferreds::Failure;
use reactor::{Hold, react};
use recital::recite;
use std::{backtrace::Backtrace, cell::Cell, io, process::ExitCode, rc::Rc};
use transports::{Address, Factory, Protocol, Transport, connect};

// ANCHOR: stack
struct Asks(Option<Hold>);

impl Protocol for Asks {
    fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
        for call in ours(&Backtrace::force_capture().to_string()) {
            println!("{call}");
        }
        transport.abort_connection();
        self.0.take();
        Ok(())
    }
}

/// The calls whose source is in this repository, innermost first: the function, and its file.
fn ours(stack: &str) -> Vec<String> {
    let mut calls = Vec::new();
    let mut name = "";
    for line in stack.lines() {
        let line = line.trim();
        if let Some(place) = line.strip_prefix("at ") {
            if let Some((_, file)) = place.split_once("listings/") {
                let file = file.split(':').next().unwrap_or(file);
                let name = short(name);
                if !name.is_empty() && !name.starts_with('{') {
                    calls.push(format!("{name:16} {file}"));
                }
            }
        } else if let Some((_, function)) = line.split_once(": ") {
            name = function;
        }
    }
    calls
}

/// `data_received` of `<stack::Asks as transports::contract::Protocol>::data_received`.
fn short(name: &str) -> &str {
    let name = name
        .trim_start_matches('<')
        .split('<')
        .next()
        .unwrap_or(name);
    let name = name.strip_suffix("::{{closure}}").unwrap_or(name);
    name.rsplit("::").next().unwrap_or(name)
}
// ANCHOR_END: stack

struct Once(Cell<Option<Hold>>);

impl Factory for Once {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Asks(self.0.take())))
    }
}

fn main() -> ExitCode {
    react(|reactor, done| {
        let address = recite(reactor, &["eagle"])?.remove(0);
        connect(reactor, &address, Rc::new(Once(Cell::new(Some(done)))));
        Ok::<(), io::Error>(())
    })
}
