//! An event as a clause of a sentence, with its subject: `the client reads 10 bytes: “I met a tr”`.
use crate::{
    facts::{Family, Loss, Queued, StageKind, TaskEnd},
    story::Story,
    text::{quoted, with},
    words::{bytes, delay, from_whom, rail, ready, to_whom, who, whose},
};
use trace::{Kind, read::Event};

/// What every clause about an event is made of.
struct Clause<'a, 't> {
    story: &'a Story<'t>,
    event: &'a Event,
    /// The subject and a space, or nothing.
    who: String,
    object: String,
    the_object: String,
}

/// Returns a clause with its subject. `same`: the subject was named right before in the sentence,
/// and is left out.
pub(super) fn clause(story: &Story<'_>, event: &Event, same: bool) -> String {
    let says = Clause {
        story,
        event,
        who: if same {
            String::new()
        } else {
            format!("{} ", who(story, event))
        },
        object: story.object(event),
        the_object: event
            .object
            .as_deref()
            .map_or_else(String::new, |o| story.the(o)),
    };
    let Some(kind) = event.known else {
        let (family, word) = event.kind.split_once('.').unwrap_or(("", &event.kind));
        let text = with(": ", event.text("text"), "");
        return format!("{}{family} {word}{text}", says.who);
    };
    match Family::of(event) {
        Family::Connection => says.of_a_connection(kind),
        Family::Deferred => says.of_a_deferred(kind),
        Family::Task => says.of_a_task(kind),
        Family::Loop | Family::Said | Family::Job => says.of_the_loop(kind),
    }
}

impl Clause<'_, '_> {
    /// Returns the subject, what the event is about, and the same with an article.
    fn names(&self) -> (&str, &str, &str) {
        (&self.who, &self.object, &self.the_object)
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.event.text(key)
    }

    /// Returns what the event says under `key`, behind those words; nothing if it says nothing.
    fn after(&self, words: &str, key: &str) -> String {
        with(words, self.text(key), "")
    }

    /// What is printed, timers, calls in the queue, jobs in other threads.
    fn of_the_loop(&self, kind: Kind) -> String {
        let (story, event) = (self.story, self.event);
        let (who, object, the_object) = self.names();
        let made = || with(", set at ", story.site(event), ",");
        match kind {
            Kind::Out => format!("{who}prints {}", quoted(self.text("text").unwrap_or(""))),
            Kind::Note => format!("note: {}", self.text("text").unwrap_or("")),
            Kind::TimerSet => match (delay(event), story.again(event)) {
                (None, _) => format!("{who}puts {object} on hold"),
                (Some(delay), true) => format!("{who}moves {object} (now due in {delay})"),
                (Some(delay), false) => {
                    let site = with(", ", story.site(event), "");
                    format!("{who}asks for a call in {delay} ({object}{site})")
                }
            },
            Kind::TimerFire => format!("{object}{} fires", made()),
            Kind::TimerCancel => format!("{who}cancels {object}"),
            Kind::CallQueue if Queued::of(event) == Queued::Stop => {
                format!(
                    "{who}asks the reactor to stop{}",
                    in_brackets(story.site(event))
                )
            }
            Kind::CallQueue if Queued::of(event) == Queued::Thread => {
                format!("another thread puts {object} in the queue")
            }
            Kind::CallQueue => format!(
                "{who}puts {object} in the queue{}",
                in_brackets(story.site(event))
            ),
            Kind::CallRun if story.stops(event) => "the reactor begins to stop".to_owned(),
            Kind::CallRun if story.job(event).is_some() => {
                let job = story.job(event).unwrap_or_default();
                format!(
                    "the result of {} comes back from its thread",
                    story.the(job)
                )
            }
            Kind::CallRun if object.is_empty() => "a call from another thread runs".to_owned(),
            Kind::CallRun => format!("{object}, from the queue, runs"),
            Kind::JobQueue => {
                let job = if story.needs_no_number(event) {
                    "a job"
                } else {
                    object
                };
                format!("{who}hands {job} to another thread")
            }
            Kind::JobStart => format!("{the_object} is done"),
            _ => event.kind.clone(),
        }
    }

