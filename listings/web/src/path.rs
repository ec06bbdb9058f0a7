//! The names in the path of a request: cut first, decoded afterwards, and none that could lead out
//! of a tree.
use hyper::StatusCode;
use percent_encoding::percent_decode_str;

// ANCHOR: names
/// Returns the names in `path`, from the root down; `""` after a last slash.
///
/// A name that could mean another place to a file system is in no tree, however it is spelled: the
/// status is 404. What is not UTF-8 once it is decoded is a 400.
pub(crate) fn names(path: &str) -> Result<Vec<String>, StatusCode> {
    let path = path.strip_prefix('/').ok_or(StatusCode::BAD_REQUEST)?;
    path.split('/').map(name).collect()
}

fn name(part: &str) -> Result<String, StatusCode> {
    let name = percent_decode_str(part)
        .decode_utf8()
        .map_err(|_| StatusCode::BAD_REQUEST)?;
    if matches!(&*name, "." | "..") || name.contains(['/', '\\', '\0']) {
        return Err(StatusCode::NOT_FOUND);
    }
    Ok(name.into_owned())
}
// ANCHOR_END: names

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_before_it_is_decoded() {
        assert_eq!(names("/").unwrap(), [""]);
        assert_eq!(names("/a/b").unwrap(), ["a", "b"]);
        assert_eq!(names("/a/").unwrap(), ["a", ""]);
        assert_eq!(names("/caf%C3%A9").unwrap(), ["café"]);
        // Decoded once, never twice, and a plus is a plus.
        assert_eq!(names("/%252e%252e").unwrap(), ["%2e%2e"]);
        assert_eq!(names("/a+b%zz%").unwrap(), ["a+b%zz%"]);
        assert_eq!(names("/...").unwrap(), ["..."]);
    }

    #[test]
    fn no_spelling_leads_out() {
        for path in [
            "/..",
            "/../x",
            "/a/../../x",
            "/%2e%2e/x",
            "/.%2E/x",
            "/.",
            "/a%2fb",
            "/..%2fx",
            "/..%5cx",
            "/..\\x",
            "/a%00.html",
        ] {
            assert_eq!(names(path), Err(StatusCode::NOT_FOUND), "{path}");
        }
        for path in ["", "*", "a/b", "/%ff", "/%c0%ae%c0%ae/x"] {
            assert_eq!(names(path), Err(StatusCode::BAD_REQUEST), "{path}");
        }
    }
}
