//! Every writer takes what any program records, and what it writes holds together.
#[path = "../../../listings/trace/tests/common/mod.rs"]
mod common;

use pictures::Look;
use trace::read::Trace;

#[test]
fn every_writer_takes_random_programs() {
    let mut drawings = 0;
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
        assert!(!pictures::steps(&trace, &look).is_empty());
        if let Ok(drawn) = pictures::chain(&trace, &look) {
            assert!(drawn.starts_with("<svg ") && drawn.ends_with("</svg>\n"));
            drawings += 1;
        }
    }
    assert!(drawings > 15, "too few of them had Deferreds: {drawings}");
}
