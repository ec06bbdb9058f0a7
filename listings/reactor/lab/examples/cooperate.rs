//! The twin of `reactor/cooperate`: a job that yields after each step.
use tokio::task;

async fn job(name: &str, steps: u32) {
    for step in 1..=steps {
        println!("{name}: step {step}");
        task::yield_now().await;
    }
    println!("{name}: Finished");
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    tokio::join!(biased; job("left", 3), job("right", 2));
    println!("both are done");
}
