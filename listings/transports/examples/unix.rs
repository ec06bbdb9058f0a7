//! The echo server over a Unix socket, at a path that a killed process has left behind.
use deferreds::Failure;
use reactor::{Address, Handle, Hold, react};
use std::{env, fs, io, os::unix::net::UnixListener, process::ExitCode, rc::Rc};
use trace::say;
use transports::{Loss, Protocol, Transport, connect, listen};

struct Echo;

impl Protocol for Echo {
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        transport.write(data);
        Ok(())
    }
}

struct Client {
    done: Option<Hold>,
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write("Gather ye rosebuds");
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        say!("echo: {}", String::from_utf8_lossy(data));
        transport.lose_connection();
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        say!("{why}");
        drop(self.done.take());
    }
}

// ANCHOR: main
fn main() -> ExitCode {
    react(|reactor: &Handle, done| {
        let folder = env::temp_dir().join(format!("untwisted-echo-{}", std::process::id()));
        fs::create_dir(&folder)?;
        let path = folder.join("socket");
        drop(UnixListener::bind(&path)?); // the standard library leaves the path behind
        say!("the path is there: {}", path.exists());

        let port = listen(
            reactor,
            &Address::Unix(path.clone()),
            Rc::new(|_: &Address| Echo),
        )?;
        let second = listen(reactor, port.address(), Rc::new(|_: &Address| Echo));
        say!(
            "a second listener: {}",
            second.map_or_else(|e| e.kind().to_string(), |_| "open".into())
        );

        let client = move |_: &Address| Client {
            done: Some(done.clone()),
        };
        connect(reactor, port.address(), Rc::new(client));
        reactor.before_shutdown(move |_, _| {
            port.stop_listening();
            say!("the path is there: {}", path.exists());
            let _ = fs::remove_dir_all(&folder);
        });
        Ok::<(), io::Error>(())
    })
}
// ANCHOR_END: main
