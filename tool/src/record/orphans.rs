//! Finds recorded files that no listing makes any more.
use super::{draw, picture, recorder::Recorder};
use crate::{
    exercise::layout::{entries, file_name, folders},
    manifest::{Diagram, Listing},
};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

/// Looks through every `output/` folder and through `diagrams/`.
///
/// # Errors
/// When a file cannot be removed.
pub fn look(recorder: &mut Recorder<'_>, listings: &BTreeMap<String, Listing>) -> Result<()> {
    let outputs: BTreeSet<_> = listings.values().map(Listing::output).collect();
    let mut pictures = BTreeSet::new();
    for listing in listings.values().filter(|l| !l.diagrams().is_empty()) {
        let drawn = listing.diagrams().into_iter().map(Diagram::ending);
        for ending in drawn.chain(["ndjson", "md"]) {
            if ending == Diagram::Sequence.ending() {
                pictures.insert(draw::beside(&picture::file(recorder, listing, ending)));
            }
            pictures.insert(picture::file(recorder, listing, ending));
        }
    }
    for chapter in folders(&recorder.house.root.join("listings")) {
        for folder in [chapter.join("output"), chapter.join("lab/output")] {
            for file in entries(&folder) {
                if !outputs.contains(&file) {
                    recorder.drop_orphan(&file, "no listing prints it")?;
                }
            }
        }
    }
    for chapter in folders(&recorder.house.root.join("diagrams")) {
        for file in entries(&chapter) {
            let made = ["ndjson", "mmd", "panels", "svg", "md"]
                .iter()
                .any(|ending| file_name(&file).ends_with(&format!(".{ending}")));
            if file.is_file() && made && !pictures.contains(&file) {
                recorder.drop_orphan(&file, "no listing draws it")?;
            }
        }
    }
    Ok(())
}
