//! A whole program: settings, a log, services, and an end; in the foreground or in the background.
use crate::{
    Service, Services, Settings, SettingsError, daemon,
    logging::{LogFile, levels, subscriber},
    pid_file::PidFile,
    settings::HELP,
};
use deferreds::{Failure, before_shutdown};
use nix::{
    sys::stat::{Mode, umask},
    unistd::{User, initgroups, setgid, setuid},
};
use reactor::{Handle, Id, Readiness, Signal, Source, react};
use std::{
    env,
    error::Error,
    ffi::{CString, OsString},
    io,
    process::ExitCode,
    rc::Rc,
    sync::Arc,
    time::Duration,
};
use tracing::{error, info, warn};

/// The exit code of a program that was told something it does not understand.
const USAGE_ERROR: u8 = 2;

// ANCHOR: main
/// Runs a whole program of services, told what to do by its command line and a file: see
/// [`Settings`], or `--help`.
///
/// `make` adds the services. They are started in order, and stopped in reverse when SIGINT or
/// SIGTERM comes, within the time of `--stop-within`; a second signal waits no longer. With
/// `--daemon` this process ends with 0 when the one in the background serves, and with that one's
/// exit code if it cannot.
///
/// The exit code is 0; 1 when something fails, and the error is printed; 2 when the settings are
/// wrong; and 128 and the number of the signal when one stopped the program.
///
/// ```no_run
/// use applications::{Serving, program};
/// # use deferreds::Failure;
/// # use std::rc::Rc;
/// # use transports::{Address, Protocol, Transport};
/// # struct Echo;
/// # impl Protocol for Echo {
/// #     fn data_received(&mut self, _: &Transport, _: &[u8]) -> Result<(), Failure> { Ok(()) }
/// # }
/// fn main() -> std::process::ExitCode {
///     program("echo", |_, services, settings| {
///         for endpoint in settings.endpoints("tcp:4080")? {
///             services.add(Serving::new("echo", endpoint, Rc::new(|_: &Address| Echo)));
///         }
///         Ok(())
///     })
/// }
/// ```
///
/// Source: [`twistd`](https://docs.twisted.org/en/stable/core/howto/basics.html).
pub fn program(
    name: &'static str,
    make: impl FnOnce(&Handle, &Services, &Settings) -> Result<(), Failure> + 'static,
) -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().skip(1).collect();
    let settings = match Settings::parse(arguments.clone()) {
        Ok(settings) => settings,
        Err(error) => return wrong(name, &error),
    };
    if settings.help {
        println!("{name} [OPTIONS]\n{HELP}");
        return ExitCode::SUCCESS;
    }
    if settings.check {
        // `make` only adds services, it starts none.
        let reactor = reactor::Reactor::new(reactor::Sim::new(0));
        let services = Services::new(name, Duration::ZERO);
        return match make(&reactor.handle(), &services, &settings) {
            Ok(()) => {
                println!("{name}: the settings are right");
                ExitCode::SUCCESS
            }
            Err(failure) => wrong(name, &failure),
        };
    }
    if settings.daemon && !daemon::is_background() {
        return daemon::start(name, arguments).unwrap_or_else(|error| failed(name, &error));
    }
    serve(name, settings, make).unwrap_or_else(|error| failed(name, &error))
}
// ANCHOR_END: main

fn wrong(name: &str, error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("{name}: {error}");
    ExitCode::from(USAGE_ERROR)
}

fn failed(name: &str, error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("{name}: {error}");
    ExitCode::FAILURE
}

type BoxError = Box<dyn Error + Send + Sync>;

