//! What a client filled in: the question of an address, and the body of a form.
use crate::{Request, StatusCode};
use hyper::header::CONTENT_TYPE;

/// Names and values, in the order in which they came. A name may be there more than once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Returns the first value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Returns all values of that name.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        let same = self.0.iter().filter(|(key, _)| key == name);
        same.map(|(_, value)| value.as_str()).collect()
    }

    fn parse(bytes: &[u8]) -> Form {
        Form(form_urlencoded::parse(bytes).into_owned().collect())
    }
}

/// Returns what stands after the `?` of an address. What is no UTF-8 becomes `�`.
///
/// ```
/// let request = web::Request::new(web::Bytes::new());
/// assert_eq!(web::query(&request).get("page"), None);
/// ```
#[must_use]
pub fn query(request: &Request) -> Form {
    Form::parse(request.uri().query().unwrap_or_default().as_bytes())
}

/// Returns what a form of HTML sent, unless it holds files.
///
/// # Errors
/// 415 when the body is no such form; the header `content-type` must say
/// `application/x-www-form-urlencoded`.
pub fn form(request: &Request) -> Result<Form, StatusCode> {
    let kind = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    if !kind
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    Ok(Form::parse(request.body()))
}
