//! A small Redis-compatible server and four clients; with an address, the server alone, until it is
//! interrupted.
use deferreds::Failure;
use protocols::{RedisBounds, RedisServer};
use reactor::{Address, Hold, react};
use std::{env, error::Error, process::ExitCode, rc::Rc, time::Duration};
use trace::say;
use transports::{Loss, Protocol, Transport, connect};

/// Sends lines, one after the other's pause in milliseconds, and shows what comes.
struct Client {
    name: &'static str,
    lines: &'static [(u64, &'static str)],
    done: Rc<Hold>,
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let mut at = Duration::ZERO;
        for (pause, line) in self.lines {
            at += Duration::from_millis(*pause);
            let (name, line, transport) = (self.name, *line, transport.clone());
            transport.handle().clone().call_later(at, move |_| {
                say!("{name} > {line}");
                transport.write_sequence([line, "\r\n"]);
            });
        }
        Ok(())
    }

    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(data)
            .trim_end()
            .replace("\r\n", " ");
        say!("{} < {text}", self.name);
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        let _ = &self.done; // the last one to go ends the program
    }
}

fn main() -> ExitCode {
    react(|reactor, done| {
        // ANCHOR: serve
        let at = env::args().nth(1);
        let alone = at.is_some();
        let at = at.unwrap_or_else(|| "127.0.0.1:0".to_owned()).parse()?;
        let server = RedisServer::new(RedisBounds::default());
        let port = trace::host("server", || server.listen(reactor, &Address::Inet(at)))?;
        // ANCHOR_END: serve
        let done = Rc::new(done);
        if alone {
            println!("listening on {}", port.address());
            std::mem::forget(done);
            return Ok(());
        }
        // ANCHOR: clients
        // A pause in milliseconds before each line.
        let sets: &[_] = &[
            (0, "SET poem hope NX"),
            (100, "SET poem wind NX"),
            (800, "QUIT"),
        ];
        let waits: &[_] = &[(200, "BLPOP jobs 60"), (800, "QUIT")];
        let checks: &[_] = &[
            (300, "WATCH poem"),
            (100, "MULTI"),
            (100, "DEL poem"),
            (100, "EXEC"),
            (500, "QUIT"),
        ];
        let pushes: &[_] = &[
            (700, "LPUSH jobs one two"),
            (100, "LLEN jobs"),
            (400, "QUIT"),
        ];
        let clients = [
            ("sets", sets),
            ("waits", waits),
            ("checks", checks),
            ("pushes", pushes),
        ];
        // ANCHOR_END: clients
        for (name, lines) in clients {
            let done = Rc::clone(&done);
            let client = move |_: &Address| Client {
                name,
                lines,
                done: Rc::clone(&done),
            };
            connect(reactor, port.address(), Rc::new(client));
        }
        Ok::<(), Box<dyn Error + Send + Sync>>(())
    })
}
