//! Every writer takes what any program records, and what it writes holds together.
#[path = "../../../listings/trace/tests/common/mod.rs"]
mod common;

use pictures::Look;
use trace::read::Trace;

#[test]
fn every_writer_takes_random_programs() {
    let (mut drawings, mut turns) = (0, 0);
    for seed in 0..400 {
        let most = if seed % 3 == 0 { 20 } else { 10_000 };
        let trace = Trace::parse(&common::random::recorded(seed, most)).unwrap();
        let look = Look {
            most: 3,
            ..Look::default()
        };
        let drawn = pictures::sequence(&trace, &look);
        assert_eq!(
            drawn.matches(" rect ").count(),
            drawn.matches("\n    end\n").count(),
            "{drawn}"
        );
        for line in drawn.lines().skip(1) {
            assert!(
                !line.contains(['<', '"', '{', '}']) || line.contains("<br/>"),
                "{line}"
            );
        }
        let steps = pictures::steps(&trace, &look);
        let begins = pictures::begins(&trace, &look);
        assert!(!steps.is_empty() && steps.len() == begins.len());
        for (step, begins) in steps.iter().zip(begins) {
            let turn = step
                .strip_prefix("Turn ")
                .or_else(|| step.split_once("from turn ").map(|at| at.1));
            let Some(turn) = turn.and_then(|text| text.split([',', ' ']).next()) else {
                continue;
            };
            let event = trace.event(begins).expect("an event of the run");
            assert_eq!(turn.parse(), Ok(event.turn), "{step}");
            turns += 1;
        }
        if let Ok(drawn) = pictures::chain(&trace, &look) {
            assert!(drawn.starts_with("<svg ") && drawn.ends_with("</svg>\n"));
            drawings += 1;
        }
    }
    assert!(turns > 200, "too few steps had turns: {turns}");
    assert!(drawings > 15, "too few of them had Deferreds: {drawings}");
}
