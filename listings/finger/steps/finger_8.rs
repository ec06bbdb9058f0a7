//! Finger: a name in, what is said of that person out.
use deferreds::{Deferred, Failure, defer_to_thread};
use protocols::{Lines, Receiver, Receiving};
use reactor::Handle;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use transports::{Address, Port, Transport, listen};

/// Who is known, and what is said of them. No connection, no bytes.
pub struct Users(BTreeMap<String, String>);

impl Users {
    /// From lines such as `emily: Hope is the thing with feathers`.
    pub fn parse(text: &str) -> Users {
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        Users(
            lines
                .map(|(name, about)| (name.trim().into(), about.trim().into()))
                .collect(),
        )
    }

    pub fn about(&self, name: &str) -> String {
        let about = self.0.get(name).cloned();
        about.unwrap_or_else(|| "No such user".to_owned())
    }
}

/// The file as it is at each question. A disk may be slow, so a thread reads it.
pub struct Plans(pub PathBuf);

impl Plans {
    pub fn about(&self, reactor: &Handle, name: String) -> Deferred<String> {
        let file = self.0.clone();
        defer_to_thread(reactor, move || {
            let text = std::fs::read_to_string(file)?;
            Ok(Users::parse(&text).about(&name))
        })
    }
}

struct Finger {
    plans: Rc<Plans>,
    asked: bool,
}

impl Receiver<Vec<u8>> for Finger {
    fn message_received(&mut self, transport: &Transport, line: Vec<u8>) -> Result<(), Failure> {
        let name = String::from_utf8_lossy(&line).trim().to_owned();
        let answers = transport.clone();
        let about = self.plans.about(transport.handle(), name);
        about.on_result(move |about| {
            let about = about.unwrap_or_else(|_| "Ask again later".to_owned());
            answers.write(format!("{about}\r\n"));
            answers.lose_connection();
        });
        self.asked = true;
        Ok(())
    }

    fn peer_closed(&mut self, transport: &Transport) {
        if !self.asked {
            transport.lose_connection();
        }
    }
}

pub fn serve(reactor: &Handle, plans: Plans) -> Result<Port, Failure> {
    let plans = Rc::new(plans);
    let factory = Rc::new(move |_: &Address| {
        let plans = plans.clone();
        Receiving::new(
            Lines::new(100),
            Finger {
                plans,
                asked: false,
            },
        )
    });
    Ok(listen(reactor, &Address::loopback(79), factory)?)
}
