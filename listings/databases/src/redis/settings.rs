//! Where a Redis is, as whom to log in, and which of its databases to use.
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use reactor::Address;
use std::{error::Error, fmt, net::SocketAddr, path::PathBuf};

/// Where a Redis is, as whom to log in, and which of its databases to use.
///
/// The number belongs here and not into a command: `SELECT` on a connection that is shared would
/// move all who share it.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisSettings {
    /// Its port, or its Unix socket.
    pub address: Address,
    /// The user; `None` is `default`.
    pub user: Option<String>,
    /// Sent as it is, so use it over a Unix socket, the loopback or TLS only.
    pub password: Option<String>,
    /// The number of the database, 0 to 15 unless the server is set otherwise.
    pub database: u32,
}

impl fmt::Debug for RedisSettings {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisSettings")
            .field("address", &self.address)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("database", &self.database)
            .finish()
    }
}

/// An address of a Redis that cannot be understood. It does not repeat the address, which may hold
/// a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedisSettingsError(&'static str);

impl fmt::Display for RedisSettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}; it should look like redis://:password@127.0.0.1:6379/3, \
             or unix:///run/redis/redis.sock?db=3 for a Unix socket",
            self.0
        )
    }
}

impl Error for RedisSettingsError {}

impl RedisSettings {
    /// Reads what `redis-cli -u` takes, too: `redis://user:password@host:port/database`. The host
    /// is an IP address or `localhost`, which is 127.0.0.1 here. The port is 6379 unless given, the
    /// database 0.
    ///
    /// ```
    /// use databases::redis::RedisSettings;
    /// let settings = RedisSettings::parse("redis://:rosebuds@localhost/3")?;
    /// assert_eq!(settings.address.to_string(), "127.0.0.1:6379");
    /// assert_eq!(settings.database, 3);
    /// let socket = RedisSettings::parse("unix:///run/redis.sock?db=3")?;
    /// assert_eq!(socket.database, 3);
    /// assert_eq!(RedisSettings::parse(&socket.to_url())?, socket);
    /// assert_eq!(RedisSettings::parse(&settings.to_url())?, settings);
    /// # Ok::<(), databases::redis::RedisSettingsError>(())
    /// ```
    ///
    /// # Errors
    /// [`RedisSettingsError`], which says what is wrong and shows a right one.
    pub fn parse(url: &str) -> Result<RedisSettings, RedisSettingsError> {
        if let Some(path) = url.strip_prefix("unix://") {
            let (path, database) = match path.split_once('?') {
                Some((path, query)) => {
                    let database = query.strip_prefix("db=").ok_or(RedisSettingsError(
                        "after the ? only the number of a database is known, db=3",
                    ))?;
                    (path, number(database)?)
                }
                None => (path, 0),
            };
            if !path.starts_with('/') {
                return Err(RedisSettingsError("its socket is no absolute path"));
            }
            return Ok(RedisSettings {
                address: Address::Unix(PathBuf::from(decoded(path)?)),
                user: None,
                password: None,
                database,
            });
        }
        let rest = url.strip_prefix("redis://").ok_or(RedisSettingsError(
            "it does not begin with redis:// or unix:// (rediss:// is not known here)",
        ))?;
        let (host_port, database) = match rest.split_once('/') {
            None | Some((_, "")) => (rest.trim_end_matches('/'), 0),
            Some((host_port, database)) => (host_port, number(database)?),
        };
        // The last `@`: one before it belongs to a password that was not encoded.
        let (userinfo, host_port) = host_port.rsplit_once('@').unwrap_or(("", host_port));
        let (user, password) = match userinfo.split_once(':') {
            Some((user, password)) => (user, Some(decoded(password)?)),
            None => (userinfo, None),
        };
        let user = match user {
            "" => None,
            user => Some(decoded(user)?),
        };
        Ok(RedisSettings {
            address: address(host_port)?,
            user,
            password,
            database,
        })
    }
    /// Returns the address that [`parse`](RedisSettings::parse) reads as these settings; a password
    /// is in it.
    #[must_use]
    pub fn to_url(&self) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let database = self.database;
        match &self.address {
            Address::Unix(path) => {
                let path = path.to_string_lossy();
                // Piece by piece, because the slashes stay.
                let parts = path.split('/').map(encoded);
                format!(
                    "unix://{}?db={database}",
                    parts.collect::<Vec<_>>().join("/")
                )
            }
            Address::Inet(at) => {
                let user = encoded(self.user.as_deref().unwrap_or_default());
                let userinfo = match &self.password {
                    Some(password) => format!("{user}:{}@", encoded(password)),
                    None if user.is_empty() => String::new(),
                    None => format!("{user}@"),
                };
                format!("redis://{userinfo}{at}/{database}")
            }
        }
    }
}

fn number(text: &str) -> Result<u32, RedisSettingsError> {
    text.parse()
        .map_err(|_| RedisSettingsError("its database is no number"))
}

fn decoded(text: &str) -> Result<String, RedisSettingsError> {
    let text = percent_decode_str(text).decode_utf8();
    let text = text.map_err(|_| RedisSettingsError("what its % signs stand for is no UTF-8"))?;
    Ok(text.into_owned())
}

fn address(host_port: &str) -> Result<Address, RedisSettingsError> {
    let (host, port) = match host_port.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (host_port, "6379"),
    };
    let port = port
        .parse()
        .map_err(|_| RedisSettingsError("its port is no number up to 65535"))?;
    let host = match host {
        "" | "localhost" => "127.0.0.1",
        host => host.trim_start_matches('[').trim_end_matches(']'),
    };
    let host = host
        .parse()
        .map_err(|_| RedisSettingsError("its host is no IP address and not localhost"))?;
    Ok(SocketAddr::new(host, port).into())
}
