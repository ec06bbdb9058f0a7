//! Each step of the finger server in a simulated world, with a client that asks and one that does
//! not.
use applications::{Service, Services, Settings};
use deferreds::Failure;
use reactor::{Address, Handle, Reactor, Sim};
use std::{cell::RefCell, path::Path, rc::Rc, time::Duration};
use transports::{Loss, Protocol, Transport, connect};

#[path = "../steps/finger_1.rs"]
mod step_1;
#[path = "../steps/finger_10.rs"]
mod step_10;
#[path = "../steps/finger_11.rs"]
mod step_11;
#[path = "../steps/finger_2.rs"]
mod step_2;
#[path = "../steps/finger_3.rs"]
mod step_3;
#[path = "../steps/finger_4.rs"]
mod step_4;
#[path = "../steps/finger_5.rs"]
mod step_5;
#[path = "../steps/finger_6.rs"]
mod step_6;
#[path = "../steps/finger_7.rs"]
mod step_7;
#[path = "../steps/finger_8.rs"]
mod step_8;
#[path = "../steps/finger_9.rs"]
mod step_9;

const PLANS: &str = "emily: Hope is the thing with feathers\nchristina: Who has seen the wind?\n";

/// Asks for one person, and notes what it hears and how it ends.
struct Asks(&'static str, Rc<RefCell<String>>);

impl Protocol for Asks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        if self.0.is_empty() {
            return Ok(());
        }
        // In two pieces, as a network may deliver it.
        let (first, rest) = self.0.split_at(self.0.len() / 2);
        transport.write(first);
        let (later, rest) = (transport.clone(), rest.to_owned());
        transport
            .handle()
            .call_later(Duration::from_secs(1), move |_| later.write(rest + "\r\n"));
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.1
            .borrow_mut()
            .push_str(String::from_utf8_lossy(data).trim_end());
        Ok(())
    }
    fn connection_lost(&mut self, transport: &Transport, _: Loss) {
        let after = transport.handle().now().as_millis() / 1000;
        self.1
            .borrow_mut()
            .push_str(&format!(" (the end, after {after} s)"));
    }
}

/// What the server says of one person within two minutes.
fn ask(who: &'static str, serve: &dyn Fn(&Handle)) -> String {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    serve(&handle);
    let heard = Rc::new(RefCell::new(String::new()));
    let notes = heard.clone();
    let factory = Rc::new(move |_: &Address| Asks(who, notes.clone()));
    connect(&handle, &Address::loopback(79), factory);
    handle.call_later(Duration::from_secs(120), |reactor| {
        reactor.stop().expect("it runs")
    });
    reactor.run().expect("a simulated world does not fail");
    match heard.take() {
        silence if silence.is_empty() => "nothing".to_owned(),
        heard => heard.trim_start().to_owned(),
    }
}

// ANCHOR: main
fn main() -> Result<(), Failure> {
    let plans = std::env::temp_dir().join(format!("plans-{}.txt", std::process::id()));
    std::fs::write(&plans, PLANS)?;
    let steps: [&dyn Fn(&Handle); 12] = [
        &|reactor| drop(step_1::serve(reactor).unwrap()),
        &|reactor| drop(step_2::serve(reactor).unwrap()),
        &|reactor| drop(step_3::serve(reactor).unwrap()),
        &|reactor| drop(step_4::serve(reactor).unwrap()),
        &|reactor| drop(step_5::serve(reactor).unwrap()),
        &|reactor| drop(step_6::serve(reactor).unwrap()),
        &|reactor| drop(step_7::serve(reactor, step_7::Users::parse(PLANS)).unwrap()),
        &|reactor| drop(step_8::serve(reactor, step_8::Plans(plans.clone())).unwrap()),
        &|reactor| drop(step_9::serve(reactor, step_9::Plans(plans.clone())).unwrap()),
        &|reactor| {
            service(reactor, |services| {
                let at = "tcp:79:interface=127.0.0.1".parse().unwrap();
                step_10::add(services, step_10::Plans(plans.clone()), at);
            })
        },
        &|reactor| {
            service(reactor, |services| {
                step_11::add(services, &told(&plans)).unwrap()
            })
        },
        &|reactor| {
            service(reactor, |services| {
                finger::finger::add(services, &told(&plans)).unwrap()
            })
        },
    ];
    for (step, number) in steps.iter().zip(1..) {
        println!("step {number}: {}", ask("emily", step));
        println!("  to silence: {}", ask("", step));
    }
    Ok(std::fs::remove_file(plans)?)
}
// ANCHOR_END: main

fn service(reactor: &Handle, add: impl FnOnce(&Services)) {
    let services = Services::new("finger", Duration::from_secs(10));
    add(&services);
    services.start(reactor).expect("nobody has the port");
}

/// As a file of settings would.
fn told(plans: &Path) -> Settings {
    let mut program = toml::Table::new();
    program.insert("plans".to_owned(), plans.display().to_string().into());
    Settings {
        program,
        ..Settings::default()
    }
}
