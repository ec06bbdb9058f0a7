//! Describes the machine that a measurement was made on, in one line.
use std::process::Command;

/// What every such line begins with.
pub const BEGINS: &str = "Measured on ";

/// "Measured on 2 cores, …, Linux x86_64, rustc 1.88.0, 2026-01-31."
pub fn line() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let os = match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        other => other,
    };
    format!(
        "{BEGINS}{cores} {}, {}, {os} {}, rustc {}, {}.",
        if cores == 1 { "core" } else { "cores" },
        processor(),
        std::env::consts::ARCH,
        rustc(),
        date(seconds()),
    )
}

fn processor() -> String {
    let of_linux = std::fs::read_to_string("/proc/cpuinfo")
        .ok()
        .and_then(|text| {
            text.lines()
                .find(|line| line.starts_with("model name"))
                .and_then(|line| Some(line.split_once(':')?.1.trim().to_owned()))
        });
    of_linux
        .or_else(|| said(Command::new("sysctl").args(["-n", "machdep.cpu.brand_string"])))
        .unwrap_or_else(|| "unknown processor".to_owned())
}

/// Returns the number of the compiler's version.
pub fn rustc() -> String {
    said(Command::new("rustc").arg("--version"))
        .and_then(|line| Some(line.split_whitespace().nth(1)?.to_owned()))
        .unwrap_or_else(|| "unknown".to_owned())
}

fn said(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let text = text.trim();
    (output.status.success() && !text.is_empty()).then(|| text.to_owned())
}

fn seconds() -> u64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Returns the day in UTC, by counting years and months from 1970.
fn date(seconds: u64) -> String {
    let mut day = seconds / 86_400;
    let mut year = 1970;
    let leap = |year: u64| {
        (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400)
    };
    while day >= 365 + u64::from(leap(year)) {
        day -= 365 + u64::from(leap(year));
        year += 1;
    }
    let february = 28 + u64::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    format!("{year}-{month:02}-{:02}", day + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_right() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_709_251_200, "2024-03-01"),
            (1_798_761_599, "2026-12-31"),
        ] {
            assert_eq!(date(seconds), day);
        }
    }

    #[test]
    fn the_line_names_what_a_reader_compares() {
        let line = line();
        assert!(
            line.starts_with(BEGINS) && line.contains("rustc 1."),
            "{line}"
        );
    }
}
