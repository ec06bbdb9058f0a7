//! The descendants of this process: adopted when their parents end, and stopped at the end.

/// From now on, a process whose parent ends becomes a child of this one (on Linux), so that forking
/// twice and `setsid` lead nowhere.
pub(super) fn adopt() {
    #[cfg(target_os = "linux")]
    {
        // It cannot fail for oneself, since Linux 3.4.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }
}

/// Returns how many descendants there are.
#[cfg(target_os = "linux")]
pub(super) fn number() -> usize {
    linux::descendants().len()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn number() -> usize {
    0
}

/// Stops all descendants, until there are none. Returns how many there were at first.
#[cfg(target_os = "linux")]
pub(super) fn end() -> usize {
    use rustix::process::{Signal, WaitOptions, kill_process, wait};
    use std::time::{Duration, Instant};
    // More than enough to outrun whatever starts others while we look.
    let deadline = Instant::now() + Duration::from_secs(30);
    let mut first = None;
    loop {
        // Those that have ended and whose parents have not asked about them are ours by now.
        while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
        let alive = linux::descendants();
        let number = alive.len();
        let first = *first.get_or_insert(number);
        if number == 0 || Instant::now() > deadline {
            return first.max(number);
        }
        // First all stand still: none starts another while we are on our way.
        for signal in [Signal::STOP, Signal::KILL] {
            for process in &alive {
                let _ = kill_process(*process, signal);
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn end() -> usize {
    0
}

#[cfg(target_os = "linux")]
mod linux {
    use rustix::process::{Pid, getpid};
    use std::{collections::BTreeMap, fs};

    /// Returns all descendants of this process that still run or wait to be asked about by another.
    pub(super) fn descendants() -> Vec<Pid> {
        let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Ok(process) = entry.file_name().to_string_lossy().parse::<i32>() else {
                continue;
            };
            let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
            if let Some(parent) = parent(&stat) {
                children.entry(parent).or_default().push(process);
            }
        }
        let mut found = Vec::new();
        let mut look = vec![getpid().as_raw_nonzero().get()];
        while let Some(one) = look.pop() {
            for child in children.remove(&one).unwrap_or_default() {
                found.extend(Pid::from_raw(child));
                look.push(child);
            }
        }
        found
    }

    /// Returns the fourth field of `/proc/PID/stat`; the second is a name in parentheses that may
    /// hold anything.
    pub(super) fn parent(stat: &str) -> Option<i32> {
        let (_, rest) = stat.rsplit_once(") ")?;
        rest.split(' ').nth(1)?.parse().ok()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_name_may_hold_anything() {
            assert_eq!(parent("12 (sh) S 7 12 12"), Some(7));
            assert_eq!(parent("12 (a) S 1 (x) R 7 12 12"), Some(7));
            assert_eq!(parent("12 (a b)"), None);
        }
    }
}
