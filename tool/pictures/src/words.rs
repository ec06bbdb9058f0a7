//! The words for what an event holds: times, counts of bytes, who does it and to whom.
use crate::{
    facts::{Loss, Ready},
    story::Story,
    svg::Rail,
    text::with,
};
use trace::read::Event;

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

/// Returns the delay of a timer; nothing when it is put off without an end.
pub(super) fn delay(event: &Event) -> Option<String> {
    // A hundred years: programs that mean "not now" say the largest number there is.
    const NEVER: u64 = 100 * 365 * 86_400 * 1_000_000_000;
    let delay = event.count("delay").unwrap_or(0);
    (delay < NEVER).then(|| time(delay))
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
    match Ready::of(event) {
        Ready::Signal(signal) => format!("brings {signal}"),
        Ready::Read => "can be read".to_owned(),
        Ready::Write => "can be written".to_owned(),
        Ready::ReadWrite => "can be read and written".to_owned(),
        Ready::End => "can be read to its end".to_owned(),
        Ready::WriteAndEnd => "can be written, and read to its end".to_owned(),
        Ready::Closed => "is closed on both sides".to_owned(),
        Ready::Failed => "has failed".to_owned(),
        Ready::Other(what) => format!("is ready: {}", what.replace('_', " ").replace('+', ", ")),
        Ready::Unknown => "is ready".to_owned(),
    }
}

/// `result` or `failure`.
pub(super) fn rail(event: &Event) -> &'static str {
    Rail::of(event).unwrap_or(Rail::Ok).word()
}

/// Returns whether a figure draws it as something that went wrong.
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

/// Returns a host's name in a sentence: what it does for a living has an article, what is called by
/// its own name has none.
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
pub(super) fn whose(story: &Story<'_>, event: &Event) -> String {
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
pub(super) fn to_whom(story: &Story<'_>, event: &Event) -> String {
    match (story.peer(event), story.peer_object(event)) {
        (Some(peer), Some(object)) if Some(peer) == event.host => {
            format!(" to {}", story.the(object))
        }
        (Some(peer), _) => format!(" to {}", called(story.host(peer))),
        _ => String::new(),
    }
}

/// ` from the server`, or from the address where the trace does not know who that is.
pub(super) fn from_whom(story: &Story<'_>, event: &Event) -> String {
    match story.peer(event) {
        Some(peer) if Some(peer) != event.host => {
            format!(" from {}", called(story.host(peer)))
        }
        _ => with(" from ", event.text("from"), ""),
    }
}
