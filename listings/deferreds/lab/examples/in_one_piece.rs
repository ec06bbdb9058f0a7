//! Reading eight bytes that were just written in one piece, beside eight that were written in two.
use std::{hint::black_box, time::Instant};

const TIMES: u32 = 10_000_000;
const ROUNDS: usize = 10;

// ANCHOR: pieces
/// Writes four bytes, then all eight, and reads all eight.
fn one_piece(number: u64) -> u64 {
    let mut bytes = [0; 8];
    black_box(&mut bytes)[..4].copy_from_slice(&(number as u32).to_le_bytes());
    *black_box(&mut bytes) = number.to_le_bytes();
    u64::from_le_bytes(*black_box(&bytes))
}

/// Writes all eight bytes, then four of them once more, and reads all eight.
fn two_pieces(number: u64) -> u64 {
    let mut bytes = [0; 8];
    *black_box(&mut bytes) = number.to_le_bytes();
    black_box(&mut bytes)[..4].copy_from_slice(&(number as u32).to_le_bytes());
    u64::from_le_bytes(*black_box(&bytes))
}
// ANCHOR_END: pieces

fn main() {
    println!("written twice, then read");
    row("the last write is what is read", one_piece);
    row("the last write is half of it", two_pieces);
}

fn row(name: &str, write_and_read: fn(u64) -> u64) {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut number = 1;
        for _ in 0..TIMES {
            number = write_and_read(number) + 1;
        }
        assert_eq!(number, u64::from(TIMES) + 1);
        best = best.min(start.elapsed().as_nanos() as f64 / f64::from(TIMES));
    }
    println!("  {name:<32} {best:>5.1} ns");
}
