//! The flags of the slow poetry server: from words to [`Options`], with errors that name the flag.
use crate::{Fault, Options, POEMS, Poem};
use lexopt::Arg;
use std::{fmt::Write as _, time::Duration};

/// What the flags ask for.
#[derive(Clone, Debug)]
pub enum Action {
    /// Serve, until interrupted or for a time.
    Serve {
        /// What, and how.
        options: Options,
        /// For how long; for ever unless given.
        time: Option<Duration>,
    },
    /// Show [`help`].
    Help,
    /// Show [`list`].
    List,
}

const FLAGS: &[(&str, &str, &str)] = &[
    (
        "--poems",
        "N|NAMES",
        "how many poems, or which: 3, or tyger,hope (default: 1)",
    ),
    ("--pace", "BYTES", "how many bytes at a time (default: 10)"),
    (
        "--delay",
        "TIME",
        "the pause after each piece (default: 100ms)",
    ),
    (
        "--late",
        "TIME",
        "the pause before the first piece (default: 0)",
    ),
    (
        "--port",
        "PORT",
        "port of the first poem, the next ones follow (default: 0, free ones)",
    ),
    (
        "--most",
        "N",
        "how many connections at once; more must wait (default: 64)",
    ),
    (
        "--fault",
        "FAULT",
        "half-way through each poem: truncate, stall or reset (default: none)",
    ),
    (
        "--for",
        "TIME",
        "stop after that time (default: serve until Ctrl-C)",
    ),
    ("--list", "", "list the poems and stop"),
    ("--help", "", "show this text and stop"),
];

/// Returns what `--help` shows.
pub fn help() -> String {
    let mut text = String::from(
        "Serves poems slowly, on ports of 127.0.0.1, one port for each poem.\n\n\
         Usage: cargo run -p poetry --example slow_poetry -- [FLAGS]\n\nFlags:\n",
    );
    for (flag, value, about) in FLAGS {
        let _ = writeln!(text, "  {:<16} {about}", format!("{flag} {value}"));
    }
    text.push_str(
        "\nA TIME has its unit: 250us, 100ms, 1500ms, 2m; or it is 0.\n\n\
         Try: --poems 3 --delay 300ms, and read one with: nc 127.0.0.1 PORT\n",
    );
    text
}

/// Returns what `--list` shows.
pub fn list() -> String {
    let mut text = String::new();
    for poem in POEMS {
        let Poem {
            name,
            title,
            author,
            year,
            ..
        } = poem;
        let bytes = poem.text.len();
        let _ = writeln!(
            text,
            "{name:<12} {bytes:>4} bytes  {title}, by {author} ({year})"
        );
    }
    text
}

/// Understands the words after the program's name.
///
/// # Errors
/// A message for the person who typed them, naming the flag at fault.
///
/// ```
/// use poetry::{Action, parse};
/// let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
///
/// let Ok(Action::Serve { options, .. }) = parse(words("--poems 2 --pace=5 --delay 20ms")) else { panic!() };
/// assert_eq!((options.poems.len(), options.pace.bytes), (2, 5));
/// assert_eq!(
///     parse(words("--dely 20ms")).unwrap_err(),
///     "there is no flag --dely; did you mean --delay?"
/// );
/// ```
pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Action, String> {
    let mut options = Options::default();
    let mut time = None;
    let mut parser = lexopt::Parser::from_args(words.into_iter().collect::<Vec<_>>());
    while let Some(flag) = next_flag(&mut parser)? {
        let Some((_, wants, _)) = FLAGS.iter().find(|(known, ..)| *known == flag) else {
            return Err(unknown(&flag));
        };
        match flag.as_str() {
            "--help" => return no_value(&mut parser, &flag).map(|()| Action::Help),
            "--list" => return no_value(&mut parser, &flag).map(|()| Action::List),
            _ => {}
        }
        // A value that looks like a flag is one: `--delay --port 1` forgot the time.
        let value = parser
            .value()
            .ok()
            .and_then(|value| value.into_string().ok())
            .filter(|value| !value.is_empty() && !value.starts_with("--"))
            .ok_or_else(|| format!("{flag} wants a value: {flag} {wants}"))?;
        let wrong = |why: String| format!("{flag} {value}: {why}");
        match flag.as_str() {
            "--poems" => options.poems = poems(&value).map_err(wrong)?,
            "--pace" => options.pace.bytes = at_least_one(&value).map_err(wrong)?,
            "--delay" => options.pace.pause = duration(&value).map_err(wrong)?,
            "--late" => options.pace.late = duration(&value).map_err(wrong)?,
            "--most" => options.most = at_least_one(&value).map_err(wrong)?,
            "--fault" => options.fault = fault(&value).map_err(wrong)?,
            "--for" => time = Some(duration(&value).map_err(wrong)?),
            // `--port`, the only one left.
            _ => {
                options.port = value
                    .parse()
                    .map_err(|_| wrong("a port is a number from 0 to 65535".to_owned()))?;
            }
        }
    }
    Ok(Action::Serve { options, time })
}

/// Returns the next flag with its dashes; `-h` is `--help`.
fn next_flag(parser: &mut lexopt::Parser) -> Result<Option<String>, String> {
    match parser.next().map_err(|error| error.to_string())? {
        None => Ok(None),
        Some(Arg::Short('h')) => Ok(Some("--help".to_owned())),
        Some(Arg::Short(letter)) => Err(unknown(&format!("-{letter}"))),
        Some(Arg::Long(name)) => Ok(Some(format!("--{name}"))),
        Some(Arg::Value(word)) => Err(format!("{} is not a flag; see --help", word.display())),
    }
}

