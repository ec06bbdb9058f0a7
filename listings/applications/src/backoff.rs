//! How long to wait before the next attempt.
use std::time::Duration;

/// How long a client waits after a failure, the first and each one after it: longer each time, up
/// to a limit, and never quite the same, since a thousand clients that lost one server must not
/// come back in one moment.
///
/// ```
/// use applications::Backoff;
/// use std::time::Duration;
///
/// let backoff = Backoff { jitter: 0.0, ..Backoff::default() };
/// assert_eq!(backoff.delay(0, 0), Duration::from_secs(1));
/// assert_eq!(backoff.delay(3, 0), Duration::from_secs(8));
/// assert_eq!(backoff.delay(100, 0), Duration::from_secs(60));
/// ```
///
/// Source:
/// [`backoffPolicy`](https://docs.twisted.org/en/stable/api/twisted.application.internet.html#backoffPolicy).
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    /// After the first failure.
    pub first: Duration,
    /// Each delay is so many times the one before. Below 1 counts as 1.
    pub factor: f64,
    /// No delay is longer.
    pub most: Duration,
    /// So much of a delay is left to chance, from 0 (nothing) to 1 (all): it only makes it shorter.
    pub jitter: f64,
}

impl Default for Backoff {
    /// 1 s, twice as long each time, up to 60 s, and up to a fifth of it shorter.
    fn default() -> Backoff {
        Backoff {
            first: Duration::from_secs(1),
            factor: 2.0,
            most: Duration::from_secs(60),
            jitter: 0.2,
        }
    }
}

impl Backoff {
    // ANCHOR: delay
    /// Returns the delay after so many failures before this one. `random` is any number, and
    /// decides the jitter.
    ///
    /// It is never negative and never longer than `most`, whatever the fields are: numbers that are
    /// none count as no growth and no jitter.
    #[must_use]
    pub fn delay(&self, failures: u32, random: u64) -> Duration {
        let factor = if self.factor > 1.0 { self.factor } else { 1.0 };
        let power = factor.powi(failures.min(10_000) as i32); // it may be infinite
        let grown = self.first.as_secs_f64() * power;
        let whole = Duration::try_from_secs_f64(grown).unwrap_or(self.most);
        let whole = whole.min(self.most);
        // From 0 to 1, and 1 itself never: the upper 53 bits are what an f64 holds exactly.
        let chance = (random >> 11) as f64 / (1_u64 << 53) as f64;
        let jitter = if self.jitter > 0.0 {
            self.jitter.min(1.0)
        } else {
            0.0
        };
        let left = whole.as_secs_f64() * (1.0 - jitter * chance);
        Duration::try_from_secs_f64(left).map_or(whole, |left| left.min(whole))
    }
    // ANCHOR_END: delay
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_to_its_limit_and_chance_only_shortens() {
        let backoff = Backoff::default();
        for failures in (0..2_000).chain([u32::MAX]) {
            for random in [0, 1, u64::MAX / 2, u64::MAX] {
                let delay = backoff.delay(failures, random);
                assert!(delay <= backoff.most, "{failures} failures: {delay:?}");
                assert!(
                    delay >= Duration::from_millis(800),
                    "{failures} failures: {delay:?}"
                );
            }
        }
    }

    #[test]
    fn fields_that_make_no_sense_make_no_negative_delay() {
        for factor in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -2.0, 0.0] {
            for jitter in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -2.0, 7.0] {
                let (first, most) = (Duration::ZERO, Duration::MAX);
                let zero = Backoff {
                    first,
                    factor,
                    most,
                    jitter,
                };
                let small = Backoff {
                    first: Duration::from_nanos(1),
                    most: Duration::from_secs(60),
                    ..zero.clone()
                };
                for failures in [0, 1, 50, u32::MAX] {
                    for random in [0, u64::MAX] {
                        let _ = zero.delay(failures, random);
                        assert!(small.delay(failures, random) <= small.most);
                    }
                }
            }
        }
    }
}
