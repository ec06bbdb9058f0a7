//! Serves the book on loopback and reloads the open page at each save.
mod ace;
mod desk;
mod guard;
mod http;
mod rebuild;

use crate::house::House;
use anyhow::{Context, Result, bail};
use std::{
    future::poll_fn,
    io::ErrorKind,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    pin::pin,
    process::Command,
    sync::Arc,
    task::Poll,
};
use tokio::{net::TcpListener, sync::watch};

/// The port that is tried first, and how many after it.
const PORTS: std::ops::Range<u16> = 3000..3010;

const HELP: &str = "\
A save in src, listings, diagrams, exercises, theme or book.toml rebuilds the book and reloads the \
open page. While a page is broken you keep the last good build, and the error is in the terminal \
and on the page; if there was none, you see what can be built.

Only this computer can reach the book. Ctrl-C ends.

Listings and exercises can be edited and run in the page. What is behind the # of the address is a \
secret that lets a page do so; open that address once, and the browser keeps it for this server. \
Programs run in a temporary folder, without your environment, for 10 s at most; on Linux they \
see no files of yours, and nothing that they start stays.

Examples:
  cargo book                    serve on port 3000, or the next free one
  cargo book --open             and open a browser
  cargo book serve --port 4000  serve on port 4000

A checkout that you may not write into can be read, too: let Cargo build elsewhere.
  CARGO_TARGET_DIR=~/untwisted-target cargo book";

/// What the command takes.
#[derive(clap::Args, Default)]
#[command(after_help = HELP)]
pub struct Options {
    /// Where to listen on 127.0.0.1; 0 takes any free port [default: the first free one from 3000]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Open the book in your browser
    #[arg(long)]
    open: bool,
    /// Where builds are kept while it serves; they are removed at its end [default: the folder
    /// where Cargo builds, or the system's folder for temporary files when that cannot be written]
    #[arg(long, value_name = "DIR")]
    dest: Option<PathBuf>,
}

/// What the reader should see now.
#[derive(Clone, Debug, Default)]
struct State {
    /// The last good build; none before the first.
    site: Option<PathBuf>,
    /// Counts good builds.
    version: u64,
    /// Why the last build failed, while it is newer than the last good one.
    error: Option<String>,
    /// Whether the site holds only what could be built, because there has been no good build yet.
    part: bool,
}

/// Builds, serves and rebuilds until Ctrl-C.
///
/// # Errors
/// When the port is taken, or the folders cannot be watched.
pub fn run(house: &House, options: Options) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let listener = listen(options.port).await?;
        let port = listener.local_addr()?.port();
        let guard = Arc::new(guard::Guard::new(port)?);
        // What is behind the `#` stays in the browser: no other server hears of it.
        let address = format!("http://127.0.0.1:{port}/{}", guard.fragment());
        let folder = place(house, options.dest.as_deref())?;
        // Ctrl-C is heard from here on, so that no build is left behind. The first poll listens.
        let mut end = pin!(asked_to_end());
        poll_fn(|context| {
            let _ = end.as_mut().poll(context);
            Poll::Ready(())
        })
        .await;
        eprintln!("Building the book …");
        let (state, now) = watch::channel(State::default());
        // Watching begins before the first build: a save during it is not lost.
        let builder = rebuild::Builder::new(house, folder.path(), state)?;
        std::thread::spawn(move || builder.run());
        let serve = async {
            first(&mut now.clone()).await;
            println!("The book is at {address}  (Ctrl-C ends)");
            if options.open {
                open(&address);
            }
            axum::serve(listener, http::app(now, &guard, house)).await
        };
        tokio::select! {
            served = serve => served?,
            _ = &mut end => {}
        }
        // Dropping the folder removes the builds. The builder's thread ends with the process.
        drop(folder);
        Ok(())
    })
}

/// Returns a folder for builds, which is removed when it is dropped. A checkout that cannot be
/// written can be served all the same.
fn place(house: &House, dest: Option<&Path>) -> Result<tempfile::TempDir> {
    let inside =
        |folder: &Path| std::fs::create_dir_all(folder).and_then(|()| tempfile::tempdir_in(folder));
    if let Some(dest) = dest {
        return inside(dest).with_context(|| {
            format!(
                "{} cannot be written: choose another folder with --dest",
                dest.display()
            )
        });
    }
    inside(&house.target.join("serve"))
        .or_else(|_| tempfile::tempdir())
        .context("no folder can be written: choose one with --dest")
}

/// Waits for Ctrl-C, or for the signal that asks a program to end.
async fn asked_to_end() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}

/// Waits for the first build, good or not.
async fn first(now: &mut watch::Receiver<State>) {
    let _ = now
        .wait_for(|state| state.version > 0 || state.error.is_some())
        .await;
}

async fn listen(port: Option<u16>) -> Result<TcpListener> {
    let ports = match port {
        Some(port) => port..=port,
        None => PORTS.start..=PORTS.end - 1,
    };
    for port in ports.clone() {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot listen on port {port}"));
            }
        }
    }
    match port {
        Some(port) => bail!(
            "port {port} is taken by another program.\n\
             Choose another with `--port`, or let the system choose with `--port 0`."
        ),
        None => bail!(
            "the ports {} to {} are all taken.\n\
             Choose another with `--port`, or let the system choose with `--port 0`.",
            PORTS.start,
            PORTS.end - 1
        ),
    }
}

/// Opens an address in the reader's browser; says so when there is none.
fn open(address: &str) {
    let mut command = if cfg!(target_os = "macos") {
        Command::new("open")
    } else if cfg!(windows) {
        let mut command = Command::new("cmd");
        command.args(["/c", "start", ""]);
        command
    } else {
        Command::new("xdg-open")
    };
    if let Err(error) = command.arg(address).spawn() {
        eprintln!("No browser could be opened ({error}): open {address} yourself.");
    }
}