fn no_value(parser: &mut lexopt::Parser, flag: &str) -> Result<(), String> {
    match parser.optional_value() {
        Some(_) => Err(format!("{flag} takes no value")),
        None => Ok(()),
    }
}

fn unknown(flag: &str) -> String {
    let nearest = FLAGS
        .iter()
        .map(|(known, ..)| (strsim::osa_distance(flag, known), known))
        .min();
    match nearest {
        Some((far, known)) if far <= 2 => {
            format!("there is no flag {flag}; did you mean {known}?")
        }
        _ => format!("there is no flag {flag}; see --help"),
    }
}

fn at_least_one(value: &str) -> Result<usize, String> {
    match value.parse() {
        Ok(0) => Err("it must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("this is not a whole number".to_owned()),
    }
}

fn poems(value: &str) -> Result<Vec<&'static Poem>, String> {
    if value.starts_with(|c: char| c.is_ascii_digit()) {
        let count = at_least_one(value)?;
        if count > POEMS.len() {
            return Err(format!("there are {} poems", POEMS.len()));
        }
        return Ok(POEMS.iter().take(count).collect());
    }
    // Otherwise names, with commas between.
    let named = |name| {
        let names = || {
            POEMS
                .iter()
                .map(|poem| poem.name)
                .collect::<Vec<_>>()
                .join(", ")
        };
        Poem::named(name)
            .ok_or_else(|| format!("no poem is called {name:?}; there are {}", names()))
    };
    value.split(',').map(named).collect()
}

fn fault(value: &str) -> Result<Fault, String> {
    match value {
        "none" => Ok(Fault::None),
        "truncate" => Ok(Fault::Truncate),
        "stall" => Ok(Fault::Stall),
        "reset" => Ok(Fault::Reset),
        _ => Err("a fault is one of none, truncate, stall, reset".to_owned()),
    }
}

fn duration(value: &str) -> Result<Duration, String> {
    if value != "0" && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("say the unit: {value}ms or {value}s"));
    }
    humantime::parse_duration(value).map_err(|error| match error {
        humantime::DurationError::NumberOverflow => "this is too long".to_owned(),
        _ => "a time looks like 250us, 100ms, 1500ms or 2m".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Options {
        match parse(line.split_whitespace().map(str::to_owned)) {
            Ok(Action::Serve { options, .. }) => options,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn error(line: &str) -> String {
        match parse(line.split_whitespace().map(str::to_owned)) {
            Err(message) => message,
            Ok(asked) => panic!("{line} was understood: {asked:?}"),
        }
    }

    #[test]
    fn nothing_asked_is_the_default() {
        let asked = options("");
        assert_eq!(asked.poems, [&POEMS[0]]);
        assert_eq!(asked.port, 0, "a port is fixed only when a person asks");
        assert_eq!(asked.fault, Fault::None);
    }

    #[test]
    fn every_flag_is_understood_in_both_spellings() {
        let asked = options(
            "--poems tyger,hope --pace=3 --delay 1500ms --late=20ms --port 4080 --most 2 --fault stall",
        );
        let names: Vec<_> = asked.poems.iter().map(|poem| poem.name).collect();
        assert_eq!(names, ["tyger", "hope"]);
        assert_eq!(asked.pace.bytes, 3);
        assert_eq!(asked.pace.pause, Duration::from_millis(1500));
        assert_eq!(asked.pace.late, Duration::from_millis(20));
        assert_eq!((asked.port, asked.most), (4080, 2));
        assert_eq!(asked.fault, Fault::Stall);
        assert_eq!(options("--poems 8").poems.len(), 8);
        assert!(matches!(
            parse(["--for".to_owned(), "2m".to_owned()]),
            Ok(Action::Serve { time: Some(time), .. }) if time == Duration::from_secs(120)
        ));
    }

    #[test]
    fn an_error_names_the_flag_and_the_remedy() {
        for (line, message) in [
            (
                "--port 70000",
                "--port 70000: a port is a number from 0 to 65535",
            ),
            ("--pace 0", "--pace 0: it must be at least 1"),
            ("--pace ten", "--pace ten: this is not a whole number"),
            ("--delay 20", "--delay 20: say the unit: 20ms or 20s"),
            (
                "--delay 1x",
                "--delay 1x: a time looks like 250us, 100ms, 1500ms or 2m",
            ),
            (
                "--delay ms",
                "--delay ms: a time looks like 250us, 100ms, 1500ms or 2m",
            ),
            (
                "--late 99999999999999999999s",
                "--late 99999999999999999999s: this is too long",
            ),
            ("--poems 9", "--poems 9: there are 8 poems"),
            (
                "--fault fire",
                "--fault fire: a fault is one of none, truncate, stall, reset",
            ),
            ("--delay", "--delay wants a value: --delay TIME"),
            ("--delay --port 1", "--delay wants a value: --delay TIME"),
            ("--list=all", "--list takes no value"),
            (
                "--faults stall",
                "there is no flag --faults; did you mean --fault?",
            ),
            ("--verbose", "there is no flag --verbose; see --help"),
            ("tyger", "tyger is not a flag; see --help"),
        ] {
            assert_eq!(error(line), message);
        }
        assert!(
            error("--poems beagle")
                .starts_with("--poems beagle: no poem is called \"beagle\"; there are ozy")
        );
    }

    #[test]
    fn help_names_every_flag() {
        for (flag, ..) in FLAGS {
            assert!(help().contains(flag));
        }
        assert!(matches!(parse(["-h".to_owned()]), Ok(Action::Help)));
        assert!(matches!(parse(["--list".to_owned()]), Ok(Action::List)));
        assert_eq!(list().lines().count(), POEMS.len());
    }
}
