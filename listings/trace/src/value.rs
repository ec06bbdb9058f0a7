//! Attribute values, and the little JSON that a trace needs.
use std::{any::Any, fmt::Debug, time::Duration};

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Text.
    Text(String),
}

macro_rules! numbers {
    ($($type:ty)*) => {$(
        impl From<$type> for Value {
            /// A number beyond `i64` becomes the nearest one within.
            fn from(number: $type) -> Self {
                Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
            }
        }
    )*};
}
numbers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize u128);

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Flag(flag)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<crate::Object> for Value {
    fn from(object: crate::Object) -> Self {
        Value::Text(object.to_string())
    }
}

impl From<Duration> for Value {
    /// In nanoseconds.
    fn from(duration: Duration) -> Self {
        duration.as_nanos().into()
    }
}

impl Value {
    pub(crate) fn json(&self, to: &mut String) {
        match self {
            Value::Number(number) => to.push_str(&number.to_string()),
            Value::Flag(flag) => to.push_str(if *flag { "true" } else { "false" }),
            Value::Text(text) => string(text, to),
        }
    }
}

/// Writes `text` as a JSON string (RFC 8259, section 7).
pub(crate) fn string(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\n' => to.push_str("\\n"),
            '\r' => to.push_str("\\r"),
            '\t' => to.push_str("\\t"),
            c if u32::from(c) < 0x20 => to.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => to.push(c),
        }
    }
    to.push('"');
}

/// Writes `{"a":1,…}`.
pub(crate) fn map<'a>(pairs: impl Iterator<Item = (&'a str, &'a Value)>, to: &mut String) {
    to.push('{');
    for (at, (key, value)) in pairs.enumerate() {
        if at > 0 {
            to.push(',');
        }
        string(key, to);
        to.push(':');
        value.json(to);
    }
    to.push('}');
}

/// How many characters of a value are recorded.
const SHOWN: usize = 80;

/// Returns a value as it is recorded, if its type is one of the common ones: text, numbers, and
/// lists of them.
///
/// A generic function cannot ask for `Debug` without asking all its callers for it; so the type is
/// looked up.
///
/// ```
/// assert_eq!(trace::shown(&49_u64).as_deref(), Some("49"));
/// assert_eq!(trace::shown(&"a poem".to_owned()).as_deref(), Some("\"a poem\""));
/// assert_eq!(trace::shown(&std::rc::Rc::new(1)), None);
/// ```
pub fn shown(value: &dyn Any) -> Option<String> {
    fn cut(value: &dyn Debug) -> String {
        let text = format!("{value:?}");
        match text.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", &text[..end]),
            None => text,
        }
    }
    macro_rules! known {
        ($($type:ty),* $(,)?) => {
            $(if let Some(value) = value.downcast_ref::<$type>() {
                return Some(cut(value));
            })*
        };
    }
    macro_rules! with_lists {
        ($($type:ty),* $(,)?) => {
            known!($($type, Vec<$type>, Option<$type>, (usize, $type)),*)
        };
    }
    with_lists!(
        String,
        &'static str,
        bool,
        char,
        u8,
        u16,
        u32,
        u64,
        u128,
        usize,
        i8,
        i16,
        i32,
        i64,
        i128,
        isize,
        f32,
        f64,
        Duration,
    );
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped() {
        let mut text = String::new();
        string("a\"b\\c\n\u{1}é", &mut text);
        assert_eq!(text, "\"a\\\"b\\\\c\\n\\u0001é\"");
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let text = shown(&"é".repeat(200)).unwrap();
        assert_eq!(text.chars().count(), SHOWN + 1);
        assert!(text.ends_with("é…"), "{text}");
        assert_eq!(shown(&vec![1_u8, 2]).as_deref(), Some("[1, 2]"));
        assert_eq!(shown(&()), None);
    }

    #[test]
    fn a_number_too_large_stays_at_the_end_of_the_range() {
        assert_eq!(Value::from(u64::MAX), Value::Number(i64::MAX));
        assert_eq!(Value::from(7_u8), Value::Number(7));
    }
}
