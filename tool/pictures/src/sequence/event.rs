//! One event as an arrow or a note of a sequence diagram.
use super::Writer;
use crate::{
    clause::clause,
    facts::{Loss, Queued},
    text, words,
};
use trace::{Kind, read::Event};

impl Writer<'_> {
    pub(super) fn event(&mut self, event: &Event) {
        if self.of_the_loop(event) || self.of_a_connection(event) {
            return;
        }
        let home = self.home(event);
        let text = clause(self.story, event, true);
        if event.known.is_some() && words::is_error(event) {
            self.arrow(&home, "--x", &home, &text);
        } else {
            self.note(&home, &text);
        }
    }

    /// Draws what is printed, timers, calls in the queue, jobs and polls; returns whether it was
    /// one.
    fn of_the_loop(&mut self, event: &Event) -> bool {
        let home = self.home(event);
        let object = self.story.object(event);
        match event.known {
            Some(Kind::Out) => {
                let text = text::short(event.text("text").unwrap_or(""), 60);
                self.note(&home, &format!("prints “{text}”"));
            }
            Some(Kind::Note) => {
                let (over, text) = (self.all(), event.text("text").unwrap_or("").to_owned());
                self.note(&over, &text);
            }
            Some(Kind::TimerSet) => {
                let when = match words::delay(event) {
                    // Kept on one line.
                    Some(delay) => format!("in\u{a0}{}", delay.replace(' ', "\u{a0}")),
                    None => "on hold".to_owned(),
                };
                let moved = if self.story.again(event) { "now " } else { "" };
                self.asks(event, &format!("{object}: {moved}{when}"));
            }
            Some(Kind::TimerFire) => self.calls(event, &format!("{object} fires")),
            Some(Kind::TimerCancel) => self.asks(event, &format!("cancel {object}")),
            Some(Kind::CallQueue) if Queued::of(event) == Queued::Stop => self.asks(event, "stop"),
            Some(Kind::CallQueue) if Queued::of(event) == Queued::Thread => {
                self.note("R", &format!("{object} comes from a thread"));
            }
            Some(Kind::CallQueue) => self.asks(event, &format!("{object}: soon")),
            Some(Kind::CallRun) if self.story.stops(event) => self.note("R", "begins to stop"),
            Some(Kind::CallRun) if self.story.job(event).is_some() => {
                let job = self.story.job(event).unwrap_or_default();
                let job = self.story.named(job);
                self.arrow("T", "-)", "R", &format!("{job} is done"));
                self.calls(event, "its result");
            }
            Some(Kind::CallRun) if object.is_empty() => self.calls(event, "a thread's call"),
            Some(Kind::CallRun) => self.calls(event, &format!("{object} runs")),
            Some(Kind::JobQueue) => self.arrow(&home, "-)", "T", &object),
            Some(Kind::JobStart) if self.reactor => {
                self.arrow("T", "-)", "R", &format!("{object} is done"));
            }
            Some(Kind::TaskPoll) => self.calls(event, &format!("poll {object}")),
            _ => return false,
        }
        true
    }

    /// Draws sockets and what passes through them; returns whether it was that.
    fn of_a_connection(&mut self, event: &Event) -> bool {
        let home = self.home(event);
        let object = self.story.object(event);
        // A line of its own; the quote counts as one word, so that it is not broken again.
        let piece = |text: &str| format!(" “{}”", text::short(text, 20).replace(' ', "\u{a0}"));
        let quote = event.text("text").map_or_else(String::new, piece);
        let because = |key| {
            event
                .text(key)
                .map_or_else(String::new, |why| format!(": {}", text::short(why, 40)))
        };
        match event.known {
            Some(Kind::IoWatch) => self.asks(event, &format!("watch {object}")),
            Some(Kind::IoReady) if self.story.listens(event) => {
                self.calls(event, "a client connects")
            }
            Some(Kind::IoReady) => self.calls(event, &format!("{object} {}", words::ready(event))),
            Some(Kind::ConnOpen) if self.story.listens(event) => self.note(&home, "listens"),
            Some(Kind::ConnOpen) if self.story.is_port(event) => {
                self.note(&home, &format!("opens {}", self.story.a_port(event)));
            }
            Some(Kind::ConnOpen) => self.sends(event, "connect"),
            Some(Kind::ConnMade) if self.story.accepted(event) => {
                self.note(&home, &format!("accepts {object}"));
            }
            Some(Kind::ConnMade) if self.story.needs_no_number(event) => {
                self.note(&home, "connected")
            }
            Some(Kind::ConnMade) => self.note(&home, &format!("{object} is made")),
            Some(Kind::ConnLost) => match Loss::of(event) {
                Some(Loss::Closed) if self.story.leaves_first(event) => self.sends(event, "close"),
                Some(Loss::Closed) => self.note(&home, &format!("closes {object}")),
                Some(Loss::Reset) => {
                    let to = self
                        .story
                        .peer(event)
                        .map_or_else(|| home.clone(), |peer| self.column(peer));
                    self.arrow(&home, "--x", &to, "reset");
                }
                Some(Loss::Failed) => {
                    self.calls(event, &format!("{object} is lost{}", because("why")));
                }
                _ => self.note(&home, &format!("{object} is over{}", because("why"))),
            },
            Some(Kind::DataIn) if self.story.is_port(event) => {
                self.note(&home, &format!("receives {}{quote}", words::bytes(event)));
            }
            Some(Kind::DataLost) => {
                let why = event.text("why").unwrap_or("lost");
                self.arrow("N", "--x", &home, &text::short(why, 40));
            }
            Some(Kind::DataIn) if event.count("bytes") == Some(0) => {
                self.note(&home, "reads the end");
            }
            Some(Kind::DataOut) if event.flag("end") => self.sends(event, "no more"),
            Some(Kind::DataIn) => {
                self.note(&home, &format!("reads {}{quote}", words::bytes(event)))
            }
            Some(Kind::DataOut) => self.sends(event, &format!("{}{quote}", words::bytes(event))),
            _ => return false,
        }
        true
    }
}
