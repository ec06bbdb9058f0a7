//! A trace with another first line: the digest of its source, settled places.
use serde_json::{Map, Value};
use trace::read::Error;

/// Returns the same trace with `src_sha256` of its header set to `digest`. The events are kept byte
/// for byte.
///
/// # Errors
/// When the header cannot be read.
///
/// ```
/// let text = trace::start(trace::Setup::default()).finish();
/// let text = pictures::with_source(&text, "abc")?;
/// assert!(text.starts_with(r#"{"v":1,"listing":"","src_sha256":"abc","clock":"#));
/// # Ok::<(), trace::read::Error>(())
/// ```
pub fn with_source(text: &str, digest: &str) -> Result<String, Error> {
    rewrite(text, |header| {
        let mut new = Map::new();
        for (key, value) in header {
            if key == "src_sha256" {
                continue;
            }
            let after = key == "listing";
            new.insert(key, value);
            if after {
                new.insert("src_sha256".to_owned(), digest.into());
            }
        }
        // A header without a listing still gets its digest.
        new.entry("src_sha256").or_insert_with(|| digest.into());
        new
    })
}

/// Returns the trace with another header.
pub(crate) fn rewrite(
    text: &str,
    change: impl FnOnce(Map<String, Value>) -> Map<String, Value>,
) -> Result<String, Error> {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let header = serde_json::from_str(first).map_err(|error| Error {
        line: 1,
        message: format!("not a header of trace/1: {}", error),
    })?;
    Ok(format!("{}\n{rest}", Value::Object(change(header))))
}
