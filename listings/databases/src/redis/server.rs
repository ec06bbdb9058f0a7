//! A Redis to ask: the one that the environment names, or a temporary one that ends with the
//! program.
use super::RedisSettings;
use crate::{
    ServerError,
    watchdog::{crash, free_port, stop, with_watchdog},
};
use protocols::{RedisBounds, RedisThread};
use reactor::Address;
use std::{
    env,
    ffi::OsStr,
    fmt, fs, io,
    io::{Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::Duration,
};
use tempfile::TempDir;

const NOT_INSTALLED: &str = "Redis is not installed, and this needs its server. Debian and Ubuntu: sudo apt-get install redis-server; \
     macOS: brew install redis. Or name a server of yours in UNTWISTED_REDIS_URL.";

/// A Redis to ask. A temporary one stops when this is dropped, and its folder is removed.
pub struct RedisServer {
    settings: RedisSettings,
    temporary: Option<Temporary>,
    small: Option<RedisThread>,
}

impl RedisServer {
    /// Returns the server that `UNTWISTED_REDIS_URL` names, else a
    /// [temporary](RedisServer::temporary) one, else, where no Redis is installed, the book's own
    /// [small](RedisServer::small) one, and says so on standard error. For programs that a reader
    /// runs; a test must not touch a reader's Redis.
    ///
    /// # Errors
    /// When that address cannot be understood, and when none can be started.
    pub fn find() -> Result<RedisServer, ServerError> {
        match env::var("UNTWISTED_REDIS_URL") {
            Ok(url) => Ok(RedisServer {
                settings: RedisSettings::parse(&url)
                    .map_err(|error| ServerError(format!("UNTWISTED_REDIS_URL: {error}")))?,
                temporary: None,
                small: None,
            }),
            Err(_) if binary().is_some() => RedisServer::temporary(),
            Err(_) => {
                eprintln!("{NOT_INSTALLED} Until then this runs on the book's own small Redis.");
                RedisServer::small()
            }
        }
    }

    /// Starts the small Redis of the chapter on protocols, in a thread of this program. It knows
    /// what the chapter's listings need, apart from those that say that they want the real one.
    ///
    /// # Errors
    /// The operating system's, when there is no thread or no port to be had.
    pub fn small() -> Result<RedisServer, ServerError> {
        let small = RedisThread::start(RedisBounds::default())
            .map_err(|error| ServerError(format!("the small Redis does not start: {error}")))?;
        Ok(RedisServer {
            settings: RedisSettings {
                address: small.address().clone(),
                user: None,
                password: None,
                database: 0,
            },
            temporary: None,
            small: Some(small),
        })
    }

    /// Starts a server of its own, from the installed Redis or Valkey, with its Unix socket in a
    /// temporary folder and nothing on the disk. It waits until the server answers; so call it
    /// before the loop runs.
    ///
    /// # Errors
    /// When neither is installed: the message says how to install it. Else what it printed.
    pub fn temporary() -> Result<RedisServer, ServerError> {
        let binary = binary().ok_or_else(|| ServerError(NOT_INSTALLED.to_owned()))?;
        let temporary = Temporary::new(binary)?;
        Ok(RedisServer {
            settings: RedisSettings {
                address: Address::Unix(temporary.socket()),
                user: None,
                password: None,
                database: 0,
            },
            temporary: Some(temporary),
            small: None,
        })
    }

    /// Returns how to connect to it.
    #[must_use]
    pub fn settings(&self) -> &RedisSettings {
        &self.settings
    }

    /// Returns how to connect to the database of that number in it.
    #[must_use]
    pub fn database(&self, database: u32) -> RedisSettings {
        RedisSettings {
            database,
            ..self.settings.clone()
        }
    }

    /// Kills a temporary server as a crash would, without a last word to its clients. One of yours
    /// is left alone.
    pub fn kill(&mut self) {
        if let Some(temporary) = &mut self.temporary
            && let Some(mut child) = temporary.child.take()
        {
            crash(&mut child);
        }
    }

    /// Starts a temporary server again that was [killed](RedisServer::kill), empty, at the same
    /// address.
    ///
    /// # Errors
    /// When it does not start; the message is what it printed.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        match &mut self.temporary {
            Some(temporary) => temporary.launch(),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for RedisServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisServer")
            .field("settings", &self.settings)
            .field("small", &self.small)
            .finish_non_exhaustive()
    }
}

