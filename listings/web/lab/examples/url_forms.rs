//! The headline on tokio, with reqwest: the third form.
use axum::{Router, response::Html, routing::get};
use std::error::Error;
use tokio::net::TcpListener;

// ANCHOR: awaited
async fn headline(url: &str) -> String {
    match page(url).await {
        Ok(page) => page.lines().next().unwrap_or_default().to_owned(),
        Err(error) => match error.status() {
            Some(status) => format!("no headline: the server answered {status}"),
            None => format!("no headline: {error}"),
        },
    }
}

async fn page(url: &str) -> Result<String, reqwest::Error> {
    reqwest::get(url).await?.error_for_status()?.text().await
}
// ANCHOR_END: awaited

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let news = || async { Html("Spring has come\nIt is late this year.\n") };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    let site = Router::new().route("/news", get(news));
    tokio::spawn(async move { axum::serve(listener, site).await });
    for path in ["/news", "/weather"] {
        println!("tokio: {}", headline(&format!("http://{at}{path}")).await);
    }
    Ok(())
}
// ANCHOR_END: main
