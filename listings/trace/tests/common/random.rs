//! Programs that no one would write: any calls in any order, the same for each seed.
use std::panic::{AssertUnwindSafe, catch_unwind};
use trace::{Kind, Object, Prefix, Setup, Span, event};

/// A small generator (splitmix64): the same programs in every run of the test.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

/// Any calls in any order: spans closed out of order, leaked, unwound; objects of hosts; odd texts.
fn program(random: &mut Random, depth: u32, objects: &mut Vec<Object>, spans: &mut Vec<Span>) {
    for _ in 0..random.below(12) {
        let object = match objects.len() as u64 {
            0 => Object::NONE,
            count => objects[random.below(count) as usize],
        };
        match random.below(14) {
            0 => objects.push(trace::object(
                Prefix::ALL[random.below(Prefix::ALL.len() as u64) as usize],
            )),
            1 => objects.push(trace::host("server", || trace::object(Prefix::Connection))),
            2 => trace::out("end; #1 <b>\"quoted\" %% {x} \\ style:#a; \u{1}\n— wrap: é"),
            3 => drop(super::set(random.below(1 << 40))),
            4 => spans.push(super::fire(object)),
            5 => spans.push(event(Kind::CbStart).enter()),
            6 => spans.push(
                event(Kind::JobStart)
                    .of(object)
                    .cause(random.below(50))
                    .enter(),
            ),
            7 => drop(spans.pop()),
            8 if !spans.is_empty() => {
                let at = random.below(spans.len() as u64) as usize;
                drop(spans.swap_remove(at));
            }
            9 => trace::set_clock(random.below(1 << 40)),
            10 if random.below(8) == 0 => spans.drain(..).for_each(std::mem::forget),
            11 if depth < 4 => {
                let _turn = event(Kind::TurnStart).enter();
                program(random, depth + 1, objects, spans);
            }
            12 if depth < 4 => {
                let caught = catch_unwind(AssertUnwindSafe(|| {
                    let _call = event(Kind::CbStart).enter();
                    program(random, depth + 1, objects, spans);
                    std::panic::resume_unwind(Box::new(())); // a panic without a message on the terminal
                }));
                assert!(caught.is_err());
            }
            _ => {
                let kind = Kind::ALL[random.below(Kind::ALL.len() as u64) as usize];
                let once = kind == Kind::DfFire || kind.end().is_some();
                let ends = Kind::ALL.iter().any(|other| other.end() == Some(kind));
                // What a Deferred and a task record has rules of its own.
                let ruled = ["df.", "task."];
                let chain = ruled.iter().any(|family| kind.name().starts_with(family));
                if kind == Kind::DfNew {
                    let stage = |kind, outcome| super::Stage(kind, "f", outcome);
                    let stages = [
                        stage("callback", "err"),
                        stage("both", "ok"),
                        stage("errback", "ok"),
                    ];
                    super::deferred(&stages, "ok");
                } else if !(once || ends || chain) {
                    event(kind)
                        .of(object)
                        .because_of(object)
                        .attr("why", || "x\"y")
                        .record();
                }
            }
        }
    }
}

/// What the program of a seed records, with room for so many events.
pub fn recorded(seed: u64, most: usize) -> String {
    let recording = trace::start(Setup {
        most,
        ..Setup::default()
    });
    let (mut objects, mut spans) = (Vec::new(), Vec::new());
    program(&mut Random(seed), 0, &mut objects, &mut spans);
    recording.finish()
}
