//! Which server to ask: the origin of an address, and where a redirect leads.
use crate::{
    Bytes, Method, StatusCode,
    header::{
        AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, HeaderValue, PROXY_AUTHORIZATION,
    },
};
use deferreds::Failure;
use hyper::{Request, Uri};

/// A server: connections to the same one can be used again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub(crate) tls: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Origin {
    /// Takes the server out of a request: what is left asks for a path, and names the host in a
    /// header.
    pub(crate) fn of(request: &mut Request<Bytes>) -> Result<Origin, Failure> {
        let uri = request.uri().clone();
        let wrong = |what: &str| Failure::new(format!("{uri}: {what}"));
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong("an address begins with http:// or https://")),
        };
        let Some(authority) = uri.authority() else {
            return Err(wrong("the host is missing"));
        };
        if authority.as_str().contains('@') {
            return Err(wrong("a password belongs into the header `authorization`"));
        }
        // An IPv6 address stands in brackets, which are not part of it.
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        let port = uri.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let name = HeaderValue::from_str(authority.as_str())?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        *request.uri_mut() = path.parse()?;
        request.headers_mut().entry(HOST).or_insert(name);
        Ok(Origin {
            tls,
            host: host.to_ascii_lowercase(),
            port,
        })
    }
}

/// Returns the next request, if that answer is a redirect.
pub(crate) fn redirect(
    mut asked: Request<Bytes>,
    status: StatusCode,
    to: Option<&HeaderValue>,
) -> Result<Option<Request<Bytes>>, Failure> {
    let as_get = match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => *asked.method() == Method::POST,
        StatusCode::SEE_OTHER => *asked.method() != Method::HEAD,
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => false,
        _ => return Ok(None),
    };
    let Some(to) = to.and_then(|to| to.to_str().ok()) else {
        return Ok(None);
    };
    let from = asked.uri().clone();
    let next = join(&from, to)?;
    if from.scheme_str() == Some("https") && next.scheme_str() == Some("http") {
        return Err(Failure::new(format!(
            "{from} leads to {next}, which is not encrypted"
        )));
    }
    let headers = asked.headers_mut();
    headers.remove(HOST);
    if (from.scheme(), from.authority()) != (next.scheme(), next.authority()) {
        // Secrets are for the server they were meant for.
        for secret in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION] {
            headers.remove(secret);
        }
    }
    if as_get {
        headers.remove(CONTENT_TYPE);
        headers.remove(CONTENT_LENGTH);
        *asked.method_mut() = Method::GET;
        *asked.body_mut() = Bytes::new();
    }
    *asked.uri_mut() = next;
    Ok(Some(asked))
}

/// Returns the address that `to` means on the page at `from` ([RFC 3986,
/// 5.2](https://www.rfc-editor.org/rfc/rfc3986#section-5.2)).
fn join(from: &Uri, to: &str) -> Result<Uri, Failure> {
    let to = to.split('#').next().unwrap_or_default();
    let base = || {
        let (scheme, host) = (from.scheme_str().unwrap_or("http"), from.authority());
        format!("{scheme}://{}", host.map_or("", |host| host.as_str()))
    };
    // A colon before the first slash ends a scheme; a later one belongs to a path.
    let has_scheme = to
        .split(['/', '?'])
        .next()
        .is_some_and(|first| first.contains(':'));
    let whole = if has_scheme {
        to.to_owned()
    } else if to.starts_with("//") {
        format!("{}:{to}", from.scheme_str().unwrap_or("http"))
    } else if to.is_empty() {
        from.to_string()
    } else {
        let (path, query) = to
            .split_once('?')
            .map_or((to, None), |(path, query)| (path, Some(query)));
        let path = match path {
            "" => from.path().to_owned(),
            path if path.starts_with('/') => without_dots(path),
            path => {
                let folder = from
                    .path()
                    .rsplit_once('/')
                    .map_or("", |(folder, _)| folder);
                without_dots(&format!("{folder}/{path}"))
            }
        };
        let query = query.map_or(String::new(), |query| format!("?{query}"));
        format!("{}{path}{query}", base())
    };
    whole
        .parse()
        .map_err(|error| Failure::new(format!("a redirect to {to:?}: {error}")))
}

/// Returns the path without `.` and `..`, none of which leads above the root.
fn without_dots(path: &str) -> String {
    let mut names = Vec::new();
    for name in path.split('/').skip(1) {
        match name {
            "." => {}
            ".." => drop(names.pop()),
            name => names.push(name),
        }
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        names.push("");
    }
    format!("/{}", names.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_read_from_where_it_stands() {
        let from = "http://a:8080/b/c/d?q".parse().unwrap();
        for (to, expected) in [
            ("https://x/y", "https://x/y"),
            ("//x/y", "http://x/y"),
            ("/y", "http://a:8080/y"),
            ("/y?z=/../w", "http://a:8080/y?z=/../w"),
            ("y", "http://a:8080/b/c/y"),
            ("./y#z", "http://a:8080/b/c/y"),
            ("../y", "http://a:8080/b/y"),
            ("../../../y", "http://a:8080/y"),
            ("..", "http://a:8080/b/"),
            (".", "http://a:8080/b/c/"),
            ("?y", "http://a:8080/b/c/d?y"),
            ("y?z:w", "http://a:8080/b/c/y?z:w"),
            ("", "http://a:8080/b/c/d?q"),
        ] {
            assert_eq!(join(&from, to).unwrap().to_string(), expected, "{to:?}");
        }
        assert!(join(&from, "http://[").is_err());
    }
}
