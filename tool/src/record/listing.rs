//! Does for one listing what its class says.
use super::{
    Seen, machine, picture,
    recorder::{Recorder, diff, exactly},
    redact::{redacted, shape},
    run::{Place, run, trace_file},
};
use crate::{
    finding::name,
    manifest::{Class, Listing},
};
use anyhow::Result;
use std::{collections::BTreeMap, path::Path};

/// Returns what a person types to record a listing.
pub(super) fn mend(listing: &Listing) -> String {
    let measure = match listing.entry.class {
        Class::Measure => " --measure",
        _ => "",
    };
    format!("cargo book record{measure} {}", listing.path())
}

/// Returns the whole of an output file.
pub(super) fn with_command(listing: &Listing, printed: &str) -> String {
    format!("$ {}\n{printed}", listing.command())
}

/// Returns what stands in an output file below the command.
fn below(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, rest)| rest)
}

/// Runs one listing and keeps what it prints.
///
/// # Errors
/// When it cannot be started or a file cannot be written.
pub fn one(
    recorder: &mut Recorder<'_>,
    all: &BTreeMap<String, Listing>,
    listing: &Listing,
    program: &Path,
) -> Result<Seen> {
    let mut seen = Seen {
        compiled: true,
        ..Seen::default()
    };
    if let Err(error) = redacted(&listing.entry, "") {
        let manifest = name(recorder.house, &listing.folder.join("listings.toml"));
        let what = format!("[{}]: {error:#}", listing.name);
        recorder.found.add(manifest, 0, what, "mend the expression");
        return Ok(seen);
    }
    let pair = match listing.entry.class {
        Class::Twin => {
            let package = listing.package.trim_end_matches("-lab");
            all.get(&format!("{package}/{}", listing.name))
        }
        _ => None,
    };
    let printed = match listing.entry.class {
        Class::Sim => sim(recorder, listing, program)?,
        _ => traced(recorder, listing, pair, program)?,
    };
    let Some((printed, pictures)) = printed else {
        return Ok(seen);
    };
    seen.run = true;
    let view = |text: &str| redacted(&listing.entry, text);
    let kept = match listing.entry.class {
        Class::Sim => {
            let text = with_command(listing, &printed);
            recorder.keep(&listing.output(), &text, &exactly, &mend(listing))?
                & on_the_real_one(recorder, listing, program, &printed)?
        }
        Class::Twin => twin(recorder, listing, pair, &printed)?,
        Class::Measure => {
            let text = format!("{}{}\n", with_command(listing, &printed), machine::line());
            // Its numbers are never the same: with --check only the shape counts.
            let view: &dyn Fn(&str) -> Result<String> = if recorder.check {
                &|text| Ok(shape(&without_machine(text)))
            } else {
                &exactly
            };
            recorder.keep(&listing.output(), &text, view, &mend(listing))?
        }
        Class::Real | Class::Fails => {
            let text = with_command(listing, &printed);
            recorder.keep(&listing.output(), &text, &view, &mend(listing))?
        }
    };
    seen.compared = kept && pictures;
    Ok(seen)
}

fn without_machine(text: &str) -> String {
    text.lines()
        .filter(|line| !line.starts_with(machine::BEGINS))
        .map(|line| format!("{line}\n"))
        .collect()
}

/// Says what is wrong with a run.
fn bad(recorder: &mut Recorder<'_>, listing: &Listing, bad: super::run::Bad, place: &str) {
    let file = name(recorder.house, &listing.source());
    recorder
        .found
        .add(file, 0, format!("{place}{}", bad.what), bad.mend);
}

/// Two runs in the simulated world. Returns what they print, and whether the pictures are right.
fn sim(
    recorder: &mut Recorder<'_>,
    listing: &Listing,
    program: &Path,
) -> Result<Option<(String, bool)>> {
    let file = trace_file(recorder.house, listing);
    let mut runs = Vec::new();
    for _ in 0..2 {
        match run(recorder.house, listing, program, Place::Sim, Some(&file))? {
            Ok(printed) => runs.push((printed, std::fs::read_to_string(&file).ok())),
            Err(problem) => {
                bad(recorder, listing, problem, "in the simulated world ");
                return Ok(None);
            }
        }
    }
    let (Some(second), Some(first)) = (runs.pop(), runs.pop()) else {
        return Ok(None);
    };
    let source = name(recorder.house, &listing.source());
    let always =
        "nothing in it may come from a HashMap's order, a clock or chance outside its World";
    if first.0 != second.0 {
        let what = format!(
            "two runs with the same seed print differently:\n{}",
            diff(&first.0, &second.0)
        );
        recorder.found.add(source, 0, what, always);
        return Ok(None);
    }
    if listing.diagrams().is_empty() {
        return Ok(Some((first.0, true)));
    }
    let (Some(one), Some(two)) = (&first.1, &second.1) else {
        no_trace(recorder, listing);
        return Ok(Some((first.0, false)));
    };
    if one != two {
        let what = format!(
            "two runs with the same seed leave different traces:\n{}",
            diff(one, two)
        );
        recorder.found.add(source, 0, what, always);
        return Ok(Some((first.0, false)));
    }
    let right = picture::keep(recorder, listing, one, &mend(listing))?;
    Ok(Some((first.0, right)))
}

fn no_trace(recorder: &mut Recorder<'_>, listing: &Listing) {
    let file = name(recorder.house, &listing.source());
    recorder.found.add(
        file,
        0,
        "it left no trace to draw a diagram from",
        "make its reactor with `Reactor::from_env()`, or say diagram = \"none\" in listings.toml",
    );
}

