//! Draws the run that a program of a reader left. It may have written anything as its recording, so
//! a process of its own does it, within bounds.
use crate::{
    held::{self, Bounds, Held},
    house::House,
    manifest::Listing,
    record::picture::shown,
};
use anyhow::{Context, Result, bail};
use pictures::{Functions, page::Order};
use serde_json::{Value, value::RawValue};
use std::{collections::BTreeMap, fs, io::Read, path::Path, process::Command, time::Duration};

/// What drawing may use.
const DRAWING: Bounds = Bounds {
    time: Duration::from_secs(5),
    memory: 512 << 20,
    file: 0,
    output: 6 << 20,
};

/// What `book draw` reads.
#[derive(serde::Serialize, serde::Deserialize)]
struct Input {
    functions: Functions,
    order: Box<RawValue>,
}

/// Returns the pictures of a run as JSON: a [`Drawn`](pictures::page::Drawn). `file` is the
/// program's name in the trace.
pub(super) fn draw(
    house: &House,
    listing: &Listing,
    file: &str,
    source: &str,
    trace: &str,
) -> Result<Box<RawValue>> {
    let order = Order {
        trace: trace.to_owned(),
        file: file.to_owned(),
        source: source.to_owned(),
        shown: shown(listing),
        id: format!("mine-{}", listing.name.replace('_', "-")),
    };
    let input = Input {
        functions: functions(house, trace),
        order: serde_json::value::to_raw_value(&order)?,
    };
    let mut command = Command::new(held::tool()?);
    command.arg("draw");
    let outcome = Held::new(&command, DRAWING)
        .cleared()
        .input(serde_json::to_string(&input)?)
        .run()?;
    if !outcome.ok() {
        let why = outcome.why.unwrap_or(outcome.stderr);
        bail!("{}", why.lines().next().unwrap_or("its drawing broke off"));
    }
    serde_json::from_str(&outcome.stdout).context("too much to draw")
}

/// Returns the functions of the book's own files that a trace names, and of no other file.
fn functions(house: &House, trace: &str) -> Functions {
    let first = trace.lines().next().unwrap_or_default();
    let header: Value = serde_json::from_str(first).unwrap_or_default();
    let sites = header["sites"].as_array().into_iter().flatten();
    let files = sites.filter_map(|site| site[0].as_str()).filter(|file| {
        let mut parts = file.split('/');
        let plain = |part: &str| !part.starts_with('.') && !part.is_empty();
        file.starts_with("listings/")
            && Path::new(file)
                .extension()
                .is_some_and(|ending| ending == "rs")
            && parts.all(plain)
    });
    let sources: BTreeMap<String, String> = files
        .filter_map(|file| {
            let path = house.root.join(file);
            let plain = fs::symlink_metadata(&path).is_ok_and(|data| data.is_file());
            let text = plain.then(|| fs::read_to_string(&path).ok())??;
            Some((file.to_owned(), text))
        })
        .collect();
    Functions::of(&sources)
}

/// `book draw`: reads an order from its input, and prints what is drawn.
///
/// # Errors
/// When there is no order, or its trace cannot be read.
pub fn command() -> Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let input: Input = serde_json::from_str(&text)?;
    match pictures::page::answer(input.order.get(), &input.functions) {
        Ok(drawn) => println!("{drawn}"),
        Err(why) => bail!("{why}"),
    }
    Ok(())
}
