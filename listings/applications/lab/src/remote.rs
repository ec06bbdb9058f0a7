//! Objects of another process, on tokio: it speaks with `applications::remote`, and a task owns
//! each connection.
use futures_util::{SinkExt, StreamExt};
use protocols::{Boxes, KeyValues, RemoteError};
use protocols_lab::Codec;
use std::{collections::HashMap, error::Error, fmt, io, sync::Mutex};
use tokio::{
    net::TcpStream,
    sync::{mpsc, oneshot},
};
use tokio_util::codec::Framed;

/// The longest box, in bytes.
const LONGEST: usize = 1_000_000;
/// How many objects are lent over one connection at most.
const MOST: usize = 10_000;
/// The number of the object that a client begins with.
const FIRST: u64 = 0;

/// One value of an answer. What is an object on the one side is a [`Reference`] on the other.
pub enum Value<O> {
    /// A text.
    Text(String),
    /// An object.
    Object(O),
}

/// The values of an answer, by name.
pub type Values<O> = HashMap<String, Value<O>>;

/// An object that another process may call.
pub trait Callable: Send {
    /// Answers a call. It may block: then it blocks everything that its process does.
    ///
    /// # Errors
    /// Whatever the other side is to hear.
    fn call(
        &self,
        method: &str,
        arguments: &Arguments,
    ) -> Result<Values<Box<dyn Callable>>, RemoteError>;
}

/// The texts that a call passes.
pub struct Arguments(KeyValues);

impl Arguments {
    /// The text of this name.
    ///
    /// # Errors
    /// `MISSING` when there is none, or it is no UTF-8.
    pub fn text(&self, name: &str) -> Result<&str, RemoteError> {
        let missing = || RemoteError::new("MISSING", name);
        text(&self.0, &format!("={name}")).ok_or_else(missing)
    }
}

fn text<'a>(values: &'a KeyValues, key: &str) -> Option<&'a str> {
    std::str::from_utf8(values.get(key.as_bytes())?).ok()
}

fn number(values: &KeyValues, key: &str) -> Option<u64> {
    text(values, key)?.parse().ok()
}

fn values<const N: usize>(pairs: [(&str, &str); N]) -> KeyValues {
    let bytes = pairs.map(|(key, text)| (key.into(), text.into()));
    KeyValues::from(bytes)
}

/// Answers the calls of one client, one after the other, until it goes.
///
/// # Errors
/// Those of the connection, and bytes that are no boxes.
pub async fn lend(stream: TcpStream, first: Box<dyn Callable>) -> io::Result<()> {
    let mut wire = Framed::new(stream, Codec(Boxes::new(LONGEST)));
    // The table of this connection: however it ends, all that was lent over it comes back.
    let mut lent = HashMap::from([(FIRST, first)]);
    let mut last = FIRST;
    while let Some(mut asked) = wire.next().await.transpose()? {
        let object = number(&asked, "object").unwrap_or(u64::MAX);
        if text(&asked, "_command") == Some("release") {
            lent.remove(&object); // each number is sent once here, so there is nothing to count
            continue;
        }
        let tag = asked.remove(&b"_ask"[..]);
        let method = text(&asked, "method").unwrap_or_default().to_owned();
        let called = match lent.get(&object) {
            Some(_) if lent.len() > MOST => Err(RemoteError::new("NOT_PASSED", "too many objects")),
            Some(object) => object.call(&method, &Arguments(asked)),
            None => Err(RemoteError::new("NO_OBJECT", "")),
        };
        let (kind, mut answer) = match called {
            Ok(said) => ("_answer", written(said, &mut lent, &mut last)),
            Err(error) => {
                let said = [
                    ("_error_code", &*error.code),
                    ("_error_description", &*error.description),
                ];
                ("_error", values(said))
            }
        };
        if let Some(tag) = tag {
            answer.insert(kind.into(), tag);
            wire.send(answer).await?;
        }
    }
    Ok(())
}

type Lent = HashMap<u64, Box<dyn Callable>>;

/// An answer as it is sent: an object stays here, and its number goes.
fn written(said: Values<Box<dyn Callable>>, lent: &mut Lent, last: &mut u64) -> KeyValues {
    let pairs = said.into_iter().map(|(name, value)| match value {
        Value::Text(text) => (format!("={name}").into(), text.into()),
        Value::Object(object) => {
            *last += 1;
            lent.insert(*last, object);
            (format!("&{name}").into(), last.to_string().into())
        }
    });
    pairs.collect()
}

/// Why a call has no answer.
#[derive(Debug)]
pub enum CallError {
    /// The other side says why.
    Remote(RemoteError),
    /// The connection is gone. Whether the call was carried out is not known.
    ServerLost,
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallError::Remote(error) => error.fmt(f),
            CallError::ServerLost => f.write_str("the connection to the object is lost"),
        }
    }
}

