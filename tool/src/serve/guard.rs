//! Who may ask: pages of ours, by a name of ours, and to have something done only with the secret
//! that the terminal shows.
use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// The header that holds the secret.
pub(super) const SECRET: &str = "x-untwisted-secret";

/// What is compared.
#[derive(Debug)]
pub(super) struct Guard {
    secret: String,
    hosts: Vec<String>,
}

impl Guard {
    /// Returns a guard of a port, with a secret of 256 bits.
    ///
    /// # Errors
    /// When the system has no random bytes.
    pub(super) fn new(port: u16) -> anyhow::Result<Guard> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes)
            .map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
        Ok(Guard {
            secret: bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            hosts: ["127.0.0.1", "localhost", "[::1]"]
                .map(|name| format!("{name}:{port}"))
                .to_vec(),
        })
    }

    /// Returns what stands behind the `#` of the address that may run programs.
    pub(super) fn fragment(&self) -> String {
        format!("#run={}", self.secret)
    }

    fn knows_host(&self, headers: &HeaderMap) -> bool {
        one(headers, "host").is_some_and(|host| self.hosts.iter().any(|ours| ours == host))
    }

    fn is_own(&self, origin: &str) -> bool {
        let host = origin.strip_prefix("http://");
        host.is_some_and(|host| self.hosts.iter().any(|ours| ours == host))
    }

    /// Returns why nothing is done, if nothing is.
    fn refusal(&self, headers: &HeaderMap) -> Option<&'static str> {
        let host = one(headers, "host").unwrap_or_default();
        let origin = one(headers, "origin");
        let json = |kind: &str| kind.split(';').next().map(str::trim) == Some("application/json");
        if origin != Some(&format!("http://{host}")) {
            return Some("another page asks (Origin)");
        }
        if headers.contains_key("sec-fetch-site")
            && one(headers, "sec-fetch-site") != Some("same-origin")
        {
            return Some("another page asks (Sec-Fetch-Site)");
        }
        if !one(headers, "content-type").is_some_and(json) {
            return Some("only application/json is read");
        }
        let given = one(headers, SECRET).unwrap_or_default();
        if !same(given.as_bytes(), self.secret.as_bytes()) {
            return Some(
                "this page does not know the secret: open the address that `cargo book` printed in its terminal",
            );
        }
        None
    }
}

/// Returns a header that is there once.
fn one<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    let first = all.next()?.to_str().ok()?;
    all.next().is_none().then_some(first)
}

/// Compares in a time that does not tell how much is right.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

fn no(why: &'static str) -> Response {
    (
        StatusCode::FORBIDDEN,
        [(header::CACHE_CONTROL, "no-store")],
        why,
    )
        .into_response()
}

/// For every route: asked by a name of ours. Otherwise a foreign name could be made to lead
/// here, and their page could read ours. A page that says whose it is, is ours.
pub(super) async fn named(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let headers = request.headers();
    if !guard.knows_host(headers) {
        return no("asked by another name (Host)");
    }
    if headers.contains_key("origin")
        && !one(headers, "origin").is_some_and(|origin| guard.is_own(origin))
    {
        return no("another page asks (Origin)");
    }
    next.run(request).await
}

/// For a route that has something done.
pub(super) async fn trusted(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    match guard.refusal(request.headers()) {
        Some(why) => no(why),
        None => next.run(request).await,
    }
}
