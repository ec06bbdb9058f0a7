//! What an event costs while nothing is recorded, for callgrind: the same loop without and with an event in it.
//!
//! `valgrind --tool=callgrind target/release/examples/cost bare 1000000`, the same with `event`, and the difference
//! divided by the number of rounds is what one event costs.
use std::hint::black_box;
use trace::{Kind, Object};

#[inline(never)]
fn bare(rounds: u64) -> u64 {
    let mut sum = 0_u64;
    for round in 0..rounds {
        sum = sum.wrapping_add(black_box(round));
    }
    sum
}

#[inline(never)]
fn event(rounds: u64) -> u64 {
    let mut sum = 0_u64;
    for round in 0..rounds {
        sum = sum.wrapping_add(black_box(round));
        let timer = Object::NONE;
        trace::event(Kind::TimerSet)
            .of(timer)
            .here()
            .attr("delay", || round)
            .record();
    }
    sum
}

#[inline(never)]
fn span(rounds: u64) -> u64 {
    let mut sum = 0_u64;
    for round in 0..rounds {
        let _call = trace::event(Kind::TimerFire)
            .of(Object::NONE)
            .because_of(Object::NONE)
            .enter();
        sum = sum.wrapping_add(black_box(round));
    }
    sum
}

#[inline(never)]
fn flag(rounds: u64) -> u64 {
    let mut sum = 0_u64;
    for round in 0..rounds {
        sum = sum.wrapping_add(black_box(round));
        if trace::on() {
            trace::event(Kind::TimerSet)
                .of(Object::NONE)
                .here()
                .attr("delay", || round)
                .record();
        }
    }
    sum
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let rounds = words
        .get(1)
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(1_000_000);
    let sum = match words.first().map(String::as_str) {
        Some("bare") => bare(rounds),
        Some("event") => event(rounds),
        Some("span") => span(rounds),
        Some("flag") => flag(rounds),
        _ => {
            eprintln!("usage: cost bare|event|span|flag [ROUNDS]");
            std::process::exit(2);
        }
    };
    println!("{sum}");
}