impl Error for CallError {}

type Answer = Result<Values<Reference>, CallError>;
/// A question, and what waits for its answer: nothing, if it only lets go.
type Asked = (KeyValues, Option<oneshot::Sender<Answer>>);

/// An object of the other process. The last one that is dropped takes the connection along.
pub struct Reference {
    number: u64,
    /// To the task that owns the connection. Not bounded: each entry has a caller that waits.
    questions: mpsc::UnboundedSender<Asked>,
}

impl Reference {
    // ANCHOR: call
    /// Calls a method of the object. A text of more than 65,535 bytes fits into no box, and ends
    /// the connection.
    ///
    /// # Errors
    /// What the other side says, or that it is lost.
    pub async fn call(&self, method: &str, arguments: &[(&str, &str)]) -> Answer {
        let object = self.number.to_string();
        let call = [
            ("_command", "call"),
            ("object", &object),
            ("method", method),
        ];
        let mut question = values(call);
        let named = arguments
            .iter()
            .map(|(name, text)| (format!("={name}").into(), (*text).into()));
        question.extend(named);
        let (waits, answer) = oneshot::channel();
        // With no task left to take it, `waits` is dropped here; a task that ends drops it, too.
        let _ = self.questions.send((question, Some(waits)));
        answer.await.unwrap_or(Err(CallError::ServerLost))
    }
    // ANCHOR_END: call
}

impl Drop for Reference {
    fn drop(&mut self) {
        let object = self.number.to_string();
        let release = [
            ("_command", "release"),
            ("object", &*object),
            ("times", "1"),
        ];
        if self.number != FIRST {
            let _ = self.questions.send((values(release), None));
        }
    }
}

/// Returns the other side's first object. Inside of a runtime: the connection gets a task.
#[must_use]
pub fn reach(stream: TcpStream) -> Reference {
    let (questions, asked) = mpsc::unbounded_channel();
    // Weak, so that the task does not keep itself alive.
    tokio::spawn(own(stream, asked, questions.downgrade()));
    let number = FIRST;
    Reference { number, questions }
}

// ANCHOR: own
/// Owns the connection, and with it the table of those who wait. When it ends, for whatever reason,
/// the table is dropped, and each of them hears so.
async fn own(
    stream: TcpStream,
    mut asked: mpsc::UnboundedReceiver<Asked>,
    questions: mpsc::WeakUnboundedSender<Asked>,
) -> io::Result<()> {
    let wire = Framed::new(stream, Codec(Boxes::new(LONGEST)));
    let (mut sink, mut stream) = wire.split();
    let waiting = Mutex::new(HashMap::new());
    // Two futures: two sides that read nothing while they write would wait for each other.
    let asks = async {
        let mut tag = 0_u64;
        while let Some((mut question, waits)) = asked.recv().await {
            if let Some(waits) = waits {
                tag += 1;
                question.insert(b"_ask".to_vec(), tag.to_string().into());
                waiting.lock().expect("no panic").insert(tag, waits);
            }
            sink.send(question).await?;
        }
        Ok(()) // the last reference is gone
    };
    let hears = async {
        while let Some(said) = stream.next().await.transpose()? {
            let tag = number(&said, "_answer").or(number(&said, "_error"));
            let waits = tag.and_then(|tag| waiting.lock().expect("no panic").remove(&tag));
            let (Some(waits), Some(questions)) = (waits, questions.upgrade()) else {
                break;
            };
            // To one who has given up it cannot be sent: it is dropped, and what it lent is let go.
            let _ = waits.send(read(&said, &questions));
        }
        Ok(())
    };
    tokio::select! {
        end = asks => end,
        end = hears => end,
    }
}
// ANCHOR_END: own

/// An answer that has come: each number in it is a reference, made here so that it lets go even if
/// it is not taken.
fn read(said: &KeyValues, questions: &mpsc::UnboundedSender<Asked>) -> Answer {
    if said.contains_key(&b"_error"[..]) {
        let part = |key| text(said, key).unwrap_or_default();
        let error = RemoteError::new(part("_error_code"), part("_error_description"));
        return Err(CallError::Remote(error));
    }
    let value = |key: &String| match key.split_at_checked(1)? {
        ("=", name) => Some((name.to_owned(), Value::Text(text(said, key)?.to_owned()))),
        ("&", name) => {
            let (number, questions) = (number(said, key)?, questions.clone());
            let reference = Reference { number, questions };
            Some((name.to_owned(), Value::Object(reference)))
        }
        _ => None, // a later version's business
    };
    let keys = said
        .keys()
        .cloned()
        .filter_map(|key| String::from_utf8(key).ok());
    Ok(keys.filter_map(|key| value(&key)).collect())
}
