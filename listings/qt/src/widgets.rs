//! The widgets that the chapter uses, each a few methods wide.
use crate::{
    Application,
    border::{self, Callback},
};
use cxx::UniquePtr;
use std::{error::Error, fmt, path::Path, rc::Rc};

/// The widget is gone: its window was destroyed and took it along. Or it cannot do what was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidgetError(String);

impl fmt::Display for WidgetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for WidgetError {}

impl From<cxx::Exception> for WidgetError {
    fn from(error: cxx::Exception) -> WidgetError {
        WidgetError(error.what().to_owned())
    }
}

/// What every call on a widget returns.
pub type Result<T> = std::result::Result<T, WidgetError>;

/// A widget of any kind. Clones are the same widget. A callback is lent the widget that it belongs
/// to: one that kept a clone of it would keep it for ever.
///
/// The application stands last: fields are dropped in their order, and a `QWidget` must not outlive
/// it.
#[derive(Clone)]
pub struct Widget {
    qt: Rc<UniquePtr<border::Widget>>,
    application: Application,
}

impl Widget {
    fn new(application: &Application, kind: &str, text: &str) -> Widget {
        Widget {
            qt: Rc::new(border::new_widget(kind, text)),
            application: application.clone(),
        }
    }

    fn with<R>(
        &self,
        call: impl FnOnce(&border::Widget) -> std::result::Result<R, cxx::Exception>,
    ) -> Result<R> {
        Ok(call(&self.qt)?)
    }

    /// Whether the widget is still there.
    pub fn is_alive(&self) -> bool {
        self.qt.alive()
    }

    /// Sets its text; of a window, the title.
    ///
    /// # Errors
    /// [`WidgetError`] when it is gone, here and below.
    pub fn set_text(&self, text: &str) -> Result<()> {
        self.with(|qt| qt.set_text(text))
    }

    /// Returns its text; of a list, that of the chosen row.
    ///
    /// # Errors
    /// When it is gone.
    pub fn text(&self) -> Result<String> {
        self.with(|qt| qt.text())
    }

    /// Lets people use it, or greys it out.
    ///
    /// # Errors
    /// When it is gone.
    pub fn set_enabled(&self, on: bool) -> Result<()> {
        self.with(|qt| qt.set_enabled(on))
    }

    /// Returns the window that it stands in. The name does not keep the window: so a slot that
    /// wants to close its window asks the widget that it is lent, and holds nothing.
    ///
    /// # Errors
    /// When it is gone, or stands in no window.
    pub fn window(&self) -> Result<Window> {
        let qt = self.with(|qt| qt.window())?;
        Ok(Window(Widget {
            qt: Rc::new(qt),
            application: self.application.clone(),
        }))
    }

    /// Destroys it with all that is in it. Other names for it find it gone.
    ///
    /// # Errors
    /// When it is gone already.
    pub fn destroy(&self) -> Result<()> {
        self.with(|qt| qt.destroy())
    }

    /// Sets the slot, which the widget keeps. So the slot is lent the widget at each call, and
    /// keeps neither it nor the application.
    fn on_event<T: 'static>(
        &self,
        kind: impl Fn(Widget) -> T + 'static,
        call: impl Fn(&T) + 'static,
    ) -> Result<()> {
        let lent = Rc::new(self.qt.lent());
        let application = Rc::downgrade(&self.application.0);
        self.with(|qt| {
            qt.on_event(Callback::new(move || {
                if let Some(application) = application.upgrade() {
                    call(&kind(Widget {
                        qt: Rc::clone(&lent),
                        application: Application(application),
                    }));
                }
            }))
        })
    }
}