struct Temporary {
    /// None after a crash.
    child: Option<Child>,
    binary: PathBuf,
    folder: TempDir,
}

impl Temporary {
    fn new(binary: PathBuf) -> Result<Temporary, ServerError> {
        let folder = tempfile::Builder::new()
            .prefix("untwisted-")
            .tempdir()
            .map_err(|error| ServerError(format!("no temporary folder: {error}")))?;
        let mut temporary = Temporary {
            child: None,
            binary,
            folder,
        };
        temporary.launch()?;
        Ok(temporary)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("redis.sock")
    }

    fn launch(&mut self) -> Result<(), ServerError> {
        let failed = |what: &str, error: io::Error| ServerError(format!("{what}: {error}"));
        let folder = self.folder.path();
        let socket = self.socket();
        let _ = fs::remove_file(&socket); // that of a server that was killed
        let log = folder.join("log");
        let mut said = String::new();
        // The port may be taken between the moment it was found free and the moment the server
        // wants it.
        for _ in 0..5 {
            let port = free_port().map_err(|error| failed("no free port", error))?;
            let file = fs::File::create(&log).map_err(|error| failed("no log", error))?;
            let mut shell = Command::new("sh");
            let command = with_watchdog(&mut shell, folder, self.binary.as_os_str(), file);
            command
                .current_dir(folder)
                .args([
                    "--port",
                    &port.to_string(),
                    "--bind",
                    "127.0.0.1",
                    "--unixsocket",
                ])
                .arg(&socket)
                .args(["--save", "", "--appendonly", "no", "--logfile", "log"]);
            if major(&self.binary).is_some_and(|version| version >= 7) {
                command.args(["--enable-debug-command", "local"]);
            }
            let mut child = command.spawn().map_err(|error| failed("sh", error))?;
            if is_ready(&mut child, &socket) {
                self.child = Some(child);
                return Ok(());
            }
            stop(&mut child);
            said = fs::read_to_string(&log).unwrap_or_default();
        }
        Err(ServerError(format!("the server does not start: {said}")))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            stop(child);
        }
    }
}

/// Waits until the server answers, or has ended, for at most a minute.
#[expect(clippy::disallowed_methods, reason = "no loop runs yet")]
fn is_ready(child: &mut Child, socket: &Path) -> bool {
    for _ in 0..6000 {
        if !matches!(child.try_wait(), Ok(None)) {
            return false;
        }
        let answers = UnixStream::connect(socket).and_then(|mut stream| {
            let mut reply = [0; 7];
            stream.write_all(b"PING\r\n")?;
            stream.read_exact(&mut reply)?;
            Ok(reply == *b"+PONG\r\n")
        });
        if answers.unwrap_or(false) {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

/// Returns `redis-server` or `valkey-server`, where `PATH` or Debian or Homebrew have it.
fn binary() -> Option<PathBuf> {
    let in_path = env::var_os("PATH").unwrap_or_default();
    let usual = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"].map(PathBuf::from);
    let folders: Vec<_> = env::split_paths(&in_path).chain(usual).collect();
    ["redis-server", "valkey-server"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

/// Returns the first number of its version, the 7 of `v=7.0.15`.
fn major(binary: &Path) -> Option<u32> {
    let said = Command::new(AsRef::<OsStr>::as_ref(binary))
        .arg("--version")
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    text.split("v=").nth(1)?.split('.').next()?.parse().ok()
}
