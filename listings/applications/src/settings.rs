//! What a program is told: on its command line, and in its file of settings.
use crate::{Endpoint, Kinds};
use lexopt::prelude::*;
use serde::Deserialize;
use std::{
    error::Error,
    ffi::OsString,
    fmt, fs,
    path::{Path, PathBuf},
    time::Duration,
};

// ANCHOR: settings
/// What a program is told, by its command line and its file of settings. The command line has the
/// last word.
///
/// ```
/// use applications::Settings;
///
/// let settings = Settings::parse(["--listen", "tcp:4079", "--daemon", "--stop-within", "3"])?;
/// assert_eq!(settings.listen, ["tcp:4079"]);
/// assert!(settings.daemon);
/// # Ok::<(), applications::SettingsError>(())
/// ```
///
/// A file has the same names:
///
/// ```
/// let file: applications::Settings = toml::from_str(r#"
///     listen = ["tcp:4079", "unix:/run/finger.sock"]
///     pid-file = "/run/finger.pid"
///     log = "info"
///     [program]           # whatever the program itself wants to know
///     plan = "/srv/plans"
/// "#)?;
/// assert_eq!(file.program["plan"].as_str(), Some("/srv/plans"));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Where to listen: `--listen ENDPOINT`, as often as you like.
    pub listen: Vec<String>,
    /// `--daemon`: go on in the background.
    pub daemon: bool,
    /// `--pid-file FILE`: one such program at a time, and its number stands there.
    pub pid_file: Option<PathBuf>,
    /// `--log-file FILE`: what is logged goes there, and not to standard error. SIGHUP opens it
    /// again.
    pub log_file: Option<PathBuf>,
    /// `--log LEVELS`: which levels, such as `info` or `warn,connection=debug`.
    pub log: Option<String>,
    /// `--json`: each line of the log is an object.
    pub json: bool,
    /// `--directory FOLDER`: the working directory.
    pub directory: Option<PathBuf>,
    /// `--umask OCTAL`: what others may not do with files that are made.
    pub umask: Option<String>,
    /// `--user NAME`: who to be as soon as the ports are open.
    pub user: Option<String>,
    /// `--stop-within SECONDS`: how long the end may take; 10 without it.
    pub stop_within: Option<f64>,
    /// What the program itself wants to know; only in the file.
    pub program: toml::Table,
    /// `--check`: say whether the settings are right, and do nothing.
    #[serde(skip)]
    pub check: bool,
    /// `--help`: print what there is.
    #[serde(skip)]
    pub help: bool,
}
// ANCHOR_END: settings

/// What `--help` prints, behind the program's name.
#[cfg(unix)]
pub(crate) const HELP: &str = "\
  --listen ENDPOINT      where to listen, such as tcp:4079; may be given several times
  --config FILE          settings in TOML, with the names of these options
  --check                say whether the settings are right, and do nothing
  --daemon               go on in the background; fails if it cannot start
  --pid-file FILE        one such program at a time; its number stands there
  --log-file FILE        where to log; SIGHUP opens the file again
  --log LEVELS           what to log: error, warn, info, debug, trace, or target=level
  --json                 each line of the log is an object
  --directory FOLDER     the working directory
  --umask OCTAL          what others may not do with files that are made
  --user NAME            who to be when the ports are open
  --stop-within SECONDS  how long the end may take; 10 without it
";

