//! The tokio twins of the chapter “Databases”, its benchmarks and heavy tests: how they find the
//! chapter's temporary servers.
use databases::{Settings, redis::RedisSettings};
use reactor::Address;

/// The same place for tokio-postgres.
///
/// # Panics
/// When the socket is not named as PostgreSQL names it.
#[must_use]
pub fn config(settings: &Settings) -> tokio_postgres::Config {
    let mut config = tokio_postgres::Config::new();
    match &settings.address {
        Address::Unix(path) => {
            let folder = path.parent().expect("a socket in a folder");
            let port = path
                .extension()
                .and_then(|port| port.to_str()?.parse().ok());
            config.host_path(folder).port(port.expect(".s.PGSQL.5432"));
        }
        Address::Inet(at) => {
            config.host(at.ip().to_string()).port(at.port());
        }
    }
    config.user(&settings.user).dbname(&settings.database);
    if let Some(password) = &settings.password {
        config.password(password);
    }
    config
}

/// The same place for the crate `redis`.
#[must_use]
pub fn url(settings: &RedisSettings) -> String {
    settings.to_url()
}
