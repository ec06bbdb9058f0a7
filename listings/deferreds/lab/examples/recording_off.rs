//! What the recording costs a Deferred while nothing is recorded, in instructions and branches, counted by callgrind.
use deferreds::Deferred;
use std::{env, hint::black_box, process::Command};
use trace::{Kind, Prefix};

/// Under callgrind every instruction takes long, and without optimisation there are many.
const ROUNDS: u64 = if cfg!(debug_assertions) {
    20_000
} else {
    1_000_000
};
/// In the environment of the program that is counted: which loop it runs.
const MODE: &str = "RECORDING_OFF_MODE";
pub(crate) const MODES: [&str; 5] = ["bare", "made", "staged", "deferred", "stage"];

fn main() {
    match env::var(MODE) {
        Ok(mode) => run(&mode),
        Err(_) => match measure() {
            Err(why) => println!("{why}"),
            Ok([bare, made, staged, deferred, stage]) => {
                println!("recording is off; for each round of a loop");
                println!("                              instructions   branches   mispredicted");
                bare.print("an empty loop");
                made.print("the events of a Deferred");
                deferred.print("a Deferred, made and fired");
                staged.print("the events of a stage");
                stage.print("a stage, added and run");
            }
        },
    }
}

// ANCHOR: loops
/// Loops with the events that a Deferred and a stage record, alone, and with a Deferred and a stage themselves.
pub(crate) fn run(mode: &str) {
    assert!(!trace::on());
    match mode {
        "nothing" => {}
        "bare" => (0..ROUNDS).for_each(|round| {
            black_box(round);
        }),
        "made" => (0..ROUNDS).for_each(|round| {
            event(Kind::DfNew, round);
            event(Kind::DfFire, round);
            event(Kind::DfDrop, round);
        }),
        "deferred" => (0..ROUNDS).for_each(|round| {
            let (resolver, deferred) = Deferred::new();
            resolver.callback(black_box(round));
            black_box(&deferred);
        }),
        "staged" => (0..ROUNDS).for_each(|round| {
            event(Kind::DfAdd, round);
            event(Kind::CbStart, round);
        }),
        "stage" => {
            let (resolver, mut deferred) = Deferred::new();
            for _ in 0..ROUNDS {
                deferred = deferred.add_callback(|n| Ok(black_box(n) + 1));
            }
            resolver.callback(0);
            black_box(&deferred);
        }
        other => panic!("{MODE}={other} is none of {MODES:?}"),
    }
}
// ANCHOR_END: loops

fn event(kind: Kind, round: u64) {
    black_box(round);
    if trace::on() {
        record(kind, round);
    }
}

#[cold]
fn record(kind: Kind, round: u64) {
    let object = trace::object(Prefix::Deferred);
    trace::event(kind).of(object).attr("i", || round).record();
}

/// What callgrind counted for one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Costs {
    pub(crate) instructions: f64,
    pub(crate) branches: f64,
    pub(crate) mispredicted: f64,
    /// How often it asked whether anything is recorded; 0 where the question is compiled into the code around it.
    #[allow(dead_code, reason = "for the test beside it")]
    pub(crate) asked: f64,
}

impl Costs {
    fn print(self, name: &str) {
        let Costs {
            instructions,
            branches,
            mispredicted,
            ..
        } = self;
        println!("{name:<30}{instructions:>12.1}{branches:>11.1}{mispredicted:>15.3}");
    }
}

/// Runs this program under callgrind, once for each loop.
///
/// # Errors
/// What to do, when there is no valgrind.
pub(crate) fn measure() -> Result<[Costs; 5], String> {
    // What starting a program costs is in each count, and so in no difference of two.
    let start = count("nothing")?;
    let mut all = Vec::new();
    for mode in MODES {
        let counted = count(mode)?;
        let per_round = |at: usize| ((counted[at] - start[at]) / ROUNDS as f64).max(0.0);
        all.push(Costs {
            instructions: per_round(0),
            branches: per_round(1),
            mispredicted: per_round(2),
            asked: per_round(3),
        });
    }
    all.try_into()
        .map_err(|_| "five loops give five costs".to_owned())
}

/// Instructions, conditional branches, those mispredicted, and calls of `trace::on`.
fn count(mode: &str) -> Result<[f64; 4], String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--branch-sim=yes"])
        .arg("--callgrind-out-file=/dev/stdout")
        .arg(program)
        .env(MODE, mode)
        .output()
        .map_err(|error| format!("valgrind does not run here ({error}); install it to count"))?;
    let profile = String::from_utf8_lossy(&output.stdout);
    // "summary: Ir Bc Bcm Bi Bim"
    let line = profile.lines().find_map(|l| l.strip_prefix("summary: "));
    let numbers: Vec<f64> = line
        .map(|line| line.split_whitespace().flat_map(str::parse).collect())
        .unwrap_or_default();
    match numbers[..] {
        [instructions, branches, mispredicted, ..] => Ok([
            instructions,
            branches,
            mispredicted,
            calls(&profile, "trace::recorder::on"),
        ]),
        _ => {
            let said = String::from_utf8_lossy(&output.stderr);
            Err(format!("callgrind said something else:\n{said}"))
        }
    }
}

/// How often a function was called. A name stands in the profile once, as `(number) name`, and is its number from then on.
fn calls(profile: &str, function: &str) -> f64 {
    let id = profile.lines().find_map(|line| {
        let (_, name) = line.split_once("fn=")?;
        name.strip_suffix(function)?.strip_suffix(' ')
    });
    let Some(id) = id else { return 0.0 };
    let mut called = false;
    let mut sum = 0.0;
    for line in profile.lines() {
        if let Some(name) = line.strip_prefix("cfn=") {
            called = name.split(' ').next() == Some(id);
        } else if let Some(rest) = line.strip_prefix("calls=")
            && called
        {
            let number = rest.split(' ').next().and_then(|n| n.parse().ok());
            sum += number.unwrap_or(0.0);
        }
    }
    sum
}
