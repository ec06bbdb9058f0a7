//! PostgreSQL's protocol without a socket: bytes go in, answers come out.
use crate::{
    DatabaseError, Notification, ProtocolError, Row, Settings, ToValue, login::Login, row::Column,
};
use bytes::{Buf, BytesMut};
use deferreds::Failure;
use fallible_iterator::FallibleIterator;
use postgres_protocol::{
    IsNull,
    authentication::sasl::SCRAM_SHA_256,
    message::{
        backend::{DataRowBody, Header, Message, RowDescriptionBody},
        frontend,
    },
};
use postgres_types::{Kind, Type};
use std::{io, rc::Rc};

/// The longest message that is taken, and the most bytes of one answer: 64 MiB. Ask for less at a
/// time with `LIMIT`.
pub(crate) const MAX_BYTES: usize = 64 << 20;

/// What a row costs beside its bytes, roughly. Without it, a server could send rows without columns
/// for ever.
const ROW_OVERHEAD: usize = 64;

/// What came out of the bytes.
pub(crate) enum Event {
    /// Logged in.
    Ready,
    /// The answer to the oldest question that has none.
    Answer(Result<Answer, DatabaseError>),
    /// Another client said something on a channel that this one listens to.
    Notified(Notification),
    /// The server ends the connection.
    Fatal(DatabaseError),
}

/// What a question is answered with.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<Row>,
    /// What was done, and to how many rows: `INSERT 0 3`.
    pub(crate) tag: String,
    /// The answers of the statements before the last, when one question had several.
    pub(crate) earlier: Vec<Answer>,
}

impl Answer {
    /// Returns how many rows were changed, or found.
    pub(crate) fn count(&self) -> u64 {
        count(&self.tag)
    }
}

/// Returns the number at the end of a tag.
pub(crate) fn count(tag: &str) -> u64 {
    let last = tag.rsplit(' ').next();
    last.and_then(|count| count.parse().ok()).unwrap_or(0)
}

/// Where a connection stands between two questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    /// Outside of a transaction.
    #[default]
    Idle,
    /// In one.
    InTransaction,
    /// In one in which a statement has failed: whatever is asked fails with `25P02` until it is
    /// rolled back.
    Failed,
}

/// Names a connection to the server, in a request to cancel what it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CancelKey {
    pub(crate) process: i32,
    pub(crate) secret: i32,
}

/// The state of one connection, as far as the bytes of the server tell it.
pub(crate) struct Session {
    settings: Settings,
    login: Login,
    ready: bool,
    unread: BytesMut,
    columns: Rc<[Column]>,
    answer: Answer,
    answer_bytes: usize,
    error: Option<DatabaseError>,
    pub(crate) status: Status,
    /// There when the server has sent it.
    pub(crate) key: Option<CancelKey>,
}

impl Session {
    pub(crate) fn new(settings: Settings) -> Session {
        Session {
            settings,
            login: Login::Started,
            ready: false,
            unread: BytesMut::new(),
            columns: Rc::default(),
            answer: Answer::default(),
            answer_bytes: 0,
            error: None,
            status: Status::Idle,
            key: None,
        }
    }

