//! The application: one a process, on the main thread, and there until the last widget is gone.
use crate::{VisibleWidget, border};
use cxx::UniquePtr;
use std::{
    cell::Cell,
    error::Error,
    fmt,
    panic::resume_unwind,
    rc::Rc,
    sync::atomic::{AtomicBool, Ordering},
};

/// Qt's `QApplication`: the event loop, and everything that windows need.
///
/// There is one a process, and it lives on the main thread, because that is what Qt (and macOS) ask
/// for. Clones are the same application. It ends when the last clone and the last widget are gone.
///
/// Source: [QApplication](https://doc.qt.io/qt-6/qapplication.html).
#[derive(Clone)]
pub struct Application(pub(crate) Rc<Inner>);

pub(crate) struct Inner {
    pub(crate) qt: UniquePtr<border::Application>,
    running: Cell<bool>,
}

/// Whether there is an application now.
static EXISTS: AtomicBool = AtomicBool::new(false);

impl Application {
    /// Makes the application.
    ///
    /// # Errors
    /// [`ApplicationError`]: there is one already, or this is not the main thread.
    pub fn new() -> Result<Application, ApplicationError> {
        Application::make(false)
    }

    /// Makes an application whose windows are drawn and not seen: for tests, and for machines
    /// without a screen. The environment variable `QT_QPA_PLATFORM=offscreen` does the same to a
    /// program that is made already.
    ///
    /// # Errors
    /// As [`new`](Application::new).
    pub fn offscreen() -> Result<Application, ApplicationError> {
        Application::make(true)
    }

    fn make(offscreen: bool) -> Result<Application, ApplicationError> {
        // Rust names the main thread so, and no other unless a program says so.
        if std::thread::current().name() != Some("main") {
            return Err(ApplicationError::NotMainThread);
        }
        Application::on_this_thread(offscreen)
    }

    /// Makes it in this thread, whichever that is: for `testing.rs`, whose thread is the only one
    /// that knows Qt.
    pub(crate) fn on_this_thread(offscreen: bool) -> Result<Application, ApplicationError> {
        if EXISTS.swap(true, Ordering::Relaxed) {
            return Err(ApplicationError::Second);
        }
        Ok(Application(Rc::new(Inner {
            qt: border::new_application(offscreen),
            running: Cell::new(false),
        })))
    }

    /// Runs Qt's loop until [`quit`](Application::quit) or the last window is closed. Without a
    /// reactor; with one, see [`QtReactor::run`](crate::QtReactor::run).
    ///
    /// # Panics
    /// With the panic of a callback, after the loop has ended; and when the loop is running
    /// already.
    pub fn run(&self) {
        assert!(
            !self.0.running.replace(true),
            "Qt's loop is running already: from a callback, use `nested`"
        );
        let weak = Rc::downgrade(&self.0);
        border::set_quit(Some(Box::new(move || {
            if let Some(it) = weak.upgrade() {
                it.qt.quit();
            }
        })));
        self.0.qt.exec();
        border::set_quit(None);
        self.0.running.set(false);
        if let Some(panic) = border::take_panic() {
            resume_unwind(panic);
        }
    }

    /// Ends the loop. Before the loop it does nothing: Qt forgets it.
    pub fn quit(&self) {
        self.0.qt.quit();
    }

    /// Calls `call` from Qt's loop, after the event that it is handling.
    pub fn call_soon(&self, call: impl FnOnce() + 'static) {
        border::call_soon(&self.0.qt, call);
    }

    /// Runs a loop inside the loop for some milliseconds, as a modal dialog does until it is
    /// closed.
    pub fn nested(&self, milliseconds: u16) {
        self.0.qt.nested(i32::from(milliseconds));
    }

    /// Returns everything that a person sees now: each visible widget, from above to below. Windows
    /// stand in the order of their titles. A test compares this with what should be there, since
    /// two machines draw with two fonts and no picture is the same on both.
    pub fn shown(&self) -> Vec<VisibleWidget> {
        self.0
            .qt
            .shown()
            .into_iter()
            .map(VisibleWidget::from)
            .collect()
    }

    /// Returns the name of what draws: `xcb`, `wayland`, `cocoa`, or `offscreen` when nothing is
    /// seen.
    pub fn platform(&self) -> String {
        border::platform()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.qt = UniquePtr::null();
        EXISTS.store(false, Ordering::Relaxed);
    }
}

/// Calls `call` in Qt's loop, from any thread. Returns whether there is an application to do it; if
/// not, `call` is dropped.
pub fn post(call: impl FnOnce() + Send + 'static) -> bool {
    border::post(call)
}

/// Why there is no application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApplicationError {
    /// There is one already.
    Second,
    /// Qt wants the main thread.
    NotMainThread,
}

impl fmt::Display for ApplicationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ApplicationError::Second => {
                "there is a Qt application already: a process has one, clone it"
            }
            ApplicationError::NotMainThread => {
                "Qt wants the main thread: make the application in `main`"
            }
        })
    }
}

impl Error for ApplicationError {}
