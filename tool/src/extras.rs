//! What our build adds to the site that stock mdBook writes: the player and the recorded runs.
mod dense;

use crate::{
    finding,
    house::House,
    manifest::{self, Listing},
    record::picture::{shown, sources},
};
use anyhow::{Context, Result};
use pictures::page::Shown;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};
use trace::read::Trace;

/// The scripts of the player, in the order in which they need each other. They are one file in
/// the site, loaded when a reader asks for it.
const SCRIPTS: [&str; 5] = ["model.js", "say.js", "stage.js", "ruler.js", "player.js"];

/// What the player asks first, and its causes: each loaded with the first press of its button.
const BY_BUTTON: [&str; 2] = ["ask.js", "why.js"];

/// The scripts of "Change the world", as [`SCRIPTS`]. The first one becomes a worker's program, so
/// it is a text among them.
const KNOBS: [&str; 3] = ["wasi.js", "world.js", "panel.js"];

/// What shows the picture of a run that no recording has: loaded with the first such run.
const PICTURE: [&str; 2] = ["sequence.js", "picture.js"];

/// Measured times as bars: loaded with its button.
const RACE: &str = "race.js";

/// One run, as the player takes it.
#[derive(Serialize)]
struct Run {
    trace: String,
    source: String,
    /// As [`pictures::names`].
    names: BTreeMap<String, String>,
    title: String,
    /// The program's file in the trace, and what its figures show: for drawing it in another world.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<Shown>,
    /// With which event each step of its picture begins.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    begins: Vec<u64>,
    /// Where it stops while it plays, if the listing says so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stops: Vec<String>,
}

/// Returns where the recorded run of a listing is kept; none when nothing was recorded.
pub(crate) fn trace(house: &House, listing: &Listing) -> Option<PathBuf> {
    let folder = house.root.join("diagrams").join(listing.chapter());
    let file = folder.join(format!("{}.ndjson", listing.name));
    let ours = !listing.package.ends_with("-lab");
    (ours && file.is_file()).then_some(file)
}

/// Writes them into the site at `dest`.
///
/// # Errors
/// When a file of `theme/player` or `theme/knobs` is missing, or the site cannot be written.
pub(crate) fn write(house: &House, dest: &Path) -> Result<()> {
    let read_in = |folder: &str, name: &str| {
        let file = house.root.join("theme").join(folder).join(name);
        fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))
    };
    let read = |name: &str| read_in("player", name);
    let mut scripts = String::new();
    for name in SCRIPTS {
        scripts.push_str(&dense::script(&read(name)?));
    }
    fs::write(dest.join("player.js"), scripts)?;
    for name in BY_BUTTON {
        let script = dense::script(&read(name)?);
        fs::write(dest.join(format!("player-{name}")), script)?;
    }
    fs::write(dest.join("player.css"), dense::sheet(&read("player.css")?))?;
    let mut scripts = format!(
        "(globalThis.untwisted??={{}}).wasiSource={};\n",
        serde_json::to_string(&dense::script(&read_in("knobs", KNOBS[0])?))?
    );
    for name in &KNOBS[1..] {
        scripts.push_str(&dense::script(&read_in("knobs", name)?));
    }
    fs::write(dest.join("knobs.js"), scripts)?;
    let mut scripts = String::new();
    for name in PICTURE {
        scripts.push_str(&dense::script(&read_in("knobs", name)?));
    }
    fs::write(dest.join("picture.js"), scripts)?;
    fs::write(dest.join(RACE), dense::script(&read_in("knobs", RACE)?))?;
    fs::write(
        dest.join("knobs.css"),
        dense::sheet(&read_in("knobs", "knobs.css")?),
    )?;
    // What cannot be read has failed before, unless the book is shown in part.
    for listing in manifest::readable(house)?.0.values() {
        let Some(trace) = trace(house, listing) else {
            continue;
        };
        let text = fs::read_to_string(&trace)
            .with_context(|| format!("{} cannot be read", trace.display()))?;
        let varies = !listing.entry.change.is_empty();
        let (names, begins) = found(house, listing, &text);
        let run = Run {
            names,
            begins,
            trace: text,
            source: fs::read_to_string(listing.source())
                .with_context(|| format!("{} cannot be read", listing.source().display()))?,
            title: listing.entry.caption.clone(),
            file: varies.then(|| finding::name(house, &listing.source())),
            shown: varies.then(|| shown(listing)),
            stops: listing.entry.stops.clone(),
        };
        let folder = dest.join("runs").join(listing.chapter());
        fs::create_dir_all(&folder)?;
        fs::write(
            folder.join(format!("{}.js", listing.name)),
            script(&listing.path(), &run)?,
        )?;
    }
    Ok(())
}

/// Returns what stands at its places, and where its steps begin. A trace that cannot be read is
/// told of by `check`; the page shows what it can.
fn found(house: &House, listing: &Listing, text: &str) -> (BTreeMap<String, String>, Vec<u64>) {
    let Ok(trace) = Trace::parse(text) else {
        return Default::default();
    };
    let look = shown(listing).look(sources(house, &trace));
    let begins = match listing.diagrams().is_empty() {
        true => Vec::new(),
        false => pictures::begins(&trace, &look),
    };
    (pictures::names(&trace, &look), begins)
}

/// Returns a run as a script: a page that was opened from a folder may load one, and nothing else.
fn script(path: &str, run: &Run) -> Result<String> {
    Ok(format!(
        "((globalThis.untwisted??={{}}).runs??={{}})[{}]={};\n",
        serde_json::to_string(path)?,
        serde_json::to_string(run)?
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::Fixture;

    #[test]
    fn a_run_is_a_script_with_trace_and_source() {
        let fixture = Fixture::new();
        fixture.write("diagrams/reactor/simplest.ndjson", "{\"v\":1}\n");
        let dest = fixture.house.root.join("out");
        fs::create_dir(&dest).unwrap();
        write(&fixture.house, &dest).unwrap();
        let run = fixture.read("out/runs/reactor/simplest.js");
        assert!(
            run.starts_with("((globalThis.untwisted??={}).runs??={})[\"reactor/simplest\"]={\"trace\":\"{\\\"v\\\":1}\\n\",\"source\":\"//! The smallest"),
            "{run}"
        );
        assert!(fixture.read("out/player.js").contains("model"));
        fixture.remove("theme/player/say.js");
        let error = write(&fixture.house, &dest).unwrap_err();
        assert!(
            error.to_string().ends_with("say.js cannot be read"),
            "{error}"
        );
    }
}
