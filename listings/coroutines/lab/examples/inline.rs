//! The twin of `coroutines/inline`: the compiler writes the places.
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// A librarian, who takes a fifth of a second for an answer.
async fn ask(start: Instant, about: &str) -> Result<String, String> {
    let now = start.elapsed().as_secs_f64();
    println!("{now:.1} s: asked about {about}");
    sleep(Duration::from_millis(200)).await;
    match about {
        "Hope" => Ok("Emily Dickinson".into()),
        "Emily Dickinson" => Ok("1830".into()),
        "The Tyger" => Ok("William Blake".into()),
        "William Blake" => Ok("1757".into()),
        _ => Err("that is not in the catalogue".into()),
    }
}

// ANCHOR: function
async fn catalogue(start: Instant, titles: &[&str]) -> Result<Vec<String>, String> {
    let mut lines = Vec::new();
    for title in titles {
        let author = ask(start, title).await?;
        let year = ask(start, &author).await?;
        lines.push(format!("{title}: {author}, born {year}"));
    }
    Ok(lines)
}
// ANCHOR_END: function

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), String> {
    let lines = catalogue(Instant::now(), &["Hope", "The Tyger"]).await?;
    lines.iter().for_each(|line| println!("{line}"));
    Ok(())
}
