//! What a person sees of a window: its widgets as values, for tests and for descriptions of
//! pictures.
use crate::border;
use std::fmt;

/// What can be seen of one widget. [`Application::shown`](crate::Application::shown) returns all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisibleWidget {
    /// `window`, `box`, `label`, `button`, `line edit`, `list`, `progress bar` or `text view`.
    pub kind: String,
    /// Its text: of a window the title, of a list all rows, of a bar what stands on it.
    pub text: String,
    /// Where its upper left corner is on the screen, in pixels from the left and from the top.
    pub corner: (i32, i32),
    /// How wide and how high it is, in pixels.
    pub size: (i32, i32),
    /// Whether people can use it; greyed out if not.
    pub enabled: bool,
}

impl VisibleWidget {
    /// Returns the pixel in its middle: where a test clicks.
    pub fn middle(&self) -> (i32, i32) {
        (
            self.corner.0 + self.size.0 / 2,
            self.corner.1 + self.size.1 / 2,
        )
    }
}

impl From<border::VisibleWidget> for VisibleWidget {
    fn from(it: border::VisibleWidget) -> VisibleWidget {
        VisibleWidget {
            kind: it.kind,
            text: it.text,
            corner: (it.x, it.y),
            size: (it.width, it.height),
            enabled: it.enabled,
        }
    }
}

/// The kind and the text, and not the corner, which depends on the fonts: `button "Cancel", grey`.
impl fmt::Display for VisibleWidget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grey = if self.enabled { "" } else { ", grey" };
        match self.text.as_str() {
            "" => write!(f, "{}{grey}", self.kind),
            text => write!(f, "{} {text:?}{grey}", self.kind),
        }
    }
}
