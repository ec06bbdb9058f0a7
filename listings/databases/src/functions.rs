//! Stored functions as an interface: any function with the agreed prefix can be called by name, and
//! nothing else.
use std::{error::Error, fmt, fmt::Write};

/// What a stored function's name begins with to be callable.
pub const PREFIX: &str = "function_";

/// PostgreSQL cuts longer names off, and would then call another function.
const MAX_NAME: usize = 63;

/// The names that can be called, without their prefix.
pub(crate) const CALLABLE: &str = "SELECT DISTINCT substr(proname, 10)::text AS name FROM pg_proc
    WHERE starts_with(proname, 'function_') AND pg_function_is_visible(oid)
    AND has_function_privilege(oid, 'EXECUTE')";

/// A name that no function can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameError(&'static str);

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no name of a stored function: {}", self.0)
    }
}

impl Error for NameError {}

// ANCHOR: call
/// Returns the SQL that calls `function_<name>` with so many values.
pub(crate) fn call(name: &str, values: usize) -> Result<String, NameError> {
    let name = format!("{PREFIX}{name}");
    if name.len() > MAX_NAME {
        return Err(NameError("it is longer than 63 bytes with its prefix"));
    }
    if name.contains('\0') {
        return Err(NameError("it has a zero byte"));
    }
    let mut sql = format!("SELECT * FROM \"{}\"(", name.replace('"', "\"\""));
    for number in 1..=values {
        let comma = if number > 1 { ", " } else { "" };
        write!(sql, "{comma}${number}").expect("a String takes what it is given");
    }
    sql.push(')');
    Ok(sql)
}
// ANCHOR_END: call

#[cfg(test)]
mod tests {
    use super::call;

    #[test]
    fn a_name_is_one_identifier_whatever_is_in_it() {
        assert_eq!(
            call("poem", 2).unwrap(),
            "SELECT * FROM \"function_poem\"($1, $2)"
        );
        let evil = call("x\"(); DROP TABLE poems; --", 0).unwrap();
        assert_eq!(
            evil,
            "SELECT * FROM \"function_x\"\"(); DROP TABLE poems; --\"()"
        );
    }

    #[test]
    fn a_name_that_would_be_cut_off_is_refused() {
        assert!(call(&"x".repeat(54), 0).is_ok());
        assert!(call(&"x".repeat(55), 0).is_err());
        assert!(call("a\0b", 0).is_err());
    }
}
