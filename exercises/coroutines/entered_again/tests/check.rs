//! Answers the questions of one login, and of two at the same time.
use entered_again::{Login, Step};

fn right(name: &str, password: &str) -> bool {
    password == format!("{name}'s secret")
}

/// One entry, in words.
fn enter(login: &mut Login, answer: &str) -> String {
    match login.enter(answer, right) {
        Step::Ask(question) => question,
        Step::Welcome(name) => format!("welcome, {name}"),
        Step::Refused => "refused".to_owned(),
    }
}

/// What comes of these answers, one entry each.
fn run(answers: &[&str]) -> Vec<String> {
    let mut login = Login::new();
    answers
        .iter()
        .map(|answer| enter(&mut login, answer))
        .collect()
}

#[test]
fn a_right_password() {
    assert_eq!(
        run(&["", "Ada", "Ada's secret"]),
        ["name?", "password of Ada?", "welcome, Ada"],
        "the first entry, a name, a right password"
    );
}

#[test]
fn a_second_try() {
    assert_eq!(
        run(&["", "Ada", "what?", "Ada's secret"]),
        [
            "name?",
            "password of Ada?",
            "password of Ada?",
            "welcome, Ada"
        ],
        "after a wrong password the name is known: only the password is asked again"
    );
}

#[test]
fn three_tries() {
    assert_eq!(
        run(&["", "Ada", "what?", "who?", "why?"]),
        [
            "name?",
            "password of Ada?",
            "password of Ada?",
            "password of Ada?",
            "refused"
        ],
        "there are three tries, and the third one was wrong"
    );
    assert_eq!(
        run(&["", "Ada", "what?", "who?", "Ada's secret"])[4],
        "welcome, Ada",
        "the third of three tries was right"
    );
}

#[test]
fn no_name() {
    assert_eq!(
        run(&["", "", "", "Ada", "Ada's secret"]),
        [
            "name?",
            "name?",
            "name?",
            "password of Ada?",
            "welcome, Ada"
        ],
        "an empty name is asked for again, as often as it takes"
    );
}

#[test]
fn two_at_the_same_time() {
    let (mut ada, mut grace) = (Login::new(), Login::default());
    let _ = (enter(&mut ada, ""), enter(&mut grace, ""));
    let _ = (enter(&mut ada, "Ada"), enter(&mut grace, "Grace"));
    let _ = (enter(&mut ada, "what?"), enter(&mut ada, "what?"));
    assert_eq!(
        [
            enter(&mut grace, "what?"),
            enter(&mut ada, "Ada's secret"),
            enter(&mut grace, "Grace's secret")
        ],
        ["password of Grace?", "welcome, Ada", "welcome, Grace"],
        "two log in at the same time: each has its own place, name and tries"
    );
}
