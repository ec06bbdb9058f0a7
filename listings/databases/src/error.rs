//! What can go wrong: the server refuses, the connection ends, a value is not what you asked for.
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorFields;
use std::{error::Error, fmt};

/// PostgreSQL refused, and says why. [`code`](DatabaseError::code) is what a program decides by: it
/// is the same in every language that the server may be set to.
///
/// Source: [PostgreSQL's error
/// codes](https://www.postgresql.org/docs/current/errcodes-appendix.html).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatabaseError {
    /// `ERROR`: this statement has failed. `FATAL` and `PANIC`: the server ends the connection,
    /// too.
    pub severity: String,
    /// The SQLSTATE, five characters: `42601` is a syntax error.
    pub code: String,
    /// One line for people.
    pub message: String,
    /// What it has to say beyond that line.
    pub detail: Option<String>,
    /// What it advises.
    pub hint: Option<String>,
    /// Where in the SQL, counted in characters from 1.
    pub position: Option<u32>,
}

impl DatabaseError {
    /// Whether the connection ends with it.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        self.severity == "FATAL" || self.severity == "PANIC"
    }

    pub(crate) fn read(mut fields: ErrorFields<'_>) -> std::io::Result<DatabaseError> {
        let mut error = DatabaseError::default();
        let mut translated = String::new();
        while let Some(field) = fields.next()? {
            let text = String::from_utf8_lossy(field.value_bytes()).into_owned();
            match field.type_() {
                b'S' => translated = text,
                b'V' => error.severity = text, // never translated; older servers do not send it
                b'C' => error.code = text,
                b'M' => error.message = text,
                b'D' => error.detail = Some(text),
                b'H' => error.hint = Some(text),
                b'P' => error.position = text.parse().ok(),
                _ => {}
            }
        }
        if error.severity.is_empty() {
            error.severity = translated;
        }
        Ok(error)
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.severity, self.code, self.message)
    }
}

impl Error for DatabaseError {}

/// The connection is gone, and the answer with it. Whether a statement that was on its way has been
/// done is more than this side knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionLost {
    pub(crate) why: String,
    pub(crate) server: Option<DatabaseError>,
}

impl ConnectionLost {
    /// Returns the error of a connection that this side has closed.
    pub(crate) fn closed_here() -> ConnectionLost {
        ConnectionLost {
            why: "closed by this side".to_owned(),
            server: None,
        }
    }

    /// Returns what the server said before it ended the connection, if it said anything: `57P01`
    /// when it was shut down.
    #[must_use]
    pub fn server(&self) -> Option<&DatabaseError> {
        self.server.as_ref()
    }
}

impl fmt::Display for ConnectionLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the connection to the database is lost: {}", self.why)
    }
}

impl Error for ConnectionLost {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.server.as_ref().map(|error| error as _)
    }
}

/// This side will not log in as the server wants it to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginError {
    /// The server wants a password, and the settings have none.
    NoPassword,
    /// It wants the password in a way that would reveal it: in clear text, or as MD5.
    Unsafe,
    /// It knows other ways only.
    Unknown,
    /// It wants the password to be hashed more often than a loop can wait for.
    TooSlow,
    /// TLS was asked for, and the server has none.
    NoTls,
    /// It let this side in without having shown that it knows the password, as SCRAM demands of
    /// both.
    Unproven,
}

impl fmt::Display for LoginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LoginError::NoPassword => {
                "the server wants a password, and the settings have none: add one"
            }
            LoginError::Unsafe => {
                "the server wants the password in clear text or as MD5: set its method to scram-sha-256"
            }
            LoginError::Unknown => {
                "the server knows no way to log in that this client knows: set its method to scram-sha-256"
            }
            LoginError::TooSlow => {
                "the server wants the password hashed more than 200000 times: set scram_iterations lower"
            }
            LoginError::NoTls => {
                "the server does not speak TLS: set ssl = on there, and give it a certificate"
            }
            LoginError::Unproven => "the server did not prove that it knows the password",
        })
    }
}

impl Error for LoginError {}

/// The server sent what the protocol does not allow here, or more than this side keeps. The
/// connection ends with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtocolError(pub(crate) String);

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not PostgreSQL's protocol: {}", self.0)
    }
}

impl Error for ProtocolError {}

/// A row has no such value: no column of that name, one of another type, or NULL.
#[derive(Debug)]
pub struct ColumnError {
    pub(crate) column: String,
    pub(crate) why: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for ColumnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column \"{}\": {}", self.column, self.why)
    }
}

impl Error for ColumnError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.why)
    }
}
