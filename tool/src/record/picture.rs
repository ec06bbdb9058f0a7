//! Turns the trace of a run into the files of its diagrams: the trace, each picture, the steps.
use super::recorder::{Recorder, exactly};
use crate::{
    finding::name,
    house::House,
    manifest::{Class, Listing},
};
use anyhow::{Context, Result};
use pictures::{page::Shown, settled, with_source};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, path::PathBuf};
use trace::read::Trace;

/// `diagrams/<chapter>/<name>.<ending>`.
pub fn file(recorder: &Recorder<'_>, listing: &Listing, ending: &str) -> PathBuf {
    recorder
        .house
        .root
        .join("diagrams")
        .join(listing.package.trim_end_matches("-lab"))
        .join(format!("{}.{ending}", listing.name))
}

/// Keeps the trace, the diagram and its steps. Returns whether all are right.
///
/// # Errors
/// When a file cannot be read or written.
pub fn keep(
    recorder: &mut Recorder<'_>,
    listing: &Listing,
    recorded: &str,
    mend: &str,
) -> Result<bool> {
    let source = listing.source();
    let code =
        std::fs::read(&source).with_context(|| format!("{} cannot be read", source.display()))?;
    let digest: String = Sha256::digest(&code)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let source = name(recorder.house, &source);
    let parsed = with_source(recorded, &digest).and_then(|text| {
        let text = settled(&text, &sources(recorder.house, &Trace::parse(&text)?))?;
        Ok((Trace::parse(&text)?, text))
    });
    let (mut trace, mut text) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            recorder.found.add(
                source,
                0,
                format!("its trace cannot be read: {error}"),
                "this is a fault of listings/trace or of what records with it",
            );
            return Ok(false);
        }
    };
    let problems: Vec<_> = trace.lint().iter().map(|p| format!("    {p}")).collect();
    if !problems.is_empty() {
        recorder.found.add(
            source,
            0,
            format!("its trace is not sound:\n{}", problems.join("\n")),
            "this is a fault of what records: each start has its end, causes come first",
        );
        return Ok(false);
    }
    let path = file(recorder, listing, "ndjson");
    if listing.entry.class != Class::Sim
        && let Ok(old) = std::fs::read_to_string(&path)
        && let Ok(kept) = Trace::parse(&old)
        && same_causes(&kept, &trace)
    {
        // Two real runs never have the same times, so the kept one stays while it tells the same.
        (trace, text) = (kept, with_source(&old, &digest)?);
    }
    let pictures = match drawn(recorder.house, listing, &trace) {
        Ok(pictures) => pictures,
        Err(what) => {
            let manifest = name(recorder.house, &listing.folder.join("listings.toml"));
            let mend = format!("change it, then: {mend}");
            let what = format!("[{}] its diagram: {what}", listing.name);
            recorder.found.add(manifest, 0, what, mend);
            return Ok(false);
        }
    };
    let mut right = recorder.keep(&path, &text, &exactly, mend)?;
    for (ending, text) in pictures {
        let path = file(recorder, listing, ending);
        right &= recorder.keep(&path, &text, &exactly, mend)?;
    }
    Ok(right)
}

/// Returns the files that are made of a trace: what each ends with, and its text.
///
/// # Errors
/// When a picture cannot be drawn; the message says what to choose instead.
pub fn drawn(
    house: &House,
    listing: &Listing,
    trace: &Trace,
) -> Result<Vec<(&'static str, String)>, String> {
    let shown = shown(listing);
    let look = shown.look(sources(house, trace));
    let mut files = Vec::new();
    for (diagram, figure) in listing.diagrams().iter().zip(&shown.figures) {
        files.push((diagram.ending(), figure.draw(trace, &look)?));
    }
    let steps = pictures::steps(trace, &look);
    let steps = steps.iter().map(|step| pictures::markdown(step));
    files.push(("md", steps.map(|step| format!("1. {step}\n")).collect()));
    Ok(files)
}

/// Returns what the figures of a listing show.
pub(crate) fn shown(listing: &Listing) -> Shown {
    let entry = &listing.entry;
    Shown {
        title: entry.title.as_ref().unwrap_or(&entry.caption).clone(),
        hosts: entry.hosts.clone(),
        turns: entry.turns,
        chains: entry.chains.clone(),
        figures: listing.diagrams().iter().map(|one| one.figure()).collect(),
    }
}

/// Returns the text of each file that the trace points to, where labels of stages come from.
pub fn sources(house: &House, trace: &Trace) -> BTreeMap<String, String> {
    let files = trace.header.sites.iter().map(|site| &site.0);
    files
        .filter_map(|file| {
            let text = std::fs::read_to_string(house.root.join(file)).ok()?;
            Some((file.clone(), text))
        })
        .collect()
}

/// Returns whether two runs tell the same: for each host, the same kinds of events in the same
/// order. Turns and pieces of data are left out: a real run promises neither how often it wakes up
/// nor how the bytes are cut.
fn same_causes(a: &Trace, b: &Trace) -> bool {
    told(a) == told(b)
}

fn told(trace: &Trace) -> BTreeMap<String, Vec<String>> {
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for event in &trace.events {
        let kind = event.kind.clone();
        if ["turn.", "io.", "data."]
            .iter()
            .any(|family| kind.starts_with(family))
        {
            continue;
        }
        let host = trace.host(event).unwrap_or_default().to_owned();
        told.entry(host).or_default().push(kind);
    }
    told
}
