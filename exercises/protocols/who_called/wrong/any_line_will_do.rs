//! Who called `connection_lost`: the whole stack is searched, for one caller after the other.

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
    let calls: Vec<&str> = stack.lines().filter_map(function).collect();
    if !calls.iter().any(|call| call.contains("connection_lost")) {
        return None;
    }
    let has = |name| {
        let mut calls = calls.iter();
        calls.any(|call| is_the_librarys(call) && call.contains(name))
    };
    if has("drop_in_place<reactor::reactor::Reactor>") {
        Some(Caller::Drop)
    } else if has("end_turn") {
        Some(Caller::EndOfTurn)
    } else {
        has("tell_ready").then_some(Caller::Readiness)
    }
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
