//! The runner as its users see it: processes, signals, exit codes, files. The test starts itself as
//! the program.
mod answering;
mod background;
mod ends;
mod handed;
mod help;
mod told;

use std::{env, process::ExitCode, time::Duration};

/// A process that is started with it is the program and not the test.
pub(crate) const PROGRAM: &str = "UNTWISTED_TEST_PROGRAM";

/// What a hang costs.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    if env::var_os(PROGRAM).is_some() {
        return answering::answering();
    }
    let tests: &[(&str, fn())] = &[
        (
            "in_the_foreground_until_a_signal",
            ends::in_the_foreground_until_a_signal,
        ),
        (
            "a_taken_port_is_an_exit_code",
            background::a_taken_port_is_an_exit_code,
        ),
        (
            "in_the_background_when_it_really_serves",
            background::in_the_background_when_it_really_serves,
        ),
        (
            "wrong_settings_are_told_before_anything_is_done",
            told::wrong_settings_are_told_before_anything_is_done,
        ),
        ("a_file_of_settings", told::a_file_of_settings),
        (
            "one_at_a_time_by_a_lock",
            background::one_at_a_time_by_a_lock,
        ),
        (
            "a_stale_number_is_in_nobodys_way",
            background::a_stale_number_is_in_nobodys_way,
        ),
        (
            "a_hangup_opens_the_log_anew",
            told::a_hangup_opens_the_log_anew,
        ),
        (
            "a_stop_that_hangs_has_a_limit",
            ends::a_stop_that_hangs_has_a_limit,
        ),
        (
            "a_second_signal_waits_for_nobody",
            ends::a_second_signal_waits_for_nobody,
        ),
        (
            "a_connection_may_end_before_the_program_does",
            ends::a_connection_may_end_before_the_program_does,
        ),
        (
            "a_log_in_json_names_the_connection",
            told::a_log_in_json_names_the_connection,
        ),
        (
            "another_user_once_the_port_is_open",
            ends::another_user_once_the_port_is_open,
        ),
        (
            "standard_input_is_an_endpoint",
            handed::standard_input_is_an_endpoint,
        ),
        (
            "a_socket_that_systemd_opened",
            handed::a_socket_that_systemd_opened,
        ),
    ];
    // As libtest does: names to choose by.
    let wanted: Vec<String> = env::args()
        .skip(1)
        .filter(|name| !name.starts_with('-'))
        .collect();
    for (name, test) in tests {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            test();
            println!("test {name} ... ok");
        }
    }
    ExitCode::SUCCESS
}
