//! The words of an event: a short form for diagrams, a clause for sentences, and times a person can read.
use crate::{
    facts::{Adds, Gone, Loss},
    story::Story,
    svg::Rail,
};
use trace::{Kind, read::Event};

/// `20 ms`, `1.5 s`, `250 µs`.
pub(super) fn time(nanoseconds: u64) -> String {
    let decimals = |value: u64, unit: u64| {
        let whole = value / unit;
        let thousandths = (value % unit) * 1000 / unit;
        let text = format!("{whole}.{thousandths:03}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    match nanoseconds {
        0 => "0 ms".to_owned(),
        1..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{} µs", decimals(nanoseconds, 1_000)),
        1_000_000..1_000_000_000 => format!("{} ms", decimals(nanoseconds, 1_000_000)),
        _ => format!("{} s", decimals(nanoseconds, 1_000_000_000)),
    }
}

/// The delay of a timer; nothing when it is put off without an end.
pub(super) fn delay(event: &Event) -> Option<String> {
    // A hundred years: programs that mean "not now" say the largest number there is.
    const NEVER: u64 = 100 * 365 * 86_400 * 1_000_000_000;
    let delay = event.count("delay").unwrap_or(0);
    (delay < NEVER).then(|| time(delay))
}

/// At most `most` characters, with an ellipsis where some are left out; line ends become spaces.
pub(super) fn short(text: &str, most: usize) -> String {
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= most {
        return flat;
    }
    let kept: String = flat.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// `1 byte`, `10 bytes`, or nothing known.
pub(super) fn bytes(event: &Event) -> String {
    match event.count("bytes") {
        Some(1) => "1 byte".to_owned(),
        Some(count) => format!("{count} bytes"),
        None => "bytes".to_owned(),
    }
}

/// `can be read`, `can be written`, …
pub(super) fn ready(event: &Event) -> String {
    if let Some(signal) = event.text("signal") {
        return format!("brings {signal}");
    }
    match event.text("what") {
        Some("read") => "can be read".to_owned(),
        Some("write") => "can be written".to_owned(),
        Some("read+write") => "can be read and written".to_owned(),
        Some("read+closed") => "can be read to its end".to_owned(),
        Some("read+write+closed") => "can be written, and read to its end".to_owned(),
        Some("read+write+closed+write_closed") => "is closed on both sides".to_owned(),
        Some("read+write+closed+write_closed+error") => "has failed".to_owned(),
        Some(what) => format!("is ready: {}", what.replace('_', " ").replace('+', ", ")),
        None => "is ready".to_owned(),
    }
}

/// `result` or `failure`.
pub(super) fn rail(event: &Event) -> &'static str {
    Rail::of(event).unwrap_or(Rail::Ok).word()
}

/// Whether a figure draws it as something that went wrong.
pub(super) fn is_error(event: &Event) -> bool {
    let lost = matches!(Loss::of(event), Some(Loss::Reset | Loss::Failed));
    lost || event.flag("error") || event.flag("panic") || event.attributes.contains_key("unhandled")
}

/// `the client`, `our code`, `tyger`.
pub(super) fn who(story: &Story<'_>, event: &Event) -> String {
    event
        .host
        .map_or_else(|| "our code".to_owned(), |host| called(story.host(host)))
}

/// A host's name in a sentence: what it does for a living has an article, what is called by its own name has none.
fn called(name: &str) -> String {
    let trades = [
        "client", "server", "peer", "proxy", "reader", "writer", "browser", "database", "gateway",
        "worker", "caller", "guest",
    ];
    if trades.contains(&name) {
        format!("the {name}")
    } else {
        name.to_owned()
    }
}

/// `the client's`, `our`.
fn whose(story: &Story<'_>, event: &Event) -> String {
    match event.host.filter(|host| !story.is_ours(*host)) {
        None => "our".to_owned(),
        Some(host) => {
            let name = called(story.host(host));
            let s = if name.ends_with('s') { "" } else { "s" };
            format!("{name}'{s}")
        }
    }
}

/// ` to the server`; within one host ` to connection 2`; nothing where the trace does not know.
fn to_whom(story: &Story<'_>, event: &Event) -> String {
    match (story.peer(event), story.peer_object(event)) {
        (Some(peer), Some(object)) if Some(peer) == event.host => {
            format!(" to {}", story.the(object))
        }
        (Some(peer), _) => format!(" to {}", called(story.host(peer))),
        _ => String::new(),
    }
}

/// ` from the server`, or from the address where the trace does not know who that is.
fn from_whom(story: &Story<'_>, event: &Event) -> String {
    match story.peer(event) {
        Some(peer) if Some(peer) != event.host => {
            format!(" from {}", called(story.host(peer)))
        }
        _ => with(" from ", event.text("from"), ""),
    }
}

fn quoted(text: &str) -> String {
    format!("“{}”", short(text, 60))
}

fn with(before: &str, text: Option<&str>, after: &str) -> String {
    text.map_or_else(String::new, |text| format!("{before}{text}{after}"))
}

/// A clause with its subject: `the client reads 10 bytes: “I met a tr”`.
/// `same`: the subject was named right before in the sentence, and is left out.
pub(super) fn clause(story: &Story<'_>, event: &Event, same: bool) -> String {
    let who = if same {
        String::new()
    } else {
        format!("{} ", who(story, event))
    };
    let object = story.object(event);
    let the_object = event
        .object
        .as_deref()
        .map_or_else(String::new, |o| story.the(o));
    let text = |key| event.text(key);
    let Some(kind) = event.known else {
        let (family, word) = event.kind.split_once('.').unwrap_or(("", &event.kind));
        return format!("{who}{family} {word}{}", with(": ", text("text"), ""));
    };
    let said = || text("text").map_or_else(String::new, |text| format!(" ({})", quoted(text)));
    let made = || with(", set at ", story.site(event), ",");
    match kind {
        Kind::Out => format!("{who}prints {}", quoted(text("text").unwrap_or(""))),
        Kind::Note => format!("note: {}", text("text").unwrap_or("")),
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
        Kind::CallQueue if text("name") == Some("stop") => {
            format!(
                "{who}asks the reactor to stop{}",
                with(" (", story.site(event), ")")
            )
        }
        Kind::CallQueue if text("from") == Some("thread") => {
            format!("another thread puts {object} in the queue")
        }
        Kind::CallQueue => format!(
            "{who}puts {object} in the queue{}",
            with(" (", story.site(event), ")")
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
        Kind::IoWatch => format!("{who}watches {the_object}"),
        Kind::IoReady if story.listens(event) => {
            format!("somebody connects to {} {object}", whose(story, event))
        }
        Kind::IoReady => format!("{} {object} {}", whose(story, event), ready(event)),
        Kind::ConnOpen if story.listens(event) => {
            format!("{who}listens{}", with(" at ", text("at"), ""))
        }
        Kind::ConnOpen if story.is_port(event) => {
            let (port, at) = (story.a_port(event), with(" at ", text("at"), ""));
            format!("{who}opens {port} for datagrams{at}")
        }
        Kind::ConnOpen if story.needs_no_number(event) => {
            format!("{who}asks for a connection{}", with(" to ", text("to"), ""))
        }
        Kind::ConnOpen => format!("{who}asks for {object}{}", with(" to ", text("to"), "")),
        Kind::ConnMade if story.accepted(event) => format!("{who}accepts {the_object}"),
        Kind::ConnMade => format!("{who}is connected{}", with(" to ", text("peer"), "")),
        Kind::ConnLost => match Loss::of(event) {
            Some(Loss::Closed) => format!("{who}closes {the_object}"),
            Some(Loss::Reset) => format!("{who}resets {the_object}"),
            Some(Loss::Failed) => {
                format!("{who}loses {the_object}{}", with(" (", text("why"), ")"))
            }
            _ => format!(
                "{who}is done with {the_object}{}",
                with(": ", text("why"), "")
            ),
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
            with(" (", text("why"), ")")
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
        Kind::DfNew => format!("{who}makes the Deferred {object}"),
        Kind::DfAdd => format!(
            "{who}adds to {object} {}{}",
            Adds::of(event).named(),
            with(" ", story.stage(event), "")
        ),
        Kind::DfFire => format!(
            "{object} fires with a {}{}",
            rail(event),
            with(": ", text("value"), "")
        ),
        Kind::DfCancel => format!("{who}cancels {object}"),
        Kind::DfPause => format!("{object} is paused"),
        Kind::DfResume => format!("{object} goes on"),
        Kind::DfChain => {
            let on = text("on").map_or_else(|| "another one".to_owned(), |on| story.named(on));
            if event.text("on") == event.object.as_deref() {
                format!("{object} waits for itself")
            } else if event.flag("explicit") {
                format!("{object} is to be given the result of {on}")
            } else {
                format!("{object} waits for {on}")
            }
        }
        Kind::DfDrop => format!(
            "{object} is gone, with a failure nobody saw{}",
            with(": ", text("unhandled"), "")
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
        Kind::CbEnd if text("rail").is_none() => "it returns".to_owned(),
        Kind::CbEnd => format!(
            "it goes on with a {}{}",
            rail(event),
            with(": ", text("value"), "")
        ),
        Kind::TaskSpawn => format!("{who}spawns {object}"),
        Kind::TaskPoll => format!("{object} is polled"),
        Kind::TaskWake => format!("{object} is woken"),
        Kind::TaskDrop => match Gone::of(event) {
            Some(Gone::Done) => format!("{object} is done"),
            Some(gone) => format!("{object} is gone: {}", gone.word()),
            None => format!("{object} is gone"),
        },
        Kind::JobQueue => {
            let job = if story.needs_no_number(event) {
                "a job"
            } else {
                &object
            };
            format!("{who}hands {job} to another thread")
        }
        Kind::JobStart => format!("{the_object} is done"),
        _ => event.kind.clone(),
    }
}
