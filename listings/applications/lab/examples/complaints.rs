//! The same child on tokio: `wait_with_output` reads both outputs at once, and the input is a task
//! beside it.
use std::{error::Error, process::Stdio};
use tokio::{io::AsyncWriteExt, process::Command};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // ANCHOR: main
    let mut command = Command::new("sh");
    command.args(["-c", "head -c 1000000 /dev/zero >&2; sort; exit 3"]);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.kill_on_drop(true); // else it lives on when this future is dropped
    let mut child = command.spawn()?;
    let mut stdin = child.stdin.take().expect("it is piped");
    let input = tokio::spawn(async move { stdin.write_all(b"wind\nhope\n").await });
    let finished = child.wait_with_output().await?;
    input.await??;
    println!("it wrote {:?}", String::from_utf8_lossy(&finished.stdout));
    println!("it complained {} bytes", finished.stderr.len());
    println!("it ended with {:?}", finished.status.code());
    // ANCHOR_END: main
    Ok(())
}
