//! A listing, as its entry in `listings.toml` tells of it: its name, its class, which is its
//! contract, its files, its diagrams, and the command that runs it.
use crate::{finding, house::House, problem};
use anyhow::{Context, Result, anyhow, bail};
use pictures::page::Figure;
use serde::{
    Deserialize,
    de::{self, SeqAccess, Unexpected, Visitor},
};
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};
use trace::Kind;

/// How a listing is run and what of it is compared.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Runs in the simulated world, byte for byte the same, and on the real one.
    Sim,
    /// Real threads, processes, sockets: compared with redaction.
    Real,
    /// The same program on tokio; lives in a lab.
    Twin,
    /// Prints measurements: only the shape of its output is compared.
    Measure,
    /// Must not compile (`code`) or must panic (`panics`).
    Fails,
}

/// Which picture is drawn of a recorded run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagram {
    /// Hosts and objects as columns, time runs down, a band for each turn.
    Sequence,
    /// Each Deferred's two rails.
    Chain,
    /// Which task is polled in which turn, and what woke it.
    Tasks,
}

impl Diagram {
    const NAMES: [(&str, Diagram); 3] = [
        ("sequence", Diagram::Sequence),
        ("chain", Diagram::Chain),
        ("tasks", Diagram::Tasks),
    ];

    /// Returns what draws it.
    pub fn figure(self) -> Figure {
        match self {
            Diagram::Sequence => Figure::Sequence,
            Diagram::Chain => Figure::Chain,
            Diagram::Tasks => Figure::Tasks,
        }
    }

    /// Returns the ending of its file in `diagrams/`.
    pub fn ending(self) -> &'static str {
        match self {
            Diagram::Sequence => "mmd",
            Diagram::Chain => "svg",
            Diagram::Tasks => "tasks.svg",
        }
    }
}

/// `diagram = "chain"`, `diagram = ["chain", "sequence"]` or `diagram = "none"`.
fn diagrams<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Vec<Diagram>>, D::Error> {
    struct Names;

    impl<'de> Visitor<'de> for Names {
        type Value = Vec<Diagram>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("\"sequence\", \"chain\", \"tasks\", a list of them, or \"none\"")
        }

        fn visit_str<E: de::Error>(self, name: &str) -> Result<Vec<Diagram>, E> {
            if name == "none" {
                return Ok(Vec::new());
            }
            let known = Diagram::NAMES.iter().find(|(known, _)| *known == name);
            match known {
                Some((_, diagram)) => Ok(vec![*diagram]),
                None => Err(E::invalid_value(Unexpected::Str(name), &self)),
            }
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Vec<Diagram>, A::Error> {
            let mut found = Vec::new();
            while let Some(name) = names.next_element::<String>()? {
                found.extend(Names.visit_str::<A::Error>(&name)?);
            }
            found.dedup();
            Ok(found)
        }
    }

    from.deserialize_any(Names).map(Some)
}

/// Something to bring about by changing the world: `[poetry_client.goal]`. It looks at the run and
/// not at a knob.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// The task: `Drag the jitter until poem 3 is complete before poem 1.`
    pub ask: String,
    /// Pieces of lines that the program must print for it, in this order.
    pub lines: Vec<String>,
    /// Why it came to that, for a reader who got there.
    pub because: String,
    /// A world in which it is reached, for the test: `sim:1,jitter=20ms`.
    pub answer: String,
}

/// One entry of a `listings.toml`, as it is written there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What stands above the code.
    pub caption: String,
    /// Its contract.
    pub class: Class,
    /// What the reader's command passes after `--`.
    #[serde(default)]
    pub args: Vec<String>,
    /// Seed of the simulated world.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// Knobs of the simulated world, as `UNTWISTED_WORLD` spells them: `latency=10ms,chunk=64`.
    #[serde(default)]
    pub knobs: String,
    /// Which knobs its page offers, in this order: `seed`, `latency`, `jitter`, `loss`, `chunk`,
    /// `buffer`, `job`, and the faults `refuse`, `reset` and `partition`. None offered unless
    /// given; each must change something.
    #[serde(default)]
    pub change: Vec<String>,
    /// What a reader is to bring about with them.
    pub goal: Option<Goal>,
    /// The hosts of its diagram, in the order of their columns.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Which diagrams are drawn: `"sequence"`, `"chain"`, `"tasks"`, several in a list, or
    /// `"none"`. A `sim` listing has a sequence diagram unless it says otherwise.
    #[serde(default, deserialize_with = "diagrams")]
    pub diagram: Option<Vec<Diagram>>,
    /// The Deferreds that a chain diagram shows, by their names in the trace (`d1`); all of them
    /// unless given.
    #[serde(default)]
    pub chains: Vec<String>,
    /// Where the player stops while it plays, as kinds of events: `["out", "lock.enter"]`. Unless
    /// given, it leaves out only what is registered and waits of nothing.
    #[serde(default)]
    pub stops: Vec<String>,
    /// The listing of this package that it grew from: the card shows what changed since.
    pub after: Option<String>,
    /// What its tab is called beside its twin's.
    pub tab: Option<String>,
    /// Title of the figure; the caption unless given.
    pub title: Option<String>,
    /// First and last turn that the diagram shows; all of them unless given.
    pub turns: Option<[u64; 2]>,
    /// The order of the printed lines is not promised.
    #[serde(default)]
    pub unordered: bool,
    /// Regular expressions whose matches are replaced by `…` before outputs are compared.
    #[serde(default)]
    pub redact: Vec<String>,
    /// For `fails`: the compiler's error code.
    pub code: Option<String>,
    /// For `fails`: it compiles and must panic.
    #[serde(default)]
    pub panics: bool,
    /// How long it may run, in seconds, before it counts as hanging.
    #[serde(default = "default_seconds")]
    pub seconds: u64,
}

