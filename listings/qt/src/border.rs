//! The whole border between Rust and Qt: the only file of the book with unsafe code in it.
//!
//! What is unsafe here is one promise: that the functions declared below exist in `shim.cpp` with
//! these types. `cxx` writes both sides from this one declaration, and the C++ compiler checks
//! `shim.h` against it, so the promise is about what C++ does, not about how it is called. Three
//! rules keep what it does sound, and each has its place:
//!
//! - A widget can be deleted by Qt while Rust still holds it. `shim.cpp` holds a `QPointer`, looks
//!   at it before each call, and throws; `cxx` turns the exception into an error.
//! - Qt calls back while a callback is running. So a callback is `Fn`, and Rust's own borrow rules
//!   do the rest.
//! - A panic must not run through C++ frames. It is caught in [`Callback::call`] and
//!   [`PostedCall::run`], and goes on in Rust, in [`Application::run`](crate::Application::run).
//!
//! Only [`post`] may be called from another thread; the types of C++ are not `Send`, so Rust
//! refuses the rest.
use std::{
    any::Any,
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
};

// ANCHOR: bridge
// Private, whatever the macro writes into it.
#[allow(unsafe_code, unreachable_pub)]
#[cxx::bridge(namespace = "untwisted_qt")]
mod ffi {
    /// What can be seen of one widget.
    struct VisibleWidget {
        kind: String,
        text: String,
        x: i32,
        y: i32,
        width: i32,
        height: i32,
        enabled: bool,
    }

    extern "Rust" {
        type Callback;
        fn call(self: &Callback);
        type PostedCall;
        fn run(self: &mut PostedCall);
    }

    unsafe extern "C++" {
        include!("qt/src/shim.h");

        type Application;
        fn new_application(offscreen: bool) -> UniquePtr<Application>;
        fn exec(self: &Application) -> i32;
        fn quit(self: &Application);
        fn watch(self: &Application, descriptor: i32, ready: Box<Callback>);
        fn enable_watch(self: &Application, on: bool);
        fn on_timer(self: &Application, due: Box<Callback>);
        fn arm_timer(self: &Application, milliseconds: i32);
        fn call_soon(self: &Application, call: Box<PostedCall>);
        fn nested(self: &Application, milliseconds: i32);
        fn shown(self: &Application) -> Vec<VisibleWidget>;
        fn platform() -> String;
        fn post(call: Box<PostedCall>) -> bool;

        type Widget;
        fn new_widget(kind: &str, text: &str) -> UniquePtr<Widget>;
        fn lent(self: &Widget) -> UniquePtr<Widget>;
        fn window(self: &Widget) -> Result<UniquePtr<Widget>>;
        fn alive(self: &Widget) -> bool;
        fn destroy(self: &Widget) -> Result<()>;
        fn set_text(self: &Widget, text: &str) -> Result<()>;
        fn text(self: &Widget) -> Result<String>;
        fn append(self: &Widget, text: &str) -> Result<()>;
        fn set_enabled(self: &Widget, on: bool) -> Result<()>;
        fn set_progress(self: &Widget, done: i32, all: i32) -> Result<()>;
        fn add_item(self: &Widget, text: &str) -> Result<()>;
        fn clear_items(self: &Widget) -> Result<()>;
        fn set_item(self: &Widget, row: i32, text: &str) -> Result<()>;
        fn selected(self: &Widget) -> Result<i32>;
        fn stack(self: &Widget, child: &Widget) -> Result<()>;
        fn show(self: &Widget) -> Result<()>;
        fn close(self: &Widget) -> Result<()>;
        fn resize(self: &Widget, width: i32, height: i32) -> Result<()>;
        fn grab(self: &Widget, path: &str) -> Result<bool>;
        fn click(self: &Widget) -> Result<()>;
        fn enter(self: &Widget, text: &str) -> Result<()>;
        fn select(self: &Widget, row: i32) -> Result<()>;
        fn on_event(self: &Widget, call: Box<Callback>) -> Result<()>;
    }
}

// ANCHOR_END: bridge

pub(crate) use ffi::{Application, VisibleWidget, Widget, new_application, new_widget, platform};

thread_local! {
    /// What a callback panicked with, until the loop has returned.
    static PANIC: RefCell<Option<Box<dyn Any + Send>>> = const { RefCell::new(None) };
    /// How to quit the loop when that happens.
    static QUIT: RefCell<Option<Box<dyn Fn()>>> = const { RefCell::new(None) };
}

/// Sets what quits the loop when a callback panics.
pub(crate) fn set_quit(quit: Option<Box<dyn Fn()>>) {
    let before = QUIT.replace(quit);
    drop(before);
}

/// Returns what a callback panicked with, once.
pub(crate) fn take_panic() -> Option<Box<dyn Any + Send>> {
    PANIC.take()
}

/// Runs user code below C++ frames: its panic waits in `PANIC`, the first one wins.
fn catch_panic(call: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(call)) {
        PANIC.with_borrow_mut(|kept| {
            kept.get_or_insert(panic);
        });
        QUIT.with_borrow(|quit| {
            if let Some(quit) = quit {
                quit();
            }
        });
    }
}

/// A closure that Qt may call again and again, also while it runs: so `Fn`.
pub(crate) struct Callback(Box<dyn Fn()>);

impl Callback {
    pub(crate) fn new(call: impl Fn() + 'static) -> Box<Callback> {
        Box::new(Callback(Box::new(call)))
    }

    fn call(&self) {
        catch_panic(|| (self.0)());
    }
}

/// A closure that Qt's loop calls once.
pub(crate) struct PostedCall(Option<Box<dyn FnOnce()>>);

impl PostedCall {
    /// Runs the closure, the first time.
    fn run(&mut self) {
        if let Some(call) = self.0.take() {
            catch_panic(call);
        }
    }
}

/// Has Qt's loop run `call`, after the event that it is handling.
pub(crate) fn call_soon(application: &Application, call: impl FnOnce() + 'static) {
    application.call_soon(Box::new(PostedCall(Some(Box::new(call)))));
}

/// Has Qt's loop run `call`, from any thread. Returns false, and drops `call` here, when there is
/// no application.
pub(crate) fn post(call: impl FnOnce() + Send + 'static) -> bool {
    ffi::post(Box::new(PostedCall(Some(Box::new(call)))))
}
