//! Who called `connection_lost`: a name is believed, wherever it comes from.

/// Whose work it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A socket became ready.
    Readiness,
    /// A turn ended.
    EndOfTurn,
    /// The reactor was dropped.
    Drop,
}

/// Finds the caller in a stack, the innermost call first.
pub fn who_called(stack: &str) -> Option<Caller> {
    let mut lost = false;
    for function in stack.lines().filter_map(function) {
        lost |= function.contains("connection_lost");
        if !lost {
            continue;
        }
        if function.contains("drop_in_place<reactor::reactor::Reactor>") {
            return Some(Caller::Drop);
        }
        if function.contains("end_turn") {
            return Some(Caller::EndOfTurn);
        }
        if function.contains("tell_ready") {
            return Some(Caller::Readiness);
        }
    }
    None
}

/// The function of a line such as `  12: reactor::reactor::Reactor::turn`. The other lines are files.
fn function(line: &str) -> Option<&str> {
    let (number, function) = line.trim().split_once(": ")?;
    number.parse::<u32>().is_ok().then_some(function)
}