    /// Sockets and what passes through them.
    fn of_a_connection(&self, kind: Kind) -> String {
        let (story, event) = (self.story, self.event);
        let (who, object, the_object) = self.names();
        let said = || {
            self.text("text")
                .map_or_else(String::new, |text| format!(" ({})", quoted(text)))
        };
        match kind {
            Kind::IoWatch => format!("{who}watches {the_object}"),
            Kind::IoReady if story.listens(event) => {
                format!("a client connects to {} {object}", whose(story, event))
            }
            Kind::IoReady => format!("{} {object} {}", whose(story, event), ready(event)),
            Kind::ConnOpen if story.listens(event) => {
                format!("{who}listens{}", self.after(" at ", "at"))
            }
            Kind::ConnOpen if story.is_port(event) => {
                let (port, at) = (story.a_port(event), self.after(" at ", "at"));
                format!("{who}opens {port} for datagrams{at}")
            }
            Kind::ConnOpen if story.needs_no_number(event) => {
                format!("{who}asks for a connection{}", self.after(" to ", "to"))
            }
            Kind::ConnOpen => format!("{who}asks for {object}{}", self.after(" to ", "to")),
            Kind::ConnMade if story.accepted(event) => format!("{who}accepts {the_object}"),
            Kind::ConnMade => format!("{who}is connected{}", self.after(" to ", "peer")),
            Kind::ConnLost => match Loss::of(event) {
                Some(Loss::Closed) => format!("{who}closes {the_object}"),
                Some(Loss::Reset) => format!("{who}resets {the_object}"),
                Some(Loss::Failed) => {
                    format!("{who}loses {the_object}{}", in_brackets(self.text("why")))
                }
                _ => format!("{who}is done with {the_object}{}", self.after(": ", "why")),
            },
            Kind::DataIn if story.is_port(event) => {
                let from = from_whom(story, event);
                format!(
                    "{who}receives a datagram of {}{from}{}",
                    bytes(event),
                    said()
                )
            }
            Kind::DataLost => format!(
                "{who}hears that a datagram did not arrive{}",
                in_brackets(self.text("why"))
            ),
            Kind::DataIn if event.count("bytes") == Some(0) => format!("{who}reads the end"),
            Kind::DataIn => format!("{who}reads {}{}", bytes(event), said()),
            Kind::DataOut if event.flag("end") => format!("{who}says that nothing more comes"),
            Kind::DataOut => {
                format!(
                    "{who}sends {}{}{}",
                    bytes(event),
                    to_whom(story, event),
                    said()
                )
            }
            Kind::WritePause => format!("{who}is asked to stop sending on {the_object}"),
            Kind::WriteResume => format!("{who}may send on {the_object} again"),
            _ => event.kind.clone(),
        }
    }

    /// Deferreds and their stages.
    fn of_a_deferred(&self, kind: Kind) -> String {
        let (story, event) = (self.story, self.event);
        let (who, object, _) = self.names();
        match kind {
            Kind::DfNew => format!("{who}makes the Deferred {object}"),
            Kind::DfAdd => format!(
                "{who}adds to {object} {}{}",
                StageKind::of(event).named(),
                with(" ", story.stage(event), "")
            ),
            Kind::DfFire => format!(
                "{object} fires with a {}{}",
                rail(event),
                self.after(": ", "value")
            ),
            Kind::DfCancel => format!("{who}cancels {object}"),
            Kind::DfPause => format!("{object} is paused"),
            Kind::DfResume => format!("{object} goes on"),
            Kind::DfChain => {
                let on = self
                    .text("on")
                    .map_or_else(|| "another one".to_owned(), |on| story.named(on));
                if event.text("on") == event.object.as_deref() {
                    format!("{object} waits for itself")
                } else if event.flag("explicit") {
                    format!("{object} is to be given the result of {on}")
                } else {
                    format!("{object} waits for {on}")
                }
            }
            Kind::DfDrop => format!(
                "{object} is gone, with an unhandled failure{}",
                self.after(": ", "unhandled")
            ),
            Kind::CbStart => format!(
                "{} of {object} runs on the {} rail",
                story.stage(event).map_or_else(
                    || "a stage".to_owned(),
                    |name| if name.starts_with("at ") {
                        format!("the stage {name}")
                    } else {
                        name.to_owned()
                    }
                ),
                rail(event)
            ),
            Kind::CbEnd if event.flag("panic") => "it panics".to_owned(),
            Kind::CbEnd if self.text("rail").is_none() => "it returns".to_owned(),
            Kind::CbEnd => format!(
                "it goes on with a {}{}",
                rail(event),
                self.after(": ", "value")
            ),
            _ => event.kind.clone(),
        }
    }

    /// Tasks and their polls.
    fn of_a_task(&self, kind: Kind) -> String {
        let (who, object, _) = self.names();
        match kind {
            Kind::TaskSpawn => format!("{who}spawns {object}"),
            Kind::TaskPoll => format!("{object} is polled"),
            Kind::TaskWake => format!("{object} is woken"),
            Kind::TaskDrop => match TaskEnd::of(self.event) {
                Some(TaskEnd::Done) => format!("{object} is done"),
                Some(gone) => format!("{object} is gone: {}", gone.word()),
                None => format!("{object} is gone"),
            },
            _ => self.event.kind.clone(),
        }
    }
}

/// Returns what is there, in brackets; nothing if nothing is.
fn in_brackets(what: Option<&str>) -> String {
    with(" (", what, ")")
}