/// One real run, recorded when its diagram is wanted.
fn traced(
    recorder: &mut Recorder<'_>,
    listing: &Listing,
    pair: Option<&Listing>,
    program: &Path,
) -> Result<Option<(String, bool)>> {
    let drawn = !listing.diagrams().is_empty();
    let file = trace_file(recorder.house, listing);
    let trace = drawn.then_some(file.as_path());
    let kept = |listing: &Listing| std::fs::read_to_string(listing.output()).ok();
    let mut wanted = Vec::new();
    if listing.entry.class != Class::Measure {
        for one in [Some(listing), pair].into_iter().flatten() {
            if let Some(text) = kept(one) {
                wanted.push((one, redacted(&one.entry, below(&text))?));
            }
        }
    }
    let Some(printed) = really(recorder, listing, program, trace, &wanted, "")? else {
        return Ok(None);
    };
    if !drawn {
        return Ok(Some((printed, true)));
    }
    let Ok(recorded) = std::fs::read_to_string(&file) else {
        no_trace(recorder, listing);
        return Ok(Some((printed, false)));
    };
    let right = picture::keep(recorder, listing, &recorded, &mend(listing))?;
    Ok(Some((printed, right)))
}

/// How often a real run is tried before what it prints counts: on a machine that is busy with
/// something else, threads and clocks may come in another order once.
const TRIES: usize = 3;

/// Runs on the operating system until it prints something that is wanted, at most [`TRIES`] times.
/// Returns what it printed last; nothing when it hangs or fails.
fn really(
    recorder: &mut Recorder<'_>,
    listing: &Listing,
    program: &Path,
    trace: Option<&Path>,
    wanted: &[(&Listing, String)],
    place: &str,
) -> Result<Option<String>> {
    let mut printed = String::new();
    for attempt in 1..=TRIES {
        match run(recorder.house, listing, program, Place::Os, trace)? {
            Ok(text) => printed = text,
            Err(problem) => {
                bad(recorder, listing, problem, place);
                return Ok(None);
            }
        }
        for (one, text) in wanted {
            if redacted(&one.entry, &printed)? == *text {
                if attempt > 1 {
                    recorder.found.note(format!(
                        "{} printed what it must only when it was run again ({attempt} times)",
                        listing.path()
                    ));
                }
                return Ok(Some(printed));
            }
        }
        if wanted.is_empty() {
            break;
        }
    }
    Ok(Some(printed))
}

/// Runs a `sim` listing on the operating system: it must say the same, ports and times aside.
fn on_the_real_one(
    recorder: &mut Recorder<'_>,
    listing: &Listing,
    program: &Path,
    simulated: &str,
) -> Result<bool> {
    let sim = redacted(&listing.entry, simulated)?;
    let wanted = [(listing, sim.clone())];
    let place = "on the operating system ";
    let Some(printed) = really(recorder, listing, program, None, &wanted, place)? else {
        return Ok(false);
    };
    let real = redacted(&listing.entry, &printed)?;
    if sim == real {
        return Ok(true);
    }
    let file = name(recorder.house, &listing.source());
    recorder.found.add(
        file,
        0,
        format!(
            "on the operating system it prints something else than in the simulated world:\n{}",
            diff(&sim, &real)
        ),
        "make it the same, or say in listings.toml what may differ: `redact` or `unordered`",
    );
    Ok(false)
}

/// A twin that prints what its pair prints has no file of its own.
fn twin(
    recorder: &mut Recorder<'_>,
    listing: &Listing,
    pair: Option<&Listing>,
    printed: &str,
) -> Result<bool> {
    let view = |text: &str| redacted(&listing.entry, text);
    if let Some(pair) = pair
        && let Ok(kept) = std::fs::read_to_string(pair.output())
    {
        let (of_pair, own) = (
            redacted(&pair.entry, below(&kept))?,
            redacted(&pair.entry, printed)?,
        );
        if of_pair == own && listing.output().is_file() {
            recorder.drop_orphan(
                &listing.output(),
                &format!("{} prints the same, so one file is enough", pair.path()),
            )?;
            return Ok(!recorder.check);
        }
        if of_pair == own {
            return Ok(true);
        }
        if recorder.check && !listing.output().is_file() {
            let file = name(recorder.house, &listing.source());
            let what = format!(
                "it prints something else than its pair {}, and has no output file:\n{}",
                pair.path(),
                diff(&of_pair, &own)
            );
            let mend = format!("if that is right, record it: {}", mend(listing));
            recorder.found.add(file, 0, what, mend);
            return Ok(false);
        }
    }
    let text = with_command(listing, printed);
    recorder.keep(&listing.output(), &text, &view, &mend(listing))
}

/// What is asked of a measurement that is not run: its file is there and names the machine.
pub fn kept_measurement(recorder: &mut Recorder<'_>, listing: &Listing) -> Seen {
    let file = name(recorder.house, &listing.output());
    let seen = |compared| Seen {
        compiled: compared,
        run: compared,
        compared,
    };
    let Ok(text) = std::fs::read_to_string(listing.output()) else {
        let source = name(recorder.house, &listing.source());
        recorder
            .found
            .add(source, 0, format!("{file} is missing"), mend(listing));
        return seen(false);
    };
    let wrong = if text.lines().next() != Some(&format!("$ {}", listing.command())) {
        Some("it does not begin with the reader's command")
    } else if !text.lines().any(|line| line.starts_with(machine::BEGINS)) {
        Some("it does not name the machine")
    } else if !below(&without_machine(&text)).contains(|c: char| c.is_ascii_digit()) {
        Some("it holds no number")
    } else {
        None
    };
    if let Some(what) = wrong {
        recorder
            .found
            .add(file, 0, what, format!("measure again: {}", mend(listing)));
    }
    seen(wrong.is_none())
}
