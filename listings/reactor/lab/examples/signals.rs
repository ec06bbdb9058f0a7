//! The twin of `reactor/signals`: Ctrl-C is one more thing to wait for.
use std::{
    process::{self, Command},
    time::Duration,
};
use tokio::{signal, task, time::sleep};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    task::spawn(async {
        sleep(Duration::from_millis(100)).await;
        press_ctrl_c();
    });
    signal::ctrl_c().await.expect("signals can be heard");
    println!("somebody asks us to stop; one moment");
    sleep(Duration::from_millis(100)).await;
    println!("saved");
    println!("stopped by SIGINT");
}

/// Sends SIGINT to this process, as the terminal does when you press Ctrl-C.
fn press_ctrl_c() {
    let me = process::id().to_string();
    Command::new("kill")
        .args(["-INT", &me])
        .status()
        .expect("there is a kill command");
}
