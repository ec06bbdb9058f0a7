//! Random numbers from a seed: SplitMix64.

/// Returns the next number, and the state after it.
///
/// The algorithm is [SplitMix64](https://doi.org/10.1145/2714064.2660195): every seed is as good as
/// another, and the state is one number. It keeps no secrets.
pub(crate) fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Returns a number from 0 to `most`.
pub(crate) fn up_to(state: &mut u64, most: u64) -> u64 {
    match most {
        u64::MAX => next(state),
        most => next(state) % (most + 1),
    }
}

/// True once in so many: `probability` from 0 (never) to 1 (always).
pub(crate) fn happens(state: &mut u64, probability: f64) -> bool {
    // The upper 53 bits, which an f64 holds exactly.
    ((next(state) >> 11) as f64) < probability * (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_numbers_are_those_of_the_reference_implementation() {
        // From https://prng.di.unimi.it/splitmix64.c with the seed 1234567.
        let mut state = 1_234_567;
        assert_eq!(next(&mut state), 6_457_827_717_110_365_317);
        assert_eq!(next(&mut state), 3_203_168_211_198_807_973);
    }

    #[test]
    fn never_and_always_are_certain() {
        let mut state = 1;
        assert!((0..1000).all(|_| !happens(&mut state, 0.0)));
        assert!((0..1000).all(|_| happens(&mut state, 1.0)));
        assert!((0..1000).all(|_| up_to(&mut state, 3) <= 3));
    }
}
