//! The twin of `reactor/delayed_call`: move a `Sleep`, abort a task.
use std::time::Duration;
use tokio::{
    task::{self, yield_now},
    time::{Instant, sleep},
};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    let start = Instant::now();
    let now = move || format!("{:.1} s", start.elapsed().as_secs_f64());
    let tenths = |n: u64| Duration::from_millis(100 * n);

    let phone = task::spawn(async move {
        sleep(tenths(4)).await;
        println!("the phone rings");
    });
    let tea = sleep(tenths(3));
    tokio::pin!(tea);
    let later = tea.deadline() + tenths(5);
    tea.as_mut().reset(later);

    sleep(tenths(2)).await;
    let set_for = (tea.deadline() - start).as_secs_f64();
    println!("{}: tea is set for {set_for:.1} s", now());
    tea.as_mut().reset(Instant::now() + tenths(1));

    phone.abort();
    yield_now().await; // an abort takes effect when the task is next looked at
    println!("unplug the phone: finished: {}", phone.is_finished());

    tea.as_mut().await;
    println!("{}: tea", now());
    println!("tea is over: {}", tea.is_elapsed());
}
