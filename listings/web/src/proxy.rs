//! A reverse proxy: whatever is asked below it, another server answers.
use crate::{
    Answer, Body, Bytes, Client, Method, Pieces, Request, Resource, Response, StatusCode, Writer,
    header::{CONNECTION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue},
    refuse, streamed,
};
use coroutines::{Either, select, spawn};
use deferreds::{Failure, TimedOut};
use hyper::Uri;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reactor::{Address, Handle};
use std::{future::IntoFuture, rc::Rc};

/// Asks another server, and passes on what it answers, piece by piece. When the client leaves, so
/// does it.
///
/// Source:
/// [`twisted.web.proxy.ReverseProxyResource`](https://docs.twisted.org/en/stable/api/twisted.web.proxy.ReverseProxyResource.html).
pub struct Proxy {
    reactor: Handle,
    client: Client,
    base: Rc<str>,
    path: String,
}

impl Proxy {
    /// Passes questions on to the server and path of `base`, such as `http://127.0.0.1:8080/poems`.
    /// Time limits are those of the client.
    ///
    /// # Errors
    /// When `base` is no address of a server, or has a question in it.
    pub fn new(reactor: &Handle, client: &Client, base: &str) -> Result<Proxy, Failure> {
        let uri: Uri = base.parse()?;
        if uri.authority().is_none() || uri.query().is_some() {
            return Err(Failure::new(format!(
                "{base}: a scheme, a host and perhaps a path, no more"
            )));
        }
        Ok(Proxy {
            reactor: reactor.clone(),
            client: client.clone(),
            base: base.trim_end_matches('/').into(),
            path: String::new(),
        })
    }
}

const METHODS: [Method; 6] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::DELETE,
    Method::PATCH,
    Method::OPTIONS,
];

impl Resource for Proxy {
    fn child(&self, name: &str) -> Option<Rc<dyn Resource>> {
        // Encoded again, so both servers cut the path at the same places.
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        Some(Rc::new(Proxy {
            reactor: self.reactor.clone(),
            client: self.client.clone(),
            base: Rc::clone(&self.base),
            path: format!("{}/{name}", self.path),
        }))
    }

    fn methods(&self) -> &[Method] {
        &METHODS
    }

    fn render(&self, request: &Request) -> Answer {
        let query = request
            .uri()
            .query()
            .map_or(String::new(), |query| format!("?{query}"));
        let to = format!("{}{}{query}", self.base, self.path);
        let (reactor, client, asked) = (self.reactor.clone(), self.client.clone(), request.clone());
        Answer::Awaited(Box::pin(async move {
            let asked = forwarded_request(asked, &to)?;
            match client.open(asked).await {
                Ok(answer) => Ok(forwarded_response(&reactor, answer)),
                Err(failure) => {
                    tracing::warn!("{to}: {failure}");
                    // The client learns whose fault it was, and no address of the inside.
                    let late = failure.check::<TimedOut>().is_some();
                    let status = if late {
                        StatusCode::GATEWAY_TIMEOUT
                    } else {
                        StatusCode::BAD_GATEWAY
                    };
                    Ok(refuse(status))
                }
            }
        }))
    }
}

/// Returns the request as the other server is to see it.
fn forwarded_request(mut asked: Request, to: &str) -> Result<hyper::Request<Bytes>, Failure> {
    let peer = asked.extensions().get::<Address>().map(ToString::to_string);
    let headers = asked.headers_mut();
    remove_hop_by_hop(headers);
    headers.remove(HOST); // the client writes that of the other server
    // Whatever the client claims here is not true.
    headers.remove(FORWARDED_FOR);
    if let Some(peer) = peer {
        let host = peer
            .rsplit_once(':')
            .map_or(peer.as_str(), |(host, _)| host);
        headers.insert(FORWARDED_FOR, HeaderValue::from_str(host)?);
    }
    *asked.uri_mut() = to.parse()?;
    *asked.version_mut() = hyper::Version::HTTP_11;
    Ok(asked)
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

// ANCHOR: hops
/// Takes away what is about one connection and not about the message ([RFC 9110,
/// 7.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1)): a list, and whatever `Connection`
/// names.
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    // Collected first, because the list itself is removed below.
    let mut named = Vec::new();
    for value in headers.get_all(CONNECTION) {
        let names = value.to_str().unwrap_or_default().split(',');
        named.extend(names.filter_map(|name| name.trim().parse::<HeaderName>().ok()));
    }
    for name in named {
        headers.remove(name);
    }
    for name in [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
    ] {
        headers.remove(name);
    }
}
// ANCHOR_END: hops

/// Returns the answer of the other server, whose body follows as it comes.
fn forwarded_response(reactor: &Handle, answer: hyper::Response<Pieces>) -> Response {
    let (mut head, pieces) = answer.into_parts();
    remove_hop_by_hop(&mut head.headers);
    head.version = hyper::Version::HTTP_11;
    let (writer, mut response) = streamed(reactor, "");
    response.headers_mut().remove(CONTENT_TYPE);
    drop(spawn(reactor, async move {
        if let Err(why) = forward(pieces, writer).await {
            tracing::debug!("a reply was not passed on whole: {why}");
        }
        Ok(())
    }));
    let body = std::mem::take::<Body>(response.body_mut());
    Response::from_parts(head, body)
}

// ANCHOR: forward
/// Passes on piece by piece, as fast as the client takes them. When the client leaves, `pieces` are
/// dropped, and with them the connection to the other server, although that has nothing to say yet.
async fn forward(mut pieces: Pieces, writer: Writer) -> Result<(), Failure> {
    let mut left = writer.ended().into_future();
    loop {
        let piece = match select(Box::pin(pieces.next()), &mut left).await {
            Either::Left(piece) => piece?,
            Either::Right(_) => return Ok(()),
        };
        match piece {
            Some(piece) => writer.send(piece).await?,
            None => break,
        }
    }
    writer.finish();
    Ok(())
}
// ANCHOR_END: forward
