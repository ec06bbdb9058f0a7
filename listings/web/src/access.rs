//! The access log: what was asked, and what became of it.
use crate::StatusCode;
use hyper::{Method, Uri, Version};
use reactor::Address;
use std::{fmt, rc::Rc, time::Duration};

/// What is called with each line of the access log.
pub(crate) type AccessLog = Rc<dyn Fn(&Access)>;

/// One request, when its reply is over. Shown, it is one line, whatever the client sent.
#[derive(Clone, Debug)]
pub struct Access {
    /// The client.
    pub peer: Address,
    /// As the client wrote it, so HEAD is HEAD.
    pub method: Method,
    /// The path and the question.
    pub target: Uri,
    /// Of HTTP.
    pub version: Version,
    /// `None`: the client left before there was a reply.
    pub status: Option<StatusCode>,
    /// Of the body, as far as the connection took it.
    pub bytes: u64,
    /// From the head of the request to the end of the reply.
    pub took: Duration,
    /// Whether the connection took all of it.
    pub whole: bool,
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target.to_string();
        write!(
            f,
            "{} \"{} {} {:?}\" ",
            self.peer,
            self.method,
            target.escape_debug(),
            self.version
        )?;
        match self.status {
            Some(status) => write!(f, "{}", status.as_u16())?,
            None => f.write_str("-")?,
        }
        let end = if self.whole { "" } else { ", cut off" };
        write!(f, " {} B {} ms{end}", self.bytes, self.took.as_millis())
    }
}