// ANCHOR: serve
/// Serves, in this process.
fn serve(
    name: &'static str,
    settings: Settings,
    make: impl FnOnce(&Handle, &Services, &Settings) -> Result<(), Failure> + 'static,
) -> Result<ExitCode, BoxError> {
    if settings.daemon {
        daemon::new_session()?;
    }
    if let Some(mask) = settings.mask()? {
        umask(Mode::from_bits_truncate(mask as nix::libc::mode_t));
    }
    // Files are named from where the program was started, so they are opened before it goes
    // elsewhere.
    let log = log(&settings)?;
    let pid_file = settings
        .pid_file
        .as_deref()
        .map(PidFile::lock)
        .transpose()?;
    if let Some(folder) = &settings.directory {
        env::set_current_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let limit = settings.limit()?;
    let code = react(move |reactor, done| {
        let services = Services::new(name, limit);
        make(reactor, &services, &settings)?;
        services.start(reactor)?;
        // The ports are open: what only root may do is done.
        if let Some(user) = &settings.user {
            become_user(user).map_err(Failure::new)?;
        }
        if let Some(log) = &log {
            reopen_on_hangup(reactor, log, settings.daemon)?;
        }
        if settings.daemon {
            daemon::report_ready(log.as_ref().map(|log| log.file()).as_deref())?;
        }
        info!(target: "program", process = std::process::id(), "{name} serves");
        stop_in_time(reactor, name, services, limit);
        // The program ends when it is told to, not when this closure does.
        reactor.after_shutdown(move |_| drop(done));
        Ok::<(), Failure>(())
    });
    drop(pid_file);
    Ok(code)
}
// ANCHOR_END: serve

// ANCHOR: stop
/// Stops the services when the program is told to stop, within one limit for all of them together.
fn stop_in_time(reactor: &Handle, name: &'static str, services: Rc<Services>, limit: Duration) {
    before_shutdown(reactor, move |reactor| {
        info!(target: "program", "{name} stops");
        let stopped = services.stop(reactor).add_hard_timeout(reactor, limit);
        stopped.add_both(move |result| {
            match result {
                Ok(()) => info!(target: "program", "{name} has stopped"),
                Err(failure) => warn!(target: "program", %failure, "{name} has not stopped well"),
            }
            Ok(())
        })
    });
}
// ANCHOR_END: stop

/// Opens the log: the file, or standard error.
fn log(settings: &Settings) -> Result<Option<Arc<LogFile>>, BoxError> {
    let levels = levels(settings.log.as_deref().unwrap_or("info"))?;
    let file = settings
        .log_file
        .as_deref()
        .map(LogFile::open)
        .transpose()?;
    let json = settings.json;
    // The dates of a simulated world would be those of the real one.
    let times = !env::var("UNTWISTED_WORLD").is_ok_and(|world| world.starts_with("sim"));
    let set = match &file {
        Some(file) => tracing::subscriber::set_global_default(subscriber(
            levels,
            json,
            times,
            Arc::clone(file),
        )),
        None => {
            tracing::subscriber::set_global_default(subscriber(levels, json, times, io::stderr))
        }
    };
    set.map_err(|_| {
        SettingsError("a program has one log, and this one has it already".to_owned())
    })?;
    Ok(file)
}

// ANCHOR: user
/// Becomes another user, for good: there is no way back to root.
fn become_user(name: &str) -> Result<(), BoxError> {
    let user = User::from_name(name)?.ok_or_else(|| format!("user: {name} is not known here"))?;
    if user.uid == nix::unistd::geteuid() {
        return Ok(());
    }
    let known = CString::new(name)?;
    let denied = |error: nix::errno::Errno| format!("user: cannot become {name}: {error}");
    // In this order: with the rights of the user, one cannot change groups any more.
    initgroups(&known, user.gid).map_err(denied)?;
    setgid(user.gid).map_err(denied)?;
    setuid(user.uid).map_err(denied)?;
    Ok(())
}
// ANCHOR_END: user

fn reopen_on_hangup(reactor: &Handle, log: &Arc<LogFile>, daemon: bool) -> io::Result<()> {
    let hangups = reactor.signals(&[Signal::HangUp])?;
    let log = Arc::clone(log);
    reactor.register(hangups, Rc::new(Hangups { log, daemon }));
    Ok(())
}

/// Opens the log again at a SIGHUP.
struct Hangups {
    log: Arc<LogFile>,
    daemon: bool,
}

impl Source for Hangups {
    fn ready(self: Rc<Self>, reactor: &Handle, id: Id, _: Readiness) {
        while let Ok(signal) = reactor.next_signal(id) {
            let reopened = self.log.reopen().and_then(|()| match self.daemon {
                true => daemon::redirect(&self.log.file()),
                false => Ok(()),
            });
            match reopened {
                Ok(()) => info!(target: "program", "{signal}: the log is opened again"),
                Err(why) => {
                    error!(target: "program", %why, "{signal}: the log cannot be opened again")
                }
            }
        }
    }
}
