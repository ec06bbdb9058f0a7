//! Signals as a socket: a handler writes into a pipe, and the poll watches the pipe.
use crate::Signal;
use mio::event::Source;
use signal_hook::flag;
use signal_hook_mio::v1_0 as hook;
use std::{
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// A socket that is told of signals, instead of what the system would do by default.
pub(super) struct Signals {
    hook: hook::Signals,
    which: Vec<Signal>,
}

/// Who is told of which signal, in this process. A handler cannot be taken away again, so a signal
/// that no socket is told of any more must do by hand what it does by default: Ctrl-C ends the
/// program.
struct Told {
    signal: Signal,
    listeners: usize,
    nobody: Arc<AtomicBool>,
}

static TOLD: Mutex<Vec<Told>> = Mutex::new(Vec::new());

impl Signals {
    pub(super) fn new(which: &[Signal]) -> io::Result<Signals> {
        let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
        for signal in which {
            if !told.iter().any(|told| told.signal == *signal) {
                // No socket is told yet; and if what follows fails, none will be.
                let nobody = Arc::new(AtomicBool::new(true));
                flag::register_conditional_default(signal.number(), Arc::clone(&nobody))?;
                told.push(Told {
                    signal: *signal,
                    listeners: 0,
                    nobody,
                });
            }
        }
        let hook = hook::Signals::new(which.iter().map(|signal| signal.number()))?;
        // Only now that the hook is there: until then, the default action is the right one.
        for told in told.iter_mut().filter(|told| which.contains(&told.signal)) {
            told.listeners += 1;
            told.nobody.store(false, Ordering::SeqCst);
        }
        Ok(Signals {
            hook,
            which: which.to_owned(),
        })
    }

    /// Returns the next signal that came; several of one kind may be told as one.
    pub(super) fn next(&mut self) -> Option<Signal> {
        let number = self.hook.pending().next()?;
        self.which
            .iter()
            .copied()
            .find(|signal| signal.number() == number)
    }

    pub(super) fn source(&mut self) -> &mut dyn Source {
        &mut self.hook
    }
}

/// Returns whether this process ignores the signal now. Only Linux tells that to safe code
/// (`SigIgn` in
/// [proc_pid_status(5)](https://man7.org/linux/man-pages/man5/proc_pid_status.5.html)); elsewhere
/// nothing counts as ignored.
pub(super) fn is_ignored(signal: Signal) -> bool {
    if !cfg!(target_os = "linux") {
        return false;
    }
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    ignored_in(&status, signal)
}

fn ignored_in(status: &str, signal: Signal) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal.number() - 1) & 1 == 1)
}

impl Drop for Signals {
    fn drop(&mut self) {
        let mut told = TOLD.lock().unwrap_or_else(PoisonError::into_inner);
        for told in told
            .iter_mut()
            .filter(|told| self.which.contains(&told.signal))
        {
            told.listeners -= 1;
            told.nobody.store(told.listeners == 0, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mask_of_ignored_signals_is_read_bit_by_bit() {
        let status = "Name:\tx\nSigIgn:\t0000000000004002\nSigCgt:\t0000000000000001\n";
        let ignored = [Signal::Interrupt, Signal::Terminate, Signal::HangUp];
        assert_eq!(
            ignored.map(|signal| ignored_in(status, signal)),
            [true, true, false]
        );
        assert!(!ignored_in("", Signal::Interrupt));
    }
}
