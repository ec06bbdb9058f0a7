//! Random programs: which calls, on which of the sockets that the program has made so far.

/// Where a listener listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// On an address of 127.0.0.0/8.
    Four,
    /// On `[::1]`.
    Six,
    /// On `[::]`, where clients of both families come.
    Both,
    /// On a path.
    Unix,
}

/// One call. A number names a socket by the order in which it was made, counted modulo what there
/// is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Listen(Family, u32),
    /// To the address of a listener, open or closed; of one on `[::]` by IPv4 if that is true.
    Connect(usize, bool),
    Accept(usize),
    Finish(usize),
    Read(usize, usize),
    Write(usize, usize),
    /// So many slices of a byte.
    Gather(usize, usize),
    /// Writes until nothing fits.
    Fill(usize),
    /// Reads until nothing is left.
    Drain(usize),
    Shutdown(usize),
    Close(usize),
    Reset(usize),
    Addresses(usize),
    Option(usize, usize),
}

/// A call, and whether both worlds are given time to become quiet afterwards. After a call on TCP
/// they always are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) call: Call,
    pub(crate) quiet: bool,
}

/// SplitMix64, as in `reactor::random`, which is private.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        (self.next() % most as u64) as usize
    }
}

/// The program of that seed.
pub(crate) fn program(seed: u64) -> Vec<Step> {
    let mut random = Random(seed);
    // Most programs keep to one family: so few sockets meet each other often.
    let family = |random: &mut Random| match random.below(10) {
        0..4 => Family::Unix,
        4..8 => Family::Four,
        8 => Family::Six,
        _ => Family::Both,
    };
    let usual = family(&mut random);
    let length = 4 + random.below(40);
    let mut steps = vec![Step {
        call: Call::Listen(usual, random.below(4) as u32),
        quiet: true,
    }];
    for _ in 0..length {
        let at = random.below(1000);
        let call = match random.below(100) {
            0..3 => {
                let family = match random.below(3) {
                    0 => family(&mut random),
                    _ => usual,
                };
                Call::Listen(family, random.below(4) as u32)
            }
            3..18 => Call::Connect(at, random.below(2) == 0),
            18..34 => Call::Accept(at),
            34..40 => Call::Finish(at),
            40..56 => Call::Read(at, 1 + random.below(12)),
            56..70 => Call::Write(at, random.below(16)),
            70..71 => Call::Gather(at, 1_020 + random.below(10)),
            71..73 => Call::Fill(at),
            73..79 => Call::Drain(at),
            79..86 => Call::Shutdown(at),
            86..92 => Call::Close(at),
            92..95 => Call::Reset(at),
            95..98 => Call::Addresses(at),
            _ => Call::Option(at, random.below(4)),
        };
        let quiet = random.below(2) == 0;
        steps.push(Step { call, quiet });
    }
    steps
}
