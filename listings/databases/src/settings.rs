//! Where a database is, and as whom to log in.
use percent_encoding::percent_decode_str;
use reactor::Address;
use std::{error::Error, fmt, net::SocketAddr, path::Path};

/// Where a database is, and as whom to log in.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its port, or its Unix socket.
    pub address: Address,
    /// The role.
    pub user: String,
    /// Sent to no server: SCRAM proves with it that both sides know it.
    pub password: Option<String>,
    /// The name of the database.
    pub database: String,
}

impl fmt::Debug for Settings {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("address", &self.address)
            .field("user", &self.user)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("database", &self.database)
            .finish()
    }
}

/// An address of a database that cannot be understood. It does not repeat the address, which may
/// hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingsError(&'static str);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}; it should look like postgres://user:password@127.0.0.1:5432/database, \
             or postgres://user@%2Frun%2Fpostgresql/database for a Unix socket",
            self.0
        )
    }
}

impl Error for SettingsError {}

impl Settings {
    /// Reads what `psql` takes, too: `postgres://user:password@host:port/database`. The host is an
    /// IP address or `localhost`, which is 127.0.0.1 here, or the folder of a Unix socket with its
    /// slashes as `%2F`. The port is 5432 unless given, the user `postgres`, the database the
    /// user's.
    ///
    /// ```
    /// use databases::Settings;
    /// let settings = Settings::parse("postgres://reader:rose%20buds@localhost/poems")?;
    /// assert_eq!(settings.address.to_string(), "127.0.0.1:5432");
    /// assert_eq!(settings.password.as_deref(), Some("rose buds"));
    /// assert!(!format!("{settings:?}").contains("rose"));
    /// # Ok::<(), databases::SettingsError>(())
    /// ```
    ///
    /// # Errors
    /// [`SettingsError`], which says what is wrong and shows a right one. Parameters after a `?`
    /// are refused: a wish for TLS must not be overlooked.
    pub fn parse(url: &str) -> Result<Settings, SettingsError> {
        let rest = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"))
            .ok_or(SettingsError("it does not begin with postgres://"))?;
        if rest.contains(['?', '#']) {
            return Err(SettingsError("this client knows no parameters"));
        }
        let (host_port, database) = rest.split_once('/').unwrap_or((rest, ""));
        // The last `@`: one before it belongs to a password that was not encoded.
        let (userinfo, host_port) = host_port.rsplit_once('@').unwrap_or(("", host_port));
        let (user, password) = match userinfo.split_once(':') {
            Some((user, password)) => (user, Some(decoded(password)?)),
            None => (userinfo, None),
        };
        let user = if user.is_empty() { "postgres" } else { user };
        let user = decoded(user)?;
        let database = match database {
            "" => user.clone(),
            named => decoded(named)?,
        };
        Ok(Settings {
            address: address(host_port)?,
            user,
            password,
            database,
        })
    }
}

fn decoded(text: &str) -> Result<String, SettingsError> {
    let text = percent_decode_str(text).decode_utf8();
    let text = text.map_err(|_| SettingsError("what its % signs stand for is no UTF-8"))?;
    if text.contains('\0') {
        return Err(SettingsError("it has a zero byte"));
    }
    Ok(text.into_owned())
}

fn address(host_port: &str) -> Result<Address, SettingsError> {
    let (host, port) = match host_port.rsplit_once(':') {
        // The last colon of `[::1]` stands inside the brackets and begins no port.
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (host_port, "5432"),
    };
    let port = port
        .parse()
        .map_err(|_| SettingsError("its port is no number up to 65535"))?;
    let host = decoded(host)?;
    if host.starts_with('/') {
        let socket = Path::new(&host).join(format!(".s.PGSQL.{port}"));
        return Ok(Address::Unix(socket));
    }
    let host = match &*host {
        "" | "localhost" => "127.0.0.1",
        host => host.trim_start_matches('[').trim_end_matches(']'),
    };
    let host = host.parse().map_err(|_| {
        SettingsError("its host is no IP address, not localhost, and no folder of a socket")
    })?;
    Ok(SocketAddr::new(host, port).into())
}
