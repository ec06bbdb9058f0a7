//! Checks that run one after the other, since a process has one application, and it wants the main
//! thread.
use qt::{Application, QtReactor};
use reactor::{Os, Reactor};
use std::{error::Error, rc::Rc, time::Duration};

pub(crate) type Tested = Result<(), Box<dyn Error>>;

/// What a check shows, and the check.
pub(crate) type Case = (&'static str, fn(&Application) -> Tested);

pub(crate) const MS: Duration = Duration::from_millis(1);

/// Without a screen, unless one is named. Under Xvfb, or on a desk:
/// `QT_QPA_PLATFORM=xcb cargo test -p qt`.
pub(crate) fn application() -> Result<Application, Box<dyn Error>> {
    let application = match std::env::var_os("QT_QPA_PLATFORM") {
        Some(_) => Application::new()?,
        None => Application::offscreen()?,
    };
    println!("platform {}", application.platform());
    Ok(application)
}

/// Runs the checks, and says of each that it passed. The first one that fails is the last.
pub(crate) fn run(application: &Application, cases: &[Case]) -> Tested {
    for (name, check) in cases {
        check(application).map_err(|error| format!("{name}: {error}"))?;
        println!("{name}: ok");
    }
    println!("{} passed, 0 failed", cases.len());
    Ok(())
}

/// A reactor of the real world in the application's loop.
pub(crate) fn host(application: &Application) -> Result<Rc<QtReactor>, Box<dyn Error>> {
    Ok(QtReactor::new(application, Reactor::new(Os::new()?))?)
}
