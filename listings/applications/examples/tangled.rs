//! A caching finger proxy in one piece: everything works, and nothing can be taken out.
use deferreds::Failure;
use reactor::{Handle, Reactor, Sim, Time};
use std::{cell::RefCell, collections::HashMap, rc::Rc, time::Duration};
use transports::{Address, Loss, Protocol, Transport, connect, listen};

// ANCHOR: tangled
type Known = Rc<RefCell<HashMap<String, (Time, Vec<u8>)>>>;

/// Both sides of the proxy. Which one it is shows in which fields are filled.
struct Proxy {
    known: Known,
    name: Option<String>,
    client: Option<Transport>,
    bytes: Vec<u8>,
}

impl Protocol for Proxy {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        if let (Some(name), Some(_)) = (&self.name, &self.client) {
            transport.write(format!("{name}\r\n"));
        }
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.bytes.extend_from_slice(data);
        if self.client.is_some() {
            return Ok(()); // the answer; it is whole when the server closes
        }
        let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') else {
            return Ok(());
        };
        let name = String::from_utf8_lossy(&self.bytes[..end])
            .trim()
            .to_owned();
        let now = transport.handle().now();
        if let Some((until, about)) = self.known.borrow().get(&name)
            && now < *until
        {
            transport.write(about);
            transport.lose_connection();
            return Ok(());
        }
        let (known, client) = (self.known.clone(), transport.clone());
        let factory = move |_: &Address| Proxy {
            known: known.clone(),
            name: Some(name.clone()),
            client: Some(client.clone()),
            bytes: Vec::new(),
        };
        connect(transport.handle(), &Address::loopback(79), Rc::new(factory));
        Ok(())
    }

    fn connection_lost(&mut self, transport: &Transport, _: Loss) {
        if let (Some(name), Some(client)) = (self.name.take(), self.client.take()) {
            client.write(&self.bytes);
            client.lose_connection();
            let until = transport.handle().now() + Duration::from_secs(60);
            self.known
                .borrow_mut()
                .insert(name, (until, std::mem::take(&mut self.bytes)));
        }
    }
}
// ANCHOR_END: tangled

fn main() -> Result<(), Failure> {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    listen(
        &handle,
        &Address::loopback(79),
        Rc::new(|_: &Address| Backend),
    )?;
    let known = Known::default();
    let factory = move |_: &Address| Proxy {
        known: known.clone(),
        name: None,
        client: None,
        bytes: Vec::new(),
    };
    listen(&handle, &Address::loopback(4079), Rc::new(factory))?;
    for second in [0, 10, 100] {
        handle.call_later(Duration::from_secs(second), ask);
    }
    handle.call_later(Duration::from_secs(200), |reactor| reactor.stop().unwrap());
    Ok(reactor.run()?)
}

fn ask(reactor: &Handle) {
    println!("{:.0}: emily?", reactor.now());
    connect(
        reactor,
        &Address::loopback(4079),
        Rc::new(|_: &Address| Asks),
    );
}

/// The server behind the proxy.
struct Backend;

impl Protocol for Backend {
    fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
        println!("  the server is asked");
        transport.write("Hope is the thing with feathers\r\n");
        transport.lose_connection();
        Ok(())
    }
}

struct Asks;

impl Protocol for Asks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("emily\r\n");
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        println!("  {}", String::from_utf8_lossy(data).trim_end());
        Ok(())
    }
}