    /// Returns the first message, with which this side asks to log in.
    pub(crate) fn startup(&self) -> io::Result<BytesMut> {
        let mut out = BytesMut::new();
        let parameters = [
            ("user", &*self.settings.user),
            ("database", &*self.settings.database),
            ("client_encoding", "UTF8"),
            ("application_name", "untwisted"),
        ];
        frontend::startup_message(parameters, &mut out)?;
        Ok(out)
    }

    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.unread.extend_from_slice(bytes);
    }

    /// Returns the next event, or `None` until more bytes have come. What must be sent back is put
    /// into `out`.
    pub(crate) fn next_event(&mut self, out: &mut BytesMut) -> Result<Option<Event>, Failure> {
        while self.has_message()? {
            let Some(message) = Message::parse(&mut self.unread)? else {
                break;
            };
            if let Some(event) = self.message(message, out)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// Whether a whole message is there. The parser allocates room for all of a message when it has
    /// seen its length, so the length is looked at first.
    fn has_message(&self) -> Result<bool, Failure> {
        let Some(header) = Header::parse(&self.unread)? else {
            return Ok(false);
        };
        let length = usize::try_from(header.len()).unwrap_or(usize::MAX);
        if length > MAX_BYTES {
            return Err(ProtocolError(format!("a message of {length} bytes")).into());
        }
        Ok(self.unread.remaining() > length)
    }

    /// Takes one message; only the last of an answer, or one that comes unasked, makes an event.
    fn message(&mut self, message: Message, out: &mut BytesMut) -> Result<Option<Event>, Failure> {
        match message {
            // At any time.
            Message::ParameterStatus(_) | Message::NoticeResponse(_) => {}
            Message::NotificationResponse(body) => {
                return Ok(Some(Event::Notified(Notification {
                    channel: body.channel()?.to_owned(),
                    payload: body.message()?.to_owned(),
                    process: body.process_id(),
                })));
            }
            Message::ErrorResponse(body) => {
                let error = DatabaseError::read(body.fields())?;
                if error.is_fatal() || !self.ready {
                    return Ok(Some(Event::Fatal(error)));
                }
                self.error = Some(error);
            }
            message if !self.ready => return self.log_in(message, out),
            // A question is answered.
            Message::ParseComplete
            | Message::BindComplete
            | Message::CloseComplete
            | Message::ParameterDescription(_)
            | Message::NoData
            | Message::EmptyQueryResponse => {}
            Message::CommandComplete(body) => {
                self.next_statement()?;
                self.answer.tag = body.tag()?.to_owned();
            }
            Message::RowDescription(body) => {
                self.next_statement()?;
                self.describe(&body)?;
            }
            Message::DataRow(body) => self.push_row(&body)?,
            Message::ReadyForQuery(body) => {
                self.status = match body.status() {
                    b'I' => Status::Idle,
                    b'T' => Status::InTransaction,
                    _ => Status::Failed,
                };
                let answer = std::mem::take(&mut self.answer);
                self.columns = Rc::default();
                self.answer_bytes = 0;
                let answer = self.error.take().map_or(Ok(answer), Err);
                return Ok(Some(Event::Answer(answer)));
            }
            Message::CopyInResponse(_) | Message::CopyOutResponse(_) => {
                let what = "COPY to or from this side, which this client cannot do";
                return Err(ProtocolError(what.to_owned()).into());
            }
            _ => return Err(ProtocolError("a message out of place".to_owned()).into()),
        }
        Ok(None)
    }

    /// Takes a message while the login is not done. What must be sent back is put into `out`.
    fn log_in(&mut self, message: Message, out: &mut BytesMut) -> Result<Option<Event>, Failure> {
        use crate::LoginError;
        match message {
            Message::AuthenticationSasl(body) => {
                let has_scram = body.mechanisms().any(|name| Ok(name == SCRAM_SHA_256))?;
                self.login.start_scram(has_scram, &self.settings, out)?;
            }
            Message::AuthenticationSaslContinue(body) => {
                self.login.answer_challenge(body.data(), out)?
            }
            Message::AuthenticationSaslFinal(body) => self.login.verify_server(body.data())?,
            Message::AuthenticationOk => self.login.accept()?,
            // Either would hand the password, or what serves as well, to a server that is a thief.
            Message::AuthenticationCleartextPassword | Message::AuthenticationMd5Password(_) => {
                return Err(LoginError::Unsafe.into());
            }
            Message::BackendKeyData(body) if self.login.is_done() => {
                self.key = Some(CancelKey {
                    process: body.process_id(),
                    secret: body.secret_key(),
                });
            }
            Message::ReadyForQuery(_) if self.login.is_done() => {
                self.ready = true;
                return Ok(Some(Event::Ready));
            }
            Message::AuthenticationGss
            | Message::AuthenticationSspi
            | Message::AuthenticationKerberosV5
            | Message::AuthenticationScmCredential => return Err(LoginError::Unknown.into()),
            _ => return Err(ProtocolError("a message out of place".to_owned()).into()),
        }
        Ok(None)
    }

    /// Puts the answer of the statement before this one aside, if there is one.
    fn next_statement(&mut self) -> Result<(), ProtocolError> {
        if self.answer.tag.is_empty() {
            return Ok(());
        }
        self.count_bytes(ROW_OVERHEAD + self.answer.tag.len())?;
        let mut done = std::mem::take(&mut self.answer);
        self.answer.earlier = std::mem::take(&mut done.earlier);
        self.answer.earlier.push(done);
        self.columns = Rc::default();
        Ok(())
    }

    /// Counts what is kept of this answer.
    fn count_bytes(&mut self, bytes: usize) -> Result<(), ProtocolError> {
        self.answer_bytes += bytes;
        if self.answer_bytes > MAX_BYTES {
            let what = format!("more than {MAX_BYTES} bytes of rows: ask for less with LIMIT");
            return Err(ProtocolError(what));
        }
        Ok(())
    }

    fn describe(&mut self, body: &RowDescriptionBody) -> io::Result<()> {
        let columns = body.fields().map(|field| {
            let (name, oid) = (field.name().to_owned(), field.type_oid());
            // A type that the database's owner made: its values are bytes, until a caller says what
            // they are.
            let own = || Type::new(format!("type {oid}"), oid, Kind::Simple, String::new());
            let kind = Type::from_oid(oid).unwrap_or_else(own);
            Ok(Column { name, kind })
        });
        self.columns = columns.collect::<Vec<_>>()?.into();
        Ok(())
    }

    fn push_row(&mut self, body: &DataRowBody) -> Result<(), Failure> {
        let buffer = body.buffer_bytes();
        let values: Vec<_> = body
            .ranges()
            .map(|range| Ok(range.map(|range| buffer.slice(range))))
            .collect()?;
        self.count_bytes(buffer.len() + ROW_OVERHEAD * (1 + values.len()))?;
        if values.len() != self.columns.len() {
            let what = "a row with another number of values than columns";
            return Err(ProtocolError(what.to_owned()).into());
        }
        let columns = Rc::clone(&self.columns);
        self.answer.rows.push(Row { columns, values });
        Ok(())
    }
}

// ANCHOR: question
/// Encodes a question: five messages, sent together. The values travel beside the SQL and never
/// inside it.
pub(crate) fn extended_query(sql: &str, values: &[&dyn ToValue]) -> Result<BytesMut, Failure> {
    let mut out = BytesMut::new();
    frontend::parse("", sql, [], &mut out)?;
    execute("", values, &mut out)?;
    Ok(out)
}

/// Encodes running what was prepared under that name; the empty one is the question's own.
pub(crate) fn execute(
    name: &str,
    values: &[&dyn ToValue],
    out: &mut BytesMut,
) -> Result<(), Failure> {
    const TEXT: i16 = 0;
    const BINARY: i16 = 1;
    // All values as text, all results in binary: one format for each list stands for all of it.
    let write = |value: &&dyn ToValue, out: &mut BytesMut| {
        Ok(match value.to_value() {
            Some(text) => {
                out.extend_from_slice(text.as_bytes());
                IsNull::No
            }
            None => IsNull::Yes,
        })
    };
    frontend::bind("", name, [TEXT], values, write, [BINARY], out)
        .map_err(|_| Failure::new("a question has at most 32767 values"))?;
    frontend::describe(b'P', "", out)?;
    frontend::execute("", 0, out)?;
    frontend::sync(out);
    Ok(())
}
// ANCHOR_END: question

/// Encodes several statements in one message, without values.
pub(crate) fn simple_query(sql: &str) -> Result<BytesMut, Failure> {
    let mut out = BytesMut::new();
    frontend::query(sql, &mut out)?;
    Ok(out)
}

/// Encodes preparing SQL under a name, with which it can be run again.
pub(crate) fn prepare(name: &str, sql: &str) -> Result<BytesMut, Failure> {
    let mut out = BytesMut::new();
    frontend::parse(name, sql, [], &mut out)?;
    frontend::sync(&mut out);
    Ok(out)
}

/// Encodes that the server is to forget what was prepared under a name.
pub(crate) fn close_statement(name: &str) -> Result<BytesMut, Failure> {
    let mut out = BytesMut::new();
    frontend::close(b'S', name, &mut out)?;
    frontend::sync(&mut out);
    Ok(out)
}

/// Encodes the last message: all that was asked before is answered first.
pub(crate) fn terminate() -> BytesMut {
    let mut out = BytesMut::new();
    frontend::terminate(&mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, ROW_OVERHEAD, Session};
    use crate::Settings;
    use bytes::BytesMut;

    #[test]
    fn a_server_that_ends_one_statement_after_the_other_is_stopped() {
        let mut session = Session::new(Settings {
            address: reactor::Address::loopback(5432),
            user: "reader".to_owned(),
            password: None,
            database: "poems".to_owned(),
        });
        let mut out = BytesMut::new();
        session.feed(b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I");
        session.next_event(&mut out).unwrap();
        let statements = b"C\0\0\0\x06X\0".repeat(1000); // CommandComplete, X
        for _ in 0..=MAX_BYTES / ROW_OVERHEAD / 1000 {
            session.feed(&statements);
            if let Err(failure) = session.next_event(&mut out) {
                return assert!(failure.to_string().contains("bytes of rows"), "{failure}");
            }
        }
        panic!("it keeps {} of them", session.answer.earlier.len());
    }
}
