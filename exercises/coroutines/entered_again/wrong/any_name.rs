//! Wrong: takes an empty name.

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
            Place::Name => {
                let name = answer.to_owned();
                let question = format!("password of {name}?");
                self.place = Place::Password { name, left: 3 };
                Step::Ask(question)
            }
            Place::Password { name, .. } if right(name, answer) => Step::Welcome(name.clone()),
            Place::Password { left: 1, .. } => Step::Refused,
            Place::Password { name, left } => {
                *left -= 1;
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
