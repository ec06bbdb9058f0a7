//! A child that writes a megabyte of complaints before it reads a line.
use applications::run_process;
use deferreds::react;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    react(|reactor| {
        // ANCHOR: main
        let mut command = Command::new("sh");
        command.args(["-c", "head -c 1000000 /dev/zero >&2; sort; exit 3"]);
        run_process(reactor, command, "wind\nhope\n").add_callback(|finished| {
            println!("it wrote {:?}", String::from_utf8_lossy(&finished.stdout));
            println!("it complained {} bytes", finished.stderr.len());
            println!("it ended with {:?}", finished.status.code());
            Ok(())
        })
        // ANCHOR_END: main
    })
}
