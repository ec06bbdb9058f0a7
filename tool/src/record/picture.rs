//! Turns the trace of a run into the three files of its diagram.
use super::keep::{Keeper, exactly};
use crate::{
    finding::name,
    manifest::{Class, Diagram, Listing},
};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use trace::read::{Look, Trace, with_source};

/// The diagram that a listing has, if it has one: a `sim` listing does, unless it says otherwise.
pub fn wanted(listing: &Listing) -> Option<Diagram> {
    let diagram = match (listing.entry.class, listing.entry.diagram) {
        (Class::Sim, None) => Diagram::Sequence,
        (_, diagram) => diagram?,
    };
    (diagram != Diagram::None).then_some(diagram)
}

/// `diagrams/<chapter>/<name>.<ending>`.
pub fn file(keeper: &Keeper<'_>, listing: &Listing, ending: &str) -> PathBuf {
    keeper
        .house
        .root
        .join("diagrams")
        .join(listing.package.trim_end_matches("-lab"))
        .join(format!("{}.{ending}", listing.name))
}

/// Keeps the trace, the diagram and its steps. Gives whether all are right.
///
/// # Errors
/// When a file cannot be read or written.
pub fn keep(
    keeper: &mut Keeper<'_>,
    listing: &Listing,
    diagram: Diagram,
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
    let source = name(keeper.house, &source);
    let parsed = with_source(recorded, &digest).and_then(|text| Ok((Trace::parse(&text)?, text)));
    let (mut trace, mut text) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            keeper.found.add(
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
        keeper.found.add(
            source,
            0,
            format!("its trace is not sound:\n{}", problems.join("\n")),
            "this is a fault of what records: each start has its end, causes come first",
        );
        return Ok(false);
    }
    let path = file(keeper, listing, "ndjson");
    if listing.entry.class != Class::Sim
        && let Ok(old) = std::fs::read_to_string(&path)
        && let Ok(kept) = Trace::parse(&old)
        && same_causes(&kept, &trace)
    {
        // Two real runs never have the same times, so the kept one stays while it tells the same.
        (trace, text) = (kept, with_source(&old, &digest)?);
    }
    let look = Look {
        title: listing
            .entry
            .title
            .clone()
            .unwrap_or_else(|| listing.entry.caption.clone()),
        hosts: listing.entry.hosts.clone(),
        turns: listing.entry.turns,
        ..Look::default()
    };
    let drawn = match diagram {
        Diagram::Chain => trace.chain(&look),
        Diagram::Sequence | Diagram::None => trace.sequence(&look),
    };
    let steps: String = trace
        .steps(&look)
        .iter()
        .map(|step| format!("1. {}\n", trace::read::markdown(step)))
        .collect();
    let mut right = keeper.keep(&path, &text, &exactly, mend)?;
    for (ending, text) in [("mmd", ended(drawn)), ("md", steps)] {
        let path = file(keeper, listing, ending);
        right &= keeper.keep(&path, &text, &exactly, mend)?;
    }
    Ok(right)
}

fn ended(mut text: String) -> String {
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Whether two runs tell the same: for each host, the same kinds of events in the same order.
/// Turns and pieces of data are left out: a real run promises neither how often it wakes up nor how
/// the bytes are cut.
fn same_causes(a: &Trace, b: &Trace) -> bool {
    told(a) == told(b)
}

fn told(trace: &Trace) -> std::collections::BTreeMap<String, Vec<String>> {
    let mut told: std::collections::BTreeMap<String, Vec<String>> = Default::default();
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