fn default_seed() -> u64 {
    1
}

fn default_seconds() -> u64 {
    20
}

/// One listing: where it stands and what its manifest says.
#[derive(Clone, Debug)]
pub struct Listing {
    /// `reactor` or `reactor-lab`.
    pub package: String,
    /// Name of the example.
    pub name: String,
    /// What the manifest says.
    pub entry: Entry,
    /// The folder of its package.
    pub folder: PathBuf,
}

impl Listing {
    /// `reactor/simplest`: what a page writes to show it.
    pub fn path(&self) -> String {
        format!("{}/{}", self.package, self.name)
    }

    /// Returns the chapter it belongs to: `reactor` for `reactor` and for `reactor-lab`.
    pub fn chapter(&self) -> &str {
        self.package.strip_suffix("-lab").unwrap_or(&self.package)
    }

    /// Returns the whole program. One that must not compile stands in `fails/`, where Cargo does
    /// not look.
    pub fn source(&self) -> PathBuf {
        let folder = if self.entry.code.is_some() {
            "fails"
        } else {
            "examples"
        };
        self.folder.join(folder).join(format!("{}.rs", self.name))
    }

    /// Returns the file that keeps what it prints, beginning with the command.
    pub fn output(&self) -> PathBuf {
        self.folder
            .join("output")
            .join(format!("{}.txt", self.name))
    }

    /// Returns which diagrams it has.
    pub fn diagrams(&self) -> Vec<Diagram> {
        match (self.entry.class, &self.entry.diagram) {
            (_, Some(diagrams)) => diagrams.clone(),
            (Class::Sim, None) => vec![Diagram::Sequence],
            (_, None) => Vec::new(),
        }
    }

    /// Returns what a reader types to run it.
    pub fn command(&self) -> String {
        if self.entry.code.is_some() {
            return format!("cargo book record --show {}", self.path());
        }
        let mut command = format!("cargo run -p {} --example {}", self.package, self.name);
        if self.entry.class == Class::Measure {
            command = command.replacen("run", "run --release", 1);
        }
        if !self.entry.args.is_empty() {
            command = format!("{command} -- {}", self.entry.args.join(" "));
        }
        command
    }
}

/// Returns every listing of every package, by path.
///
/// # Errors
/// When a manifest cannot be read or understood; the message names the file.
pub fn all(house: &House) -> Result<BTreeMap<String, Listing>> {
    let (found, mut broken) = readable(house)?;
    if broken.is_empty() {
        Ok(found)
    } else {
        Err(broken.remove(0))
    }
}

/// Returns every listing of the packages whose manifest can be read, and what is wrong with the
/// others.
///
/// # Errors
/// When there is no folder of listings.
pub fn readable(house: &House) -> Result<(BTreeMap<String, Listing>, Vec<anyhow::Error>)> {
    let mut broken = Vec::new();
    let mut found = BTreeMap::new();
    let listings = house.root.join("listings");
    let mut chapters: Vec<_> = std::fs::read_dir(&listings)
        .with_context(|| format!("{} cannot be read", listings.display()))?
        .collect::<std::io::Result<Vec<_>>>()?
        .into_iter()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    chapters.sort();
    for chapter in chapters {
        for package in [chapter.clone(), format!("{chapter}-lab")] {
            let folder = house.package(&package);
            let manifest = folder.join("listings.toml");
            if manifest.is_file() {
                match read(house, &manifest, &package, &folder) {
                    Ok(listings) => {
                        found.extend(listings.into_iter().map(|one| (one.path(), one)));
                    }
                    Err(error) => broken.push(error),
                }
            }
        }
    }
    Ok((found, broken))
}

/// What to do about an entry that cannot be understood.
const ENTRY: &str = "an entry needs `caption` and `class`: sim, real, twin, measure or fails. CONTRIBUTING.md says what each promises, tool/src/manifest.rs what other keys there are";

fn read(house: &House, manifest: &Path, package: &str, folder: &Path) -> Result<Vec<Listing>> {
    let file = finding::name(house, manifest);
    let text =
        std::fs::read_to_string(manifest).with_context(|| format!("{file} cannot be read"))?;
    let entries: BTreeMap<String, Entry> = toml::from_str(&text).map_err(|error| {
        let (line, what) = problem::in_toml(&text, &error);
        anyhow!("{file}:{}: {what}\n    -> {ENTRY}", line.max(1))
    })?;
    let mut found = Vec::new();
    for (name, entry) in entries {
        if entry.class == Class::Fails && entry.code.is_some() == entry.panics {
            bail!(
                "{file}: [{name}] has class \"fails\", so it must say either code = \"E0277\" or panics = true"
            );
        }
        let known = |kind: &&String| {
            Kind::named(kind).is_some()
                || kind
                    .split_once('.')
                    .is_some_and(|(family, _)| ["db", "http", "ui"].contains(&family))
        };
        if let Some(stop) = entry.stops.iter().find(|stop| !known(stop)) {
            bail!(
                "{file}: [{name}] stops at `{stop}`, which is no kind of event: listings/trace/README.md names them, such as `out` or `timer.fire`"
            );
        }
        if entry.class == Class::Twin && !package.ends_with("-lab") {
            bail!(
                "{file}: [{name}] has class \"twin\", and twins live in the lab: move the entry to {} and the program to its examples/, or choose another class",
                finding::name(house, &folder.join("lab/listings.toml"))
            );
        }
        found.push(Listing {
            package: package.to_owned(),
            name,
            entry,
            folder: folder.to_owned(),
        });
    }
    Ok(found)
}
