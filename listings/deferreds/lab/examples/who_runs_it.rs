//! The twin of `deferreds/who_runs_it`: `send` only wakes the task, and the executor runs it later.
use tokio::{
    sync::oneshot,
    task::{LocalSet, spawn_local},
};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let everything = async {
        // ANCHOR: fire
        let (sender, poem) = oneshot::channel();
        let shown = spawn_local(async move {
            let text: &str = poem.await.expect("it was sent");
            println!("the task: {text}");
            text.len()
        });
        println!("before it is sent");
        sender.send("Tyger Tyger").expect("somebody waits");
        println!("after it was sent");
        shown.await.expect("the task ends");
        // ANCHOR_END: fire
    };
    LocalSet::new().run_until(everything).await;
}
