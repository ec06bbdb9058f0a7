//! A child that the system kills when its parent is gone, however that ended.
use std::process::Command;

/// Returns the same command, to be killed by the system when the thread that starts it has ended,
/// even by SIGKILL. Start it from the reactor's thread, which lives as long as the program.
///
/// On Linux with `setpriv` (of util-linux) it is run by that, as no other safe call asks for it; a
/// program that cannot be started then ends with 127 and says so. Elsewhere the command is returned
/// as it is: have the child read its standard input, which ends with the parent.
///
/// What it inherits and how its streams are set has to be said to the command that is returned, not
/// before.
///
/// ```
/// use std::process::Command;
/// let mut sort = Command::new("sort");
/// sort.arg("--reverse").env("LC_ALL", "C");
/// let sort = applications::dies_with_parent(&sort);
/// assert!(sort.get_args().any(|argument| argument == "--reverse"));
/// ```
///
/// Source:
/// [`PR_SET_PDEATHSIG`](https://man7.org/linux/man-pages/man2/PR_SET_PDEATHSIG.2const.html).
#[must_use = "the command that was passed is as it was"]
pub fn dies_with_parent(command: &Command) -> Command {
    let mut wrapped = match has_setpriv() {
        true => {
            let mut wrapped = Command::new("setpriv");
            wrapped.args(["--pdeathsig", "KILL", "--"]);
            wrapped.arg(command.get_program());
            wrapped
        }
        false => Command::new(command.get_program()),
    };
    wrapped.args(command.get_args());
    // A `Command` cannot be cloned, so each thing that it tells of itself is copied.
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        wrapped.current_dir(folder);
    }
    wrapped
}

fn has_setpriv() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    cfg!(target_os = "linux") && std::env::split_paths(&path).any(|at| at.join("setpriv").is_file())
}
