//! Finger: a name in, what is said of that person out.
use applications::{Services, Serving, Settings};
use deferreds::{Deferred, Failure, defer_to_thread};
use protocols::{Limits, Lines, Receiver, Receiving, TimeOut};
use reactor::Handle;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use transports::{Address, Factory, Transport};

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

/// Ten connections from one peer, and a hundred in all, each of which may be silent for a minute.
pub fn factory(plans: Plans) -> Rc<dyn Factory> {
    let plans = Rc::new(plans);
    let fingers = Rc::new(move |_: &Address| {
        let plans = plans.clone();
        let finger = Receiving::new(
            Lines::new(100),
            Finger {
                plans,
                asked: false,
            },
        );
        TimeOut::new(Duration::from_secs(60), finger)
    });
    Limits::new(100, 10).around(fingers)
}

pub fn add(services: &Services, settings: &Settings) -> Result<(), Failure> {
    let plans = settings
        .program
        .get("plans")
        .and_then(|plans| plans.as_str());
    let factory = factory(Plans(plans.unwrap_or("plans.txt").into()));
    for at in settings.endpoints("tcp:79")? {
        services.add(Serving::new("finger", at, factory.clone()));
    }
    Ok(())
}
