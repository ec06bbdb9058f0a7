//! What a run records of itself: events, the recorder, the lint.
//!
//! A program that is recorded says what happens: a timer is set, bytes arrive, a callback runs. The
//! recording is kept in memory and becomes text at the end: one header line, then one event a line
//! (NDJSON). The schema is called `trace/1`; the crate's `README.md` has the table of kinds.
//!
//! ```
//! use trace::{Kind, Prefix};
//!
//! let recording = trace::start(trace::Setup::default());
//! let timer = trace::object(Prefix::Timer);
//! let set = trace::event(Kind::TimerSet).of(timer).attr("delay", || 20_000_000).record();
//!
//! trace::set_turn(1);
//! let turn = trace::event(Kind::TurnStart).enter();
//! trace::set_clock(20_000_000);
//! let call = trace::event(Kind::TimerFire).of(timer).cause(set).enter();
//! trace::say!("20 ms later");
//! drop(call);
//! drop(turn);
//!
//! let text = recording.finish();
//! assert_eq!(text.lines().count(), 1 + 7); // the header, run and turn with their ends, set, fire, out
//! ```
//!
//! While nothing is recorded, an event costs one branch on a thread-local flag, and no closure is
//! called.
mod body;
mod event;
mod kind;
mod object;
mod recorder;
mod recording;
mod say;
mod setup;
mod value;

#[cfg(feature = "read")]
pub mod read;

pub use event::{
    Event, Span, current, event, host, last, object, on_behalf, set_clock, set_turn, set_world,
    standing, stands,
};
pub use kind::{Kind, Prefix};
pub use object::Object;
pub use recorder::on;
pub use recording::{Recording, start, start_from_env};
pub use say::{note, out};
pub use setup::{Clock, MOST, Setup};
pub use value::{Value, shown};
