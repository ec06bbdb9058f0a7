//! A server to ask: the one that the environment names, or a temporary one that ends with the
//! program.
use crate::{
    ServerError, Settings,
    watchdog::{crash, free_port, stop, with_watchdog},
};
use reactor::Address;
use std::{
    env,
    ffi::OsStr,
    fmt, fs, io,
    io::Read,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};
use tempfile::TempDir;

/// A server to ask. A temporary one stops when this is dropped, and its folder is removed.
pub struct Server {
    settings: Settings,
    temporary: Option<Temporary>,
}

impl Server {
    /// Returns the server that `UNTWISTED_DATABASE_URL` names, else a
    /// [temporary](Server::temporary) one. For programs that a reader runs; a test must not touch a
    /// reader's database.
    ///
    /// # Errors
    /// When that address cannot be understood, and when no temporary one can be started.
    pub fn find() -> Result<Server, ServerError> {
        match env::var("UNTWISTED_DATABASE_URL") {
            Ok(url) => {
                let settings = Settings::parse(&url)
                    .map_err(|error| ServerError(format!("UNTWISTED_DATABASE_URL: {error}")))?;
                let temporary = None;
                Ok(Server {
                    settings,
                    temporary,
                })
            }
            Err(_) => Server::temporary(),
        }
    }

    /// Starts a server of its own, from the installed PostgreSQL, with its files and its Unix
    /// socket in a temporary folder. It waits until the server is ready, about a second; so call it
    /// before the loop runs.
    ///
    /// On the socket the role `postgres` needs no password. Every other role logs in by SCRAM, and
    /// so does `postgres` on the [port](Server::by_tcp).
    ///
    /// # Errors
    /// When PostgreSQL is not installed: the message says how to install it. Else what it printed.
    pub fn temporary() -> Result<Server, ServerError> {
        let binaries = binaries().ok_or_else(|| {
            ServerError(
                "PostgreSQL is not installed, and this needs its server. Debian and Ubuntu: sudo apt-get install \
                 postgresql; macOS: brew install postgresql. Or name a server of yours in UNTWISTED_DATABASE_URL."
                    .to_owned(),
            )
        })?;
        let temporary = Temporary::start(&binaries)?;
        let settings = Settings {
            address: Address::Unix(temporary.socket()),
            user: "postgres".to_owned(),
            password: None,
            database: "postgres".to_owned(),
        };
        Ok(Server {
            settings,
            temporary: Some(temporary),
        })
    }

    /// Returns how to connect to it.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Returns how to connect to it on its port of 127.0.0.1, with a password. For one of yours it
    /// is what you named.
    #[must_use]
    pub fn by_tcp(&self) -> Settings {
        let mut settings = self.settings.clone();
        if let Some(temporary) = &self.temporary {
            settings.address = Address::loopback(temporary.port);
            settings.password = Some(temporary.password.clone());
        }
        settings
    }

    /// Kills a temporary server as a crash would, without a last word to its clients. One of yours
    /// is left alone.
    pub fn kill(&mut self) {
        if let Some(temporary) = &mut self.temporary {
            temporary.kill();
        }
    }

