//! What the writers make of runs made by hand, compared with files. `UPDATE=1 cargo test -p
//! pictures` writes them again; look at the difference before you commit it.
#[path = "../../../listings/trace/tests/common/mod.rs"]
mod common;

use pictures::Look;
use std::path::Path;
use trace::read::Trace;

fn compare(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        text, expected,
        "{name} differs; run again with UPDATE=1 and look at the difference"
    );
}

fn look(title: &str, hosts: &[&str]) -> Look {
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    Look {
        title: title.to_owned(),
        hosts,
        ..Look::default()
    }
}

fn parsed(text: &str) -> Trace {
    let trace = Trace::parse(text).unwrap();
    assert_eq!(trace.lint(), [], "{text}");
    trace
}

fn steps(trace: &Trace, look: &Look) -> String {
    pictures::steps(trace, look).join("\n") + "\n"
}

#[test]
fn timers() {
    let trace = parsed(&common::timers());
    let look = look("Three timers, one of them cancelled", &[]);
    compare("timers.mmd", &pictures::sequence(&trace, &look));
    compare("timers.txt", &steps(&trace, &look));
}

#[test]
fn fetch() {
    let trace = parsed(&common::fetch(2));
    let look = look(
        "A client fetches a poem, and the server resets",
        &["client", "server"],
    );
    compare("fetch.mmd", &pictures::sequence(&trace, &look));
    compare("fetch.txt", &steps(&trace, &look));
}

#[test]
fn a_long_run_says_what_is_left_out() {
    let trace = parsed(&common::fetch(40));
    let look = look("A long poem", &["client", "server"]);
    let (drawn, told) = (pictures::sequence(&trace, &look), steps(&trace, &look));
    assert!(drawn.contains("Left out: 74 more turns"), "{drawn}");
    assert!(
        told.contains("Left out here: 74 more turns like these"),
        "{told}"
    );
    compare("long.mmd", &drawn);
    compare("long.txt", &told);
}

#[test]
fn some_turns_only() {
    let trace = parsed(&common::fetch(40));
    let look = Look {
        turns: Some([5, 6]),
        ..look("Two turns", &["client", "server"])
    };
    let drawn = pictures::sequence(&trace, &look);
    assert_eq!(drawn.matches("rect ").count(), 2, "{drawn}");
    assert!(drawn.contains("Turn 5") && drawn.contains("Turn 6") && !drawn.contains("Turn 7"));
    assert_eq!(pictures::steps(&trace, &look).len(), 2);
}

#[test]
fn rails() {
    let trace = parsed(&common::rails());
    let look = look("A refused connection on two rails", &[]);
    compare("rails.svg", &pictures::chain(&trace, &look).unwrap());
    compare("rails.txt", &steps(&trace, &look));
}

#[test]
fn chained() {
    let trace = parsed(&common::chained());
    let look = look("A stage that waits for another Deferred", &[]);
    compare("chained.svg", &pictures::chain(&trace, &look).unwrap());
    compare("chained.txt", &steps(&trace, &look));
}

#[test]
fn tasks() {
    let trace = parsed(&common::tasks());
    let look = look("Two tasks", &[]);
    compare("tasks.svg", &pictures::tasks(&trace, &look).unwrap());
    compare("tasks.mmd", &pictures::sequence(&trace, &look));
    compare("tasks.txt", &steps(&trace, &look));
}

#[test]
fn what_cannot_be_drawn_says_what_to_do() {
    let none = parsed(&common::timers());
    let error = pictures::tasks(&none, &look("", &[])).unwrap_err();
    assert!(error.contains("the run polls no task"), "{error}");
    let error = pictures::chain(&none, &look("", &[])).unwrap_err();
    assert!(error.contains("the run has no Deferred"), "{error}");
    let two = parsed(&common::chained());
    let with = |chains: &[&str]| Look {
        chains: chains.iter().map(|name| (*name).to_owned()).collect(),
        ..look("", &[])
    };
    let error = pictures::chain(&two, &with(&["d1", "d1"])).unwrap_err();
    assert_eq!(error, "`chains` names d1 twice");
    // One that waits for a Deferred outside of the figure still says for whom.
    let drawn = pictures::chain(&two, &with(&["d1"])).unwrap();
    assert!(
        drawn.contains(">waits for d2<") && !drawn.contains(">d2<"),
        "{drawn}"
    );
}
