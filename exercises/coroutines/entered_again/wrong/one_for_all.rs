//! Wrong: counts the tries of all together.

/// What an entry ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The function wants an answer to this question.
    Ask(String),
    /// It has ended: this user may come in.
    Welcome(String),
    /// It has ended: this user may not come in.
    Refused,
}

/// Where the function was left, with the variables that it needs from there on.
#[derive(Debug)]
enum Place {
    Start,
    Name,
    Password { name: String, left: u32 },
}

/// The function between two entries.
#[derive(Debug)]
pub struct Login {
    place: Place,
}

thread_local! {
    static TRIES: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

impl Login {
    /// The function before its first line.
    pub fn new() -> Login {
        Login {
            place: Place::Start,
        }
    }

    /// Enters the function with the answer to its last question; the first time, there was none, and `answer` is empty.
    pub fn enter(&mut self, answer: &str, right: impl Fn(&str, &str) -> bool) -> Step {
        match &mut self.place {
            Place::Start => {
                self.place = Place::Name;
                Step::Ask("name?".to_owned())
            }
            Place::Name if answer.is_empty() => Step::Ask("name?".to_owned()),
            Place::Name => {
                let name = answer.to_owned();
                let question = format!("password of {name}?");
                self.place = Place::Password { name, left: 3 };
                Step::Ask(question)
            }
            Place::Password { name, .. } if right(name, answer) => Step::Welcome(name.clone()),
            Place::Password { name, left } => {
                let tries = TRIES.with(|tries| {
                    tries.set(tries.get() + 1);
                    tries.get()
                });
                if tries % *left == 0 {
                    return Step::Refused;
                }
                Step::Ask(format!("password of {name}?"))
            }
        }
    }
}

impl Default for Login {
    fn default() -> Login {
        Login::new()
    }
}
