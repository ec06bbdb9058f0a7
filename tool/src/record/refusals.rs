//! Records the listings that must not compile: the code is compared, and what the compiler says.
use super::{
    Seen,
    listing::{mend, with_command},
    recorder::{Recorder, exactly},
    refused::{self, Case},
};
use crate::{cargo::Built, finding::name, manifest::Listing};
use anyhow::Result;
use std::collections::BTreeMap;

/// All listings of a package that must not compile. `built` is a build of what they depend on.
///
/// # Errors
/// When Cargo cannot be started or a file cannot be written.
pub fn record(
    recorder: &mut Recorder<'_>,
    package: &str,
    listings: &[&Listing],
    built: Result<Built>,
    seen: &mut BTreeMap<String, Seen>,
) -> Result<()> {
    let cases: Vec<_> = listings
        .iter()
        .map(|listing| Case {
            name: listing.name.clone(),
            source: listing.source(),
        })
        .collect();
    let manifest = recorder.house.package(package).join("Cargo.toml");
    let answers =
        built.and_then(|built| refused::compile(recorder.house, &manifest, true, &cases, &built));
    let answers = match answers {
        Ok(answers) => answers,
        Err(error) => {
            let file = name(recorder.house, &manifest);
            recorder
                .found
                .add(file, 0, format!("{error:#}"), "make it compile");
            return Ok(());
        }
    };
    for (listing, answer) in listings.iter().zip(answers) {
        let became = refuse(recorder, listing, &answer)?;
        seen.insert(listing.path(), became);
    }
    Ok(())
}

fn refuse(
    recorder: &mut Recorder<'_>,
    listing: &Listing,
    answer: &refused::Answer,
) -> Result<Seen> {
    let code = listing.entry.code.clone().unwrap_or_default();
    let file = name(recorder.house, &listing.source());
    if answer.text.is_empty() {
        let mend = format!("listings.toml promises {code}: make it fail, or move it to examples/");
        recorder.found.add(file, 0, "it compiles", mend);
        return Ok(Seen::default());
    }
    if !answer.codes.contains(&code) {
        let what = format!("it does not fail with {code}, but with:\n{}", answer.text);
        recorder
            .found
            .add(file, 0, what, "mend it, or its `code` in listings.toml");
        return Ok(Seen::default());
    }
    let text = with_command(listing, &format!("{}\n", answer.text.trim_end()));
    let old = std::fs::read_to_string(listing.output()).unwrap_or_default();
    let other_words = old != text && refused::essence(&old) == refused::essence(&text);
    let source = std::fs::read_to_string(listing.source()).unwrap_or_default();
    let stale = refused::misquoted(&old, &file, &source);
    let compared = if recorder.check && other_words && stale.is_none() {
        recorder.found.note(format!(
            "the error of {file} is the same, but this compiler tells it in other words; `{}` records them",
            mend(listing)
        ));
        true
    } else {
        recorder.keep(&listing.output(), &text, &exactly, &mend(listing))?
    };
    Ok(Seen {
        compiled: true,
        run: true,
        compared,
    })
}