impl Settings {
    /// Reads settings from the arguments behind the program's name. Files that they name are read.
    ///
    /// # Errors
    /// An option that is not known, a value that makes no sense, a file that cannot be read.
    pub fn parse<I>(arguments: I) -> Result<Settings, SettingsError>
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        // Two of them: the command line has the last word, wherever on it `--config` stands.
        let mut told = Settings::default();
        let mut file = Settings::default();
        let mut parser = lexopt::Parser::from_args(arguments);
        while let Some(argument) = parser.next()? {
            match argument {
                Long("listen") => told.listen.push(parser.value()?.string()?),
                Long("config") => file = Settings::read(Path::new(&parser.value()?))?,
                Long("check") => told.check = true,
                Long("daemon") => told.daemon = true,
                Long("pid-file") => told.pid_file = Some(parser.value()?.into()),
                Long("log-file") => told.log_file = Some(parser.value()?.into()),
                Long("log") => told.log = Some(parser.value()?.string()?),
                Long("json") => told.json = true,
                Long("directory") => told.directory = Some(parser.value()?.into()),
                Long("umask") => told.umask = Some(parser.value()?.string()?),
                Long("user") => told.user = Some(parser.value()?.string()?),
                Long("stop-within") => told.stop_within = Some(parser.value()?.parse()?),
                Long("help") | Short('h') => told.help = true,
                other => return Err(other.unexpected().into()),
            }
        }
        let settings = told.over(file);
        settings.limit()?;
        settings.mask()?;
        Ok(settings)
    }

    /// Reads settings from a file.
    ///
    /// # Errors
    /// It cannot be read, or it is no TOML, or it has a name that is not known.
    pub fn read(file: &Path) -> Result<Settings, SettingsError> {
        let at = |error: &dyn fmt::Display| SettingsError(format!("{}: {error}", file.display()));
        let text = fs::read_to_string(file).map_err(|error| at(&error))?;
        toml::from_str(&text).map_err(|error| at(&error))
    }

    /// Returns these settings, with those of the file for what is not said here.
    fn over(self, file: Settings) -> Settings {
        // Field by field, without `..`: a new one that is forgotten here does not compile.
        Settings {
            listen: if self.listen.is_empty() {
                file.listen
            } else {
                self.listen
            },
            daemon: self.daemon || file.daemon,
            pid_file: self.pid_file.or(file.pid_file),
            log_file: self.log_file.or(file.log_file),
            log: self.log.or(file.log),
            json: self.json || file.json,
            directory: self.directory.or(file.directory),
            umask: self.umask.or(file.umask),
            user: self.user.or(file.user),
            stop_within: self.stop_within.or(file.stop_within),
            program: file.program,
            check: self.check,
            help: self.help,
        }
    }

    /// Returns where to listen; `otherwise` if there is no such setting.
    ///
    /// # Errors
    /// A string that is wrong. All are looked at before one is listened at.
    pub fn endpoints(&self, otherwise: &str) -> Result<Vec<Endpoint>, SettingsError> {
        self.endpoints_of(&Kinds::standard(), otherwise)
    }

    /// Does the same, with kinds of your own.
    ///
    /// # Errors
    /// Those of [`endpoints`](Settings::endpoints).
    pub fn endpoints_of(
        &self,
        kinds: &Kinds,
        otherwise: &str,
    ) -> Result<Vec<Endpoint>, SettingsError> {
        let given: Vec<&str> = match self.listen.is_empty() {
            true => vec![otherwise],
            false => self.listen.iter().map(String::as_str).collect(),
        };
        let parse = |text: &str| {
            let endpoint = kinds.parse(text);
            endpoint.map_err(|error| SettingsError(format!("an endpoint is wrong:\n{error}")))
        };
        given.into_iter().map(parse).collect()
    }

    /// Returns how long the end may take.
    pub(crate) fn limit(&self) -> Result<Duration, SettingsError> {
        let seconds = self.stop_within.unwrap_or(10.0);
        match Duration::try_from_secs_f64(seconds) {
            Ok(limit) if limit <= Duration::from_secs(86_400) => Ok(limit),
            _ => Err(SettingsError(format!(
                "stop-within: {seconds} is no number of seconds, from 0 to a day"
            ))),
        }
    }

    pub(crate) fn mask(&self) -> Result<Option<u32>, SettingsError> {
        let Some(text) = &self.umask else {
            return Ok(None);
        };
        match u32::from_str_radix(text, 8) {
            Ok(mask @ 0..=0o777) => Ok(Some(mask)),
            _ => Err(SettingsError(format!(
                "umask: {text} is not octal digits, up to 777"
            ))),
        }
    }
}

/// A program was told something that it does not understand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(pub(crate) String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for SettingsError {}

impl From<lexopt::Error> for SettingsError {
    fn from(error: lexopt::Error) -> SettingsError {
        SettingsError(format!("{error}; --help says what there is"))
    }
}