    /// Starts a temporary server again that was [killed](Server::kill), with what it had stored, at
    /// the same address. It waits until the server is ready. One of yours is left alone.
    ///
    /// # Errors
    /// When it does not start; the message is what it printed.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        match &mut self.temporary {
            Some(temporary) => temporary.restart(),
            None => Ok(()),
        }
    }

    /// Puts a certificate and its key into a temporary server, both as PEM, and starts it again: it
    /// speaks TLS on its port from now on.
    ///
    /// # Errors
    /// When the files cannot be written, and when it does not start.
    pub fn certify(&mut self, certificate: &str, key: &str) -> Result<(), ServerError> {
        let Some(temporary) = &mut self.temporary else {
            return Ok(());
        };
        let data = temporary.folder.path().join("data");
        // PostgreSQL refuses a key that others may read, or that is not its own.
        let write = |name: &str, pem: &str| {
            let path = data.join(name);
            fs::write(&path, pem)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
            match owner().map_err(io::Error::other)? {
                Some((user, group)) => chown(&path, Some(user), Some(group)),
                None => Ok(()),
            }
        };
        write("server.crt", certificate)
            .and_then(|()| write("server.key", key))
            .map_err(|error| ServerError(format!("no certificate: {error}")))?;
        self.set("ssl=on");
        self.kill();
        self.restart()
    }

    /// Adds an option to each later [start](Server::restart), as `postgres -c` takes it:
    /// `max_connections=5`.
    pub fn set(&mut self, option: &str) {
        if let Some(temporary) = &mut self.temporary {
            temporary.options.push(option.to_owned());
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A server that this program started.
struct Temporary {
    /// None after a crash.
    child: Option<Child>,
    port: u16,
    password: String,
    folder: TempDir,
    binaries: PathBuf,
    options: Vec<String>,
}

impl Temporary {
    fn start(binaries: &Path) -> Result<Temporary, ServerError> {
        let failed = |what: &str, error: io::Error| ServerError(format!("{what}: {error}"));
        let owner = owner()?;
        let folder = tempfile::Builder::new()
            .prefix("untwisted-")
            .tempdir()
            .map_err(|error| failed("no temporary folder", error))?;
        let password = random_word().map_err(|error| failed("/dev/urandom", error))?;
        let secret = folder.path().join("password");
        fs::write(&secret, &password).map_err(|error| failed("no password", error))?;
        if let Some((user, group)) = owner {
            for path in [folder.path(), &secret] {
                chown(path, Some(user), Some(group)).map_err(|error| failed("chown", error))?;
            }
        }
        let made = command(folder.path(), binaries.join("initdb").as_os_str())?
            .args([
                "--pgdata=data",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
            ])
            .args(["--auth=scram-sha-256", "--pwfile=password", "--no-sync"])
            .output()
            .map_err(|error| failed("initdb", error))?;
        if !made.status.success() {
            let said = String::from_utf8_lossy(&made.stderr);
            return Err(ServerError(format!("initdb failed: {said}")));
        }
        let data = folder.path().join("data");
        let rules = "local all postgres trust\n\
                     local all all scram-sha-256\n\
                     host all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(data.join("pg_hba.conf"), rules).map_err(|error| failed("pg_hba.conf", error))?;

        let mut temporary = Temporary {
            child: None,
            port: 0,
            password,
            folder,
            binaries: binaries.to_owned(),
            options: Vec::new(),
        };
        // The port may be taken between the moment it was found free and the moment the server
        // wants it.
        let mut said = String::new();
        for _ in 0..5 {
            temporary.port = free_port().map_err(|error| failed("no free port", error))?;
            match temporary.launch() {
                Ok(()) => return Ok(temporary),
                Err(error) => said = error.0,
            }
        }
        Err(ServerError(said))
    }

    /// Starts the server on its port, and waits until it is ready.
    fn launch(&mut self) -> Result<(), ServerError> {
        let failed = |what: &str, error: io::Error| ServerError(format!("{what}: {error}"));
        let folder = self.folder.path();
        let log = folder.join("log");
        let file = fs::File::create(&log).map_err(|error| failed("no log", error))?;
        let options = self.options.iter().flat_map(|option| ["-c", option]);
        let mut shell = command(folder, OsStr::new("sh"))?;
        let postgres = self.binaries.join("postgres");
        let mut child = with_watchdog(&mut shell, folder, postgres.as_os_str(), file)
            .args(["-D", "data", "-p", &self.port.to_string(), "-k"])
            .arg(folder)
            .args(["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .args(["-c", "dynamic_shared_memory_type=mmap"])
            .args(options)
            .spawn()
            .map_err(|error| failed("sh", error))?;
        if is_ready(&mut child, &folder.join("data")) {
            self.child = Some(child);
            return Ok(());
        }
        // Its folder is removed with its watchdog, unless it has ended before.
        stop(&mut child);
        let said = fs::read_to_string(&log).unwrap_or_default();
        Err(ServerError(format!("the server does not start: {said}")))
    }

    /// Starts it again, and tries for ten seconds: what a killed server leaves behind goes when its
    /// last process has noticed.
    #[expect(clippy::disallowed_methods, reason = "no loop runs meanwhile")]
    fn restart(&mut self) -> Result<(), ServerError> {
        let mut result = Ok(());
        for _ in 0..100 {
            // A number in this file that another process has got by now would keep the server from
            // starting.
            let _ = fs::remove_file(self.folder.path().join("data/postmaster.pid"));
            result = self.launch();
            if result.is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
        result
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join(format!(".s.PGSQL.{}", self.port))
    }

    fn kill(&mut self) {
        let state = self.folder.path().join("data/postmaster.pid");
        let state = fs::read_to_string(state).unwrap_or_default();
        let Some(mut child) = self.child.take() else {
            return; // it was killed before
        };
        crash(&mut child);
        // What no crashed server can do for itself: 56 bytes of shared memory outlive it, and go
        // with the last process that holds them.
        let memory = state
            .lines()
            .nth(6)
            .and_then(|line| line.split(' ').next_back());
        if let Some(memory) = memory {
            let _ = Command::new("ipcrm")
                .args(["-m", memory])
                .stderr(Stdio::null())
                .status();
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            stop(child);
        }
    }
}

/// Returns a command in that folder, run by a user who may run PostgreSQL.
fn command(folder: &Path, program: &OsStr) -> Result<Command, ServerError> {
    let mut command = Command::new(program);
    command.current_dir(folder).env("LC_ALL", "C");
    if let Some((user, group)) = owner()? {
        command.uid(user).gid(group);
    }
    Ok(command)
}

/// Waits until the server has written that it is ready, or has ended, for at most a minute.
#[expect(clippy::disallowed_methods, reason = "no loop runs yet")]
fn is_ready(child: &mut Child, data: &Path) -> bool {
    for _ in 0..6000 {
        if !matches!(child.try_wait(), Ok(None)) {
            return false;
        }
        let state = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        if state
            .lines()
            .nth(7)
            .is_some_and(|line| line.trim() == "ready")
        {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

/// Returns a word that cannot be guessed.
fn random_word() -> io::Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Returns the folder of `initdb` and `postgres`: one in `PATH`, else that of the newest version
/// where Debian and Homebrew put them.
fn binaries() -> Option<PathBuf> {
    let in_path = env::var_os("PATH").unwrap_or_default();
    let both = |folder: &PathBuf| {
        ["initdb", "postgres"]
            .iter()
            .all(|name| folder.join(name).is_file())
    };
    if let Some(folder) = env::split_paths(&in_path).find(both) {
        return Some(folder);
    }
    // Debian keeps them out of `PATH`, one folder for each version.
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for (place, prefix) in [
        ("/usr/lib/postgresql", ""),
        ("/opt/homebrew/opt", "postgresql@"),
        ("/usr/local/opt", "postgresql@"),
    ] {
        for entry in fs::read_dir(place).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let version = name.to_str().and_then(|name| name.strip_prefix(prefix));
            let folder = entry.path().join("bin");
            if let Some(Ok(version)) = version.map(str::parse)
                && both(&folder)
            {
                found.push((version, folder));
            }
        }
    }
    found.into_iter().max().map(|(_, folder)| folder)
}

/// Returns the user that runs PostgreSQL when this program runs as root, which PostgreSQL refuses.
/// `None` is the user of this program.
fn owner() -> Result<Option<(u32, u32)>, ServerError> {
    use nix::unistd::{User, geteuid};
    if !geteuid().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Ok(Some(user)) = User::from_name(name) {
            return Ok(Some((user.uid.as_raw(), user.gid.as_raw())));
        }
    }
    Err(ServerError(
        "PostgreSQL does not run as root, and there is no user postgres or nobody: run this as another user".to_owned(),
    ))
}
