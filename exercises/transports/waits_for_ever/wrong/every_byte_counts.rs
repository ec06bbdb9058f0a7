//! Wrong: each byte begins the five seconds again, so a server that drips holds it for ever.
use std::{cell::RefCell, rc::Rc, time::Duration};
use untwisted::{
    deferreds::Failure,
    reactor::{DelayedCall, Handle},
    transports::{Address, Factory, Loss, Protocol, Transport, connect},
};

/// From `connection_made` on.
pub const LIMIT: Duration = Duration::from_secs(5);

/// The longest line that is an answer, in bytes.
const LONGEST: usize = 1024;

/// What became of a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The first line that came, without its end.
    Line(String),
    /// Five seconds have passed.
    TooLate,
    /// There was no connection, or it ended before a line was whole.
    Broken,
}

/// Is told what became of the question.
pub type Told = Rc<dyn Fn(Answer)>;

/// Tells once: the first one that knows takes it out.
struct Report(RefCell<Option<Told>>);

impl Report {
    fn tell(&self, answer: Answer) {
        let told = self.0.take();
        if let Some(told) = told {
            told(answer);
        }
    }
}

struct Asks {
    question: Rc<str>,
    report: Rc<Report>,
    line: Vec<u8>,
    alarm: Option<DelayedCall>,
}

impl Protocol for Asks {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(&*self.question);
        let (late, report) = (transport.clone(), Rc::clone(&self.report));
        let alarm = transport.handle().call_later(LIMIT, move |_| {
            report.tell(Answer::TooLate);
            late.abort_connection();
        });
        self.alarm = Some(alarm);
        Ok(())
    }

    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.line.extend_from_slice(data);
        if let Some(end) = self.line.iter().position(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(&self.line[..end]);
            self.report.tell(Answer::Line(line.into_owned()));
            transport.lose_connection();
        } else if self.line.len() > LONGEST {
            return Err(Failure::new("the line is too long"));
        } else if let Some(alarm) = &self.alarm {
            alarm.reset(LIMIT)?;
        }
        Ok(())
    }

    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        self.report.tell(Answer::Broken);
        if let Some(alarm) = self.alarm.take() {
            let _ = alarm.cancel(); // it may be what ended the connection
        }
    }
}

struct Asking {
    question: Rc<str>,
    report: Rc<Report>,
}

impl Factory for Asking {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        Some(Box::new(Asks {
            question: Rc::clone(&self.question),
            report: Rc::clone(&self.report),
            line: Vec::new(),
            alarm: None,
        }))
    }

    fn connection_failed(&self, _: &Address, _: Failure) {
        self.report.tell(Answer::Broken);
    }
}

/// Connects to the server at `to`, writes the question, and tells what became of it.
pub fn ask(reactor: &Handle, to: &Address, question: &str, told: Told) {
    let asking = Asking {
        question: question.into(),
        report: Rc::new(Report(RefCell::new(Some(told)))),
    };
    connect(reactor, to, Rc::new(asking));
}
