//! What an event costs while nothing is recorded, in instructions and branches, counted by callgrind.
use std::{env, hint::black_box, process::Command};
use trace::{Kind, Object};

const ROUNDS: u64 = 1_000_000;
/// In the environment of the program that is counted: which loop it runs.
const MODE: &str = "RECORDING_OFF_MODE";

fn main() {
    match env::var(MODE) {
        Ok(mode) => run(&mode),
        Err(_) => match measure() {
            Err(why) => println!("{why}"),
            Ok([bare, event, span]) => {
                println!("recording is off; for each round of a loop");
                println!("                    instructions   branches   mispredicted");
                bare.print("an empty loop");
                event.print("with an event");
                span.print("with a span");
            }
        },
    }
}

// ANCHOR: loops
/// The same loop: empty, with an event, and with an event that others happen inside.
pub(crate) fn run(mode: &str) {
    assert!(!trace::on());
    match mode {
        "bare" => (0..ROUNDS).for_each(|round| {
            black_box(round);
        }),
        "event" => (0..ROUNDS).for_each(|round| {
            black_box(round);
            trace::event(Kind::TimerSet)
                .of(Object::NONE)
                .attr("delay", || round)
                .record();
        }),
        "span" => (0..ROUNDS).for_each(|round| {
            let _span = trace::event(Kind::TimerFire).of(Object::NONE).enter();
            black_box(round);
        }),
        other => panic!("{MODE}={other} is not bare, event or span"),
    }
}
// ANCHOR_END: loops

/// What callgrind counted for one round.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Costs {
    pub(crate) instructions: f64,
    pub(crate) branches: f64,
    pub(crate) mispredicted: f64,
}

impl Costs {
    fn print(self, name: &str) {
        let Costs {
            instructions,
            branches,
            mispredicted,
        } = self;
        println!("{name:<20}{instructions:>12.1}{branches:>11.1}{mispredicted:>15.3}");
    }
}

/// Runs this program under callgrind, once for each loop.
///
/// # Errors
/// What to do, when there is no valgrind.
pub(crate) fn measure() -> Result<[Costs; 3], String> {
    let count = |mode: &str| -> Result<[f64; 5], String> {
        let output = Command::new("valgrind")
            .args([
                "--tool=callgrind",
                "--branch-sim=yes",
                "--callgrind-out-file=/dev/null",
            ])
            .arg(env::current_exe().map_err(|error| error.to_string())?)
            .env(MODE, mode)
            .output()
            .map_err(|error| {
                format!("valgrind does not run here ({error}); install it to count")
            })?;
        let text = String::from_utf8_lossy(&output.stderr);
        // "==1== Collected : Ir Bc Bcm Bi Bim": instructions, conditional branches, those mispredicted, …
        let line = text
            .lines()
            .find_map(|line| line.split_once("Collected : "));
        let numbers = line.map(|(_, numbers)| numbers.split_whitespace());
        let numbers: Vec<f64> = numbers.into_iter().flatten().flat_map(str::parse).collect();
        numbers
            .try_into()
            .map_err(|_| format!("callgrind said something else:\n{text}"))
    };
    // What starting a program costs is in each count, and so in no difference of two.
    let nothing = count("bare")?;
    let start = nothing.map(|number| number % ROUNDS as f64);
    let mut all = Vec::new();
    for mode in ["bare", "event", "span"] {
        let counted = count(mode)?;
        let per_round = |at: usize| (counted[at] - start[at]) / ROUNDS as f64;
        all.push(Costs {
            instructions: per_round(0),
            branches: per_round(1),
            mispredicted: per_round(2).max(0.0),
        });
    }
    all.try_into()
        .map_err(|_| "three loops give three costs".to_owned())
}
