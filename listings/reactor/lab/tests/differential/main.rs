//! Both worlds run the same random programs, and must answer the same and tell the same.
//!
//! Compared are the results of each call at once, and, when both worlds are quiet, what a careful
//! program would remember of each socket: that it can be read or written, is closed, or has an
//! error to tell. What `Sim` promises is what Linux does, so it is compared there and nowhere else.
//!
//! `UNTWISTED_PROGRAMS=100000` runs more programs than usual, `UNTWISTED_FROM=4711` begins with
//! another seed.
#![cfg(target_os = "linux")]
use program::{Call, Family, Step, program};
use reactor::{Knobs, Os, Readiness, Sim};
use side::{Answer, Side};
use std::{
    env,
    io::ErrorKind,
    net::{Ipv4Addr, TcpListener},
    path::PathBuf,
    time::Duration,
};

mod program;
mod side;

/// So many programs are compared in each run of the tests.
const PROGRAMS: u64 = 5_000;

/// What has to arrive arrives within so many waits of a millisecond, on a machine under load, too.
const PATIENCE: u32 = 5_000;

struct Pair {
    sim: Side,
    os: Side,
    log: Vec<String>,
    patience: u32,
}

/// Which socket a call is about; none when there is none.
fn target(side: &Side, call: Call) -> Option<usize> {
    let pick = |at: usize, fits: &dyn Fn(usize) -> bool| {
        let all: Vec<usize> = (0..side.mine.len()).filter(|which| fits(*which)).collect();
        (!all.is_empty()).then(|| all[at % all.len()])
    };
    let open = |listener: bool| {
        move |which: usize| {
            let mine = &side.mine[which];
            mine.id.is_some() && mine.listener == listener
        }
    };
    match call {
        Call::Listen(..) => Some(0),
        // A full backlog of TCP asks again after a second, which is nothing to wait for here.
        Call::Connect(at, _) => pick(at, &|which| {
            let mine = &side.mine[which];
            mine.listener && (mine.unix || mine.waiting.len() <= mine.backlog)
        }),
        Call::Accept(at) => pick(at, &open(true)),
        Call::Finish(at) | Call::Read(at, _) | Call::Drain(at) => pick(at, &open(false)),
        // An end behind bytes that do not fit arrives when the system pleases.
        Call::Shutdown(at) => pick(at, &|which| {
            let mine = &side.mine[which];
            mine.id.is_some() && !mine.listener && !mine.full
        }),
        Call::Close(at) => pick(at, &|which| {
            let mine = &side.mine[which];
            mine.id.is_some() && !mine.full
        }),
        // A side that goes on writing to a peer that is gone hears of it in the middle, or later.
        Call::Fill(at) | Call::Gather(at, _) => pick(at, &|which| {
            let mine = &side.mine[which];
            let gone = mine.peer.is_some_and(|peer| side.mine[peer].id.is_none());
            mine.id.is_some() && !mine.listener && !mine.full && !gone
        }),
        Call::Write(at, _) => pick(at, &|which| {
            let mine = &side.mine[which];
            mine.id.is_some() && !mine.listener && !mine.full
        }),
        Call::Reset(at) | Call::Addresses(at) | Call::Option(at, _) => {
            pick(at, &|which| side.mine[which].id.is_some())
        }
    }
}

