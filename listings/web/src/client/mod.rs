//! The other side: a client that asks, follows, waits no longer than it should, and keeps
//! connections for the next question.
mod connect;
mod origin;
mod pool;

use crate::{Bytes, Method, StatusCode, header::LOCATION};
use coroutines::{spawn, timeout};
use deferreds::{Deferred, Failure};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, Uri, body::Incoming, client::conn::http1::SendRequest};
use origin::Origin;
use pool::Pool;
use reactor::Handle;
use std::{error::Error, fmt, rc::Rc, sync::Arc, time::Duration};
use transports::tls::rustls::ClientConfig;

pub use connect::trust;

/// An answer that has come whole.
pub type Fetched = Response<Bytes>;

/// How a [`Client`] asks.
#[derive(Clone)]
pub struct ClientOptions {
    /// From the question to the last byte of the answer, with all redirects: 30 s.
    pub timeout: Duration,
    /// How many redirects are followed: 10.
    pub redirects: usize,
    /// An answer may have so many bytes: 10 MiB. What [`Client::open`] returns has no limit.
    pub body_bytes: usize,
    /// A connection that was not used for so long is not used again: 15 s.
    pub idle_time: Duration,
    /// How many connections to one server are kept for later: 6.
    pub idle: usize,
    /// Whom to believe, for `https:`; [`trust`] makes one of a certificate.
    pub tls: Option<Arc<ClientConfig>>,
}

impl Default for ClientOptions {
    fn default() -> ClientOptions {
        ClientOptions {
            timeout: Duration::from_secs(30),
            redirects: 10,
            body_bytes: 10 << 20,
            idle_time: Duration::from_secs(15),
            idle: 6,
            tls: None,
        }
    }
}

/// Asks servers. A clone shares its connections.
///
/// ```
/// use coroutines::block_on;
/// use reactor::{Address, Reactor, Sim};
/// use web::{Client, Page, Site, plain};
///
/// let mut reactor = Reactor::new(Sim::new(1));
/// let site = Site::new(Page::new(|_| plain("here")));
/// let site = site.listen(&reactor.handle(), &Address::loopback(0))?;
/// let url = format!("http://{}/", site.address());
/// let client = Client::new(&reactor.handle());
/// let answer = block_on(&mut reactor, async move { client.get(&url).await });
/// assert_eq!(answer.unwrap().body(), "here");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// Source:
/// [`twisted.web.client.Agent`](https://docs.twisted.org/en/stable/api/twisted.web.client.Agent.html).
#[derive(Clone)]
pub struct Client {
    reactor: Handle,
    options: Rc<ClientOptions>,
    pool: Rc<Pool>,
}

impl Client {
    /// Returns a client with the default options.
    #[must_use]
    pub fn new(reactor: &Handle) -> Client {
        Client::with(reactor, ClientOptions::default())
    }

    /// Returns a client with these options.
    #[must_use]
    pub fn with(reactor: &Handle, options: ClientOptions) -> Client {
        Client {
            reactor: reactor.clone(),
            pool: Rc::new(Pool::new(options.idle, options.idle_time)),
            options: Rc::new(options),
        }
    }

    /// Fetches an address. The answer may have any status; [`get_url`] is stricter.
    #[track_caller]
    pub fn get(&self, url: &str) -> Deferred<Fetched> {
        match url.parse::<Uri>() {
            Ok(uri) => {
                let mut request = Request::new(Bytes::new());
                *request.uri_mut() = uri;
                self.request(request)
            }
            Err(error) => Deferred::fail(Failure::new(format!("{url}: {error}"))),
        }
    }

    /// Asks, follows redirects, and waits for the whole answer. Cancelling it closes the
    /// connection.
    ///
    /// The address must be whole, with `http:` or `https:`. It fails as connecting does, with
    /// [`TimedOut`](deferreds::TimedOut), and when the answer is too long or breaks off.
    #[track_caller]
    pub fn request(&self, request: Request<Bytes>) -> Deferred<Fetched> {
        let (client, limit) = (self.clone(), self.options.timeout);
        spawn(&self.reactor, async move {
            let reactor = client.reactor.clone();
            let asked = async {
                let (head, mut body) = client.follow_redirects(request).await?.into_parts();
                let whole = body.collect(client.options.body_bytes).await?;
                Ok(Response::from_parts(head, whole))
            };
            timeout(&reactor, limit, asked).await?
        })
    }

    /// Asks once, and fires when the head of the answer is there. Its body comes in [`Pieces`];
    /// drop them, and the connection closes. The time limit is for the head.
    #[track_caller]
    pub fn open(&self, request: Request<Bytes>) -> Deferred<Response<Pieces>> {
        let (client, limit) = (self.clone(), self.options.timeout);
        spawn(&self.reactor, async move {
            let reactor = client.reactor.clone();
            timeout(&reactor, limit, client.ask(request)).await?
        })
    }

