//! While nothing is recorded, an event is one branch, and a predictable one: counted by callgrind.
#[expect(dead_code, reason = "its `main` is the listing's")]
#[path = "../examples/recording_off.rs"]
mod listing;

fn main() {
    if let Ok(mode) = std::env::var("RECORDING_OFF_MODE") {
        return listing::run(&mode);
    }
    let [bare, event, span] = match listing::measure() {
        Ok(costs) => costs,
        Err(why) => {
            println!("\n!!! NOT TESTED: what an event costs while recording is off: {why}\n");
            return;
        }
    };
    println!("bare {bare:?}\nevent {event:?}\nspan {span:?}");
    for cost in [event, span] {
        // Nothing about it depends on data, so the processor learns it once.
        assert!(cost.mispredicted - bare.mispredicted < 0.01, "{cost:?}");
        // Without optimisation each of the five calls is a call; with it, all of them are one
        // comparison.
        let (instructions, branches) = if cfg!(debug_assertions) {
            (250.0, 12.0)
        } else {
            (6.0, 1.1)
        };
        assert!(
            cost.instructions - bare.instructions <= instructions,
            "{cost:?}"
        );
        assert!(cost.branches - bare.branches <= branches, "{cost:?}");
    }
    println!("test recording_off ... ok");
}