impl Pair {
    fn new(number: u64, patience: u32) -> Pair {
        let folder = env::temp_dir().join(format!("untwisted-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        // An address that no other test of this machine uses: its closed ports stay closed.
        let host = Ipv4Addr::new(
            127,
            77,
            (std::process::id() >> 8) as u8,
            std::process::id() as u8,
        );
        let knobs = Knobs::default();
        let sim = Box::new(Sim::with(number, knobs));
        Pair {
            sim: Side::new(sim, PathBuf::from("/sim"), host, false, patience),
            os: Side::new(Box::new(Os::new().unwrap()), folder, host, true, patience),
            log: Vec::new(),
            patience,
        }
    }

    fn step(&mut self, step: Step) -> Result<(), String> {
        let Some(which) = target(&self.sim, step.call) else {
            return Ok(());
        };
        let expected = self.sim.call(step.call, which, None);
        let mut got = self.os.call(step.call, which, Some(&expected));
        // A system may need a moment, and says so.
        let would_block = Answer::Failed(ErrorKind::WouldBlock);
        let mut tries = 0;
        while got != expected && got == would_block && tries < self.patience {
            self.os.wait(Duration::from_millis(1));
            got = self.os.call(step.call, which, Some(&expected));
            tries += 1;
        }
        self.log
            .push(format!("{:?} of #{which}: {expected:?}", step.call));
        if got != expected {
            return Err(format!("Os answers {got:?}"));
        }
        let listens_on_path = matches!(step.call, Call::Listen(Family::Unix, _));
        let unix = self.sim.mine.get(which).is_some_and(|mine| mine.unix) || listens_on_path;
        if step.quiet || !unix {
            self.quiet()?;
        }
        Ok(())
    }

    /// Waits until nothing more happens, and compares what is remembered.
    fn quiet(&mut self) -> Result<(), String> {
        let end = self.sim.world.now() + Duration::from_millis(20);
        while self.sim.world.now() < end {
            self.sim.wait(end - self.sim.world.now());
        }
        let mut tries = 0;
        self.os.wait(Duration::ZERO);
        while let Some(difference) = self.difference() {
            if tries == self.patience {
                return Err(difference);
            }
            self.os.wait(Duration::from_millis(1));
            tries += 1;
        }
        Ok(())
    }

    fn difference(&self) -> Option<String> {
        for (which, (sim, os)) in self.sim.mine.iter().zip(&self.os.mine).enumerate() {
            if sim.id.is_none() {
                continue;
            }
            // How much fits is the system's own affair, and so is when the end of what does not fit
            // arrives.
            let behind = sim.peer.is_some_and(|peer| self.sim.mine[peer].full);
            let seen = |is: Readiness| Readiness {
                write: is.write || sim.full || behind,
                read_closed: is.read_closed || behind,
                write_closed: is.write_closed || behind,
                ..is
            };
            let (sim, os) = (seen(sim.is), seen(os.is));
            if sim != os {
                return Some(format!(
                    "#{which} is told of {sim} by Sim, and of {os} by Os"
                ));
            }
        }
        None
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        let open: Vec<_> = self.os.mine.iter().filter_map(|mine| mine.id).collect();
        for id in open {
            self.os.world.close(id, true);
        }
        let _ = std::fs::remove_dir_all(self.os.folder());
    }
}

fn run(number: u64, steps: &[Step], patience: u32) -> Result<(), String> {
    let mut pair = Pair::new(number, patience);
    for step in steps {
        if let Err(difference) = pair.step(*step) {
            return Err(format!("{}\n{difference}", pair.log.join("\n")));
        }
    }
    pair.quiet()
        .map_err(|difference| format!("{}\n{difference}", pair.log.join("\n")))
}

/// The shortest program that can be found which still shows a difference.
fn shortened(number: u64, mut steps: Vec<Step>) -> String {
    let mut told = String::new();
    let mut at = 0;
    while at < steps.len() {
        let mut fewer = steps.clone();
        fewer.remove(at);
        match run(number, &fewer, 100) {
            Err(difference) => (steps, told) = (fewer, difference),
            Ok(()) => at += 1,
        }
    }
    told
}

fn number(name: &str, usual: u64) -> u64 {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, and not {text:?}")),
        Err(_) => usual,
    }
}

#[test]
fn both_worlds_answer_and_tell_the_same() {
    assert!(
        TcpListener::bind("[::1]:0").is_ok(),
        "this test needs IPv6 on the loopback interface"
    );
    let from = number("UNTWISTED_FROM", 1);
    let programs = number("UNTWISTED_PROGRAMS", PROGRAMS);
    for seed in from..from + programs {
        let steps = program(seed);
        if let Err(difference) = run(seed, &steps, PATIENCE) {
            let short = shortened(seed, steps);
            panic!("seed {seed}:\n{difference}\n\nor shorter:\n{short}");
        }
    }
    println!("{programs} programs");
}
