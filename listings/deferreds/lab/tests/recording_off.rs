//! While nothing is recorded, a Deferred and a stage pay one branch for each event: counted by
//! callgrind.
#[expect(dead_code, reason = "its `main` is the listing's")]
#[path = "../examples/recording_off.rs"]
mod listing;

fn main() {
    if let Ok(mode) = std::env::var("RECORDING_OFF_MODE") {
        return listing::run(&mode);
    }
    let [bare, made, staged, deferred, stage] = match listing::measure() {
        Ok(costs) => costs,
        Err(why) => {
            println!("\n!!! NOT TESTED: what a Deferred costs while recording is off: {why}\n");
            return;
        }
    };
    println!("bare {bare:?}\nmade {made:?}\nstaged {staged:?}");
    println!("deferred {deferred:?}\nstage {stage:?}");
    if cfg!(debug_assertions) {
        // Every question is a call here, so they can be counted. A stage asks when it is added and
        // when it runs; a Deferred when it is made, when it is fired and when it is dropped.
        assert!((1.9..2.1).contains(&stage.asked), "{stage:?}");
        assert!((2.9..3.1).contains(&deferred.asked), "{deferred:?}");
    } else {
        // Compiled into the code around it, a question is a load, a comparison and a branch.
        for (cost, events) in [(made, 3.0), (staged, 2.0)] {
            assert!(cost.branches - bare.branches <= events + 0.1, "{cost:?}");
            assert!(
                cost.instructions - bare.instructions <= 6.0 * events,
                "{cost:?}"
            );
            // Nothing about it depends on data, so the processor learns it once.
            assert!(cost.mispredicted - bare.mispredicted < 0.01, "{cost:?}");
        }
    }
    println!("test recording_off ... ok");
}
