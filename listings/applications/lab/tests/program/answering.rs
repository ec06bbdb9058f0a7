//! The program: it answers questions about its own process.
use applications::{Service, Serving, program};
use deferreds::{Deferred, Failure, defer_to_thread};
use protocols::{Lines, Receiver, Receiving};
use reactor::Handle;
use std::{env, process::ExitCode, rc::Rc, time::Duration};
use transports::{Address, Transport};

/// Answers questions about its own process.
struct Answers;

impl Receiver<Vec<u8>> for Answers {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        let answer = match line.as_slice() {
            b"process" => std::process::id().to_string(),
            b"user" => nix::unistd::geteuid().to_string(),
            b"folder" => env::current_dir()?.display().to_string(),
            b"panic" => panic!("somebody asked for it"),
            b"wait" => return Ok(()), // for the next line
            b"thread" => {
                // Its result comes by a wake-up from another thread.
                let answers = transport.clone();
                defer_to_thread(transport.handle(), || Ok("a thread")).on_result(move |said| {
                    answers.write(format!("{}\r\n", said.unwrap_or("no thread")));
                    answers.lose_connection();
                });
                return Ok(());
            }
            other => String::from_utf8_lossy(other).into_owned(),
        };
        transport.write(format!("{answer}\r\n"));
        transport.lose_connection();
        Ok(())
    }
}

/// Never stops.
struct Hangs;

impl Service for Hangs {
    fn name(&self) -> &str {
        "hangs"
    }
    fn start(&self, _: &Handle) -> Result<(), Failure> {
        Ok(())
    }
    fn stop(&self, _: &Handle) -> Deferred<()> {
        let (never, stopped) = Deferred::with_canceller(std::mem::forget);
        std::mem::forget(never);
        stopped
    }
}

pub(crate) fn answering() -> ExitCode {
    program("answering", |_, services, settings| {
        if settings.program.contains_key("hang") {
            services.add(Rc::new(Hangs));
        }
        let grace = Duration::from_secs(30);
        for endpoint in settings.endpoints("tcp:0:interface=127.0.0.1")? {
            let factory = Rc::new(|_: &Address| Receiving::new(Lines::new(100), Answers));
            services.add(Serving::with_grace("answers", endpoint, factory, grace));
        }
        Ok(())
    })
}
