//! Who called `connection_lost`: a loss that is told at once is forgotten.

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
        if !lost || !is_the_librarys(function) {
            continue;
        }
        if function.contains("drop_in_place<reactor::reactor::Reactor>") {
            return Some(Caller::Drop);
        }
        if function.contains("end_turn") {
            return Some(Caller::EndOfTurn);
        }
        if function.contains("tell_ready") {
            return Some(Caller::EndOfTurn);
        }
    }
    None
}

/// The function of a line such as `  12: reactor::reactor::Reactor::turn`. The other lines are files.
fn function(line: &str) -> Option<&str> {
    let (number, function) = line.trim().split_once(": ")?;
    number.parse::<u32>().is_ok().then_some(function)
}

/// Whether it is a function of the library, or a bare name.
fn is_the_librarys(function: &str) -> bool {
    let path = function.trim_start_matches('<');
    let path = path
        .strip_prefix("core::ptr::drop_in_place<")
        .unwrap_or(path);
    let path = path.trim_start_matches('<');
    !path.contains("::") || path.starts_with("transports::") || path.starts_with("reactor::")
}
