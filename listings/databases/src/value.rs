//! Values on their way to PostgreSQL: as text, to which the SQL gives a type.
use std::{borrow::Cow, fmt::Write};

/// A value that can stand for a `$1`. It travels as text, and the server reads the text as the type
/// that the SQL asks for there: a number where a number is compared, a `date` where a date is.
///
/// ```
/// use databases::ToValue;
/// assert_eq!(7.to_value().as_deref(), Some("7"));
/// assert_eq!("it's".to_value().as_deref(), Some("it's"));
/// assert_eq!(None::<i32>.to_value(), None); // NULL
/// let values: &[&dyn ToValue] = &[&7, &"it's", &true];
/// assert_eq!(values.len(), 3);
/// ```
pub trait ToValue {
    /// Returns the text, or `None` for NULL.
    fn to_value(&self) -> Option<Cow<'_, str>>;
}

impl ToValue for str {
    fn to_value(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self))
    }
}

impl ToValue for String {
    fn to_value(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self))
    }
}

/// A `bytea`.
impl ToValue for [u8] {
    fn to_value(&self) -> Option<Cow<'_, str>> {
        let mut text = String::with_capacity(2 + 2 * self.len());
        text.push_str("\\x");
        for byte in self {
            write!(text, "{byte:02x}").expect("a String takes what it is given");
        }
        Some(text.into())
    }
}

/// A `bytea`.
impl ToValue for Vec<u8> {
    fn to_value(&self) -> Option<Cow<'_, str>> {
        self.as_slice().to_value()
    }
}

macro_rules! displayed {
    ($($type:ty)*) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Option<Cow<'_, str>> {
                Some(self.to_string().into())
            }
        }
    )*};
}

displayed!(bool i8 i16 i32 i64 u8 u16 u32 u64 usize isize f32 f64);

/// `None` is NULL.
impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Option<Cow<'_, str>> {
        self.as_ref()?.to_value()
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Option<Cow<'_, str>> {
        (**self).to_value()
    }
}