    async fn follow_redirects(
        &self,
        mut request: Request<Bytes>,
    ) -> Result<Response<Pieces>, Failure> {
        for _ in 0..=self.options.redirects {
            let again = request.clone();
            let answer = self.ask(request).await?;
            match origin::redirect(again, answer.status(), answer.headers().get(LOCATION))? {
                Some(next) => request = next,
                None => return Ok(answer),
            }
        }
        Err(Failure::new(TooManyRedirects(self.options.redirects)))
    }

    // ANCHOR: ask
    async fn ask(&self, mut request: Request<Bytes>) -> Result<Response<Pieces>, Failure> {
        let origin = Origin::of(&mut request)?;
        let mut kept = self.pool.take(&origin, self.reactor.now());
        loop {
            let reused = kept.is_some();
            let mut sender = match kept.take() {
                Some(sender) => sender,
                None => connect::connect(&self.reactor, &origin, self.options.tls.as_ref()).await?,
            };
            if sender.ready().await.is_err() && reused {
                continue; // it was closed meanwhile, and nothing was sent
            }
            let again = reused.then(|| request.clone());
            let lost = match sender.try_send_request(request.map(Full::new)).await {
                Ok(answer) => return Ok(self.pieces(answer, sender, origin)),
                Err(lost) => lost,
            };
            // The server may have closed a kept connection in the moment in which we used it. What
            // was not sent can be sent again. What may have been sent, only if asking twice does no
            // harm.
            match again {
                Some(again) if lost.message().is_some() || is_safe_to_repeat(again.method()) => {
                    request = again;
                }
                _ => return Err(lost.into_error().into()),
            }
        }
    }
    // ANCHOR_END: ask

    fn pieces(
        &self,
        answer: Response<Incoming>,
        sender: SendRequest<Full<Bytes>>,
        origin: Origin,
    ) -> Response<Pieces> {
        answer.map(|body| Pieces {
            body,
            returns_to: Some((self.clone(), origin, sender)),
        })
    }
}

/// Methods that do the same when they are asked twice
/// ([RFC 9110, 9.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2)).
fn is_safe_to_repeat(method: &Method) -> bool {
    [
        Method::GET,
        Method::HEAD,
        Method::OPTIONS,
        Method::PUT,
        Method::DELETE,
    ]
    .contains(method)
}

/// The body of an answer, as it comes.
pub struct Pieces {
    body: Incoming,
    returns_to: Option<(Client, Origin, SendRequest<Full<Bytes>>)>,
}

impl Pieces {
    /// Waits for the next piece. `None` is the end of a whole body.
    ///
    /// # Errors
    /// When the connection broke before that.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        loop {
            match self.body.frame().await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Some(Err(error)) => {
                    self.returns_to = None;
                    return Err(error.into());
                }
                None => {
                    // Only now the connection is free for the next question.
                    if let Some((client, origin, sender)) = self.returns_to.take() {
                        client.pool.put(origin, sender, client.reactor.now());
                    }
                    return Ok(None);
                }
            }
        }
    }

    /// Waits for all of it.
    ///
    /// # Errors
    /// Those of [`next`](Pieces::next), and when there is more than so many bytes.
    pub async fn collect(&mut self, limit: usize) -> Result<Bytes, Failure> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await? {
            if all.len() + piece.len() > limit {
                return Err(Failure::new(TooLong(limit)));
            }
            all.extend_from_slice(&piece);
        }
        Ok(all.into())
    }
}

// ANCHOR: get_url
/// Fetches one page as text, with a client of its own. A status that is no success is a failure:
/// [`NoPage`].
#[track_caller]
pub fn get_url(reactor: &Handle, url: &str) -> Deferred<String> {
    Client::new(reactor).get(url).add_callback(|page| {
        if !page.status().is_success() {
            return Err(Failure::new(NoPage(page.status())));
        }
        Ok(String::from_utf8(page.into_body().into())?)
    })
}
// ANCHOR_END: get_url

macro_rules! error {
    ($name:ident($kind:ty), $text:literal, $doc:literal) => {
        #[doc = $doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $name(pub $kind);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, $text, self.0)
            }
        }

        impl Error for $name {}
    };
}

error!(
    NoPage(StatusCode),
    "the server answered {}", "The server had no page for [`get_url`], but this status."
);
error!(
    TooLong(usize),
    "the answer has more than {} bytes", "The answer has more bytes than the client takes."
);
error!(
    TooManyRedirects(usize),
    "more than {} redirects", "The servers sent the client on and on."
);