/// Makes a type for one kind of widget; all of them can do what a [`Widget`] can.
macro_rules! widget {
    ($(#[$about:meta])* $name:ident, $kind:literal) => {
        $(#[$about])*
        #[derive(Clone)]
        pub struct $name(Widget);

        impl std::ops::Deref for $name {
            type Target = Widget;
            fn deref(&self) -> &Widget {
                &self.0
            }
        }

        impl $name {
            /// Makes one with that text.
            pub fn new(application: &Application, text: &str) -> $name {
                $name(Widget::new(application, $kind, text))
            }
        }
    };
}

widget!(/// A window. What is put into it stands one below the other, and lives as long as it.
    Window, "window");
widget!(/// A box without a border that holds widgets side by side.
    Row, "box");
widget!(/// A line of text to read.
    Label, "label");
widget!(/// A button to click.
    Button, "button");
widget!(/// A line of text to write.
    LineEdit, "line edit");
widget!(/// Rows, of which one can be chosen.
    List, "list");
widget!(/// A bar that fills.
    ProgressBar, "progress bar");
widget!(/// Many lines of text to read.
    TextView, "text view");

impl Window {
    /// Puts a widget below those that are there.
    ///
    /// # Errors
    /// When one of the two is gone.
    pub fn add(&self, child: &Widget) -> Result<()> {
        self.with(|qt| qt.stack(&child.qt))
    }

    /// Shows it, in that size.
    ///
    /// # Errors
    /// When it is gone.
    pub fn show(&self, width: u16, height: u16) -> Result<()> {
        self.with(|qt| qt.resize(i32::from(width), i32::from(height)))?;
        self.with(|qt| qt.show())
    }

    /// Closes it, as a click on its cross does. Qt's loop ends with the last window.
    ///
    /// # Errors
    /// When it is gone.
    pub fn close(&self) -> Result<()> {
        self.with(|qt| qt.close())
    }

    /// Calls `call` when it is closed.
    ///
    /// # Errors
    /// When it is gone.
    pub fn on_close(&self, call: impl Fn(&Window) + 'static) -> Result<()> {
        self.on_event(Window, call)
    }

    /// Writes a picture of it to a file; its ending says which kind.
    ///
    /// # Errors
    /// When it is gone, or the file cannot be written.
    pub fn picture(&self, file: &Path) -> Result<()> {
        if self.with(|qt| qt.grab(&file.to_string_lossy()))? {
            Ok(())
        } else {
            Err(WidgetError(format!("{} cannot be written", file.display())))
        }
    }
}

impl Row {
    /// Puts a widget to the right of those that are there.
    ///
    /// # Errors
    /// When one of the two is gone.
    pub fn add(&self, child: &Widget) -> Result<()> {
        self.with(|qt| qt.stack(&child.qt))
    }
}

impl Button {
    /// Calls `call` at each click, in place of what was called before.
    ///
    /// # Errors
    /// When it is gone.
    pub fn on_click(&self, call: impl Fn(&Button) + 'static) -> Result<()> {
        self.on_event(Button, call)
    }

    /// Clicks it, as a person would. Nothing happens while it is not enabled.
    ///
    /// # Errors
    /// When it is gone.
    pub fn click(&self) -> Result<()> {
        self.with(|qt| qt.click())
    }
}

impl LineEdit {
    /// Calls `call` when the Return key is pressed, in place of what was called before.
    ///
    /// # Errors
    /// When it is gone.
    pub fn on_enter(&self, call: impl Fn(&LineEdit) + 'static) -> Result<()> {
        self.on_event(LineEdit, call)
    }

    /// Writes the text and presses the Return key, as a person would.
    ///
    /// # Errors
    /// When it is gone.
    pub fn enter(&self, text: &str) -> Result<()> {
        self.with(|qt| qt.enter(text))
    }
}

impl List {
    /// Adds a row.
    ///
    /// # Errors
    /// When it is gone.
    pub fn push(&self, text: &str) -> Result<()> {
        self.with(|qt| qt.add_item(text))
    }

    /// Takes all rows away.
    ///
    /// # Errors
    /// When it is gone.
    pub fn clear(&self) -> Result<()> {
        self.with(|qt| qt.clear_items())
    }

    /// Sets the text of a row, the first is 0.
    ///
    /// # Errors
    /// When it is gone, or has no such row.
    pub fn set_row(&self, row: usize, text: &str) -> Result<()> {
        self.with(|qt| qt.set_item(i32::try_from(row).unwrap_or(-1), text))
    }

    /// Returns which row is chosen.
    ///
    /// # Errors
    /// When it is gone.
    pub fn chosen(&self) -> Result<Option<usize>> {
        Ok(usize::try_from(self.with(|qt| qt.selected())?).ok())
    }

    /// Chooses a row, as a person would.
    ///
    /// # Errors
    /// When it is gone.
    pub fn choose(&self, row: usize) -> Result<()> {
        self.with(|qt| qt.select(i32::try_from(row).unwrap_or(-1)))
    }

    /// Calls `call` when another row is chosen, in place of what was called before.
    ///
    /// # Errors
    /// When it is gone.
    pub fn on_choice(&self, call: impl Fn(&List) + 'static) -> Result<()> {
        self.on_event(List, call)
    }
}

impl ProgressBar {
    /// Fills `done` parts of `all`; of 0, it only says that it is busy.
    ///
    /// # Errors
    /// When it is gone.
    pub fn set(&self, done: usize, all: usize) -> Result<()> {
        let part = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        self.with(|qt| qt.set_progress(part(done), part(all)))
    }
}

impl TextView {
    /// Adds text at the end.
    ///
    /// # Errors
    /// When it is gone.
    pub fn append(&self, text: &str) -> Result<()> {
        self.with(|qt| qt.append(text))
    }
}
