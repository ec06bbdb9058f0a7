//! A template with a list, with axum and MiniJinja.
use axum::{Router, http::StatusCode, response::Html, routing::get};
use minijinja::{Environment, context};
use poetry::Poem;
use std::{error::Error, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const POEMS: &str = r#"<!doctype html>
<meta charset="utf-8">
<title>Poems</title>
<h1>{{ poems | length }} poems</h1>
<ul>
{%- for poem in poems %}
  <li>{{ poem.title }}, by {{ poem.author }}
{%- else %}
  <li>None yet
{%- endfor %}
</ul>
"#;

// ANCHOR: page
fn page(templates: &Environment<'_>) -> Result<Html<String>, minijinja::Error> {
    let mut poems: Vec<_> = ["hope", "tyger"]
        .into_iter()
        .filter_map(Poem::named)
        .map(|poem| context! { title => poem.title, author => poem.author })
        .collect();
    let title = "<script>alert('read me')</script>";
    poems.push(context! { title, author => "a stranger" });
    Ok(Html(
        templates
            .get_template("poems.html.j2")?
            .render(context! { poems })?,
    ))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut templates = Environment::new();
    templates.add_template("poems.html.j2", POEMS)?;
    let templates = Arc::new(templates);
    // An error of the template becomes a status here; axum does not turn it into one.
    let list = move || {
        let page = page(&templates).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR);
        async { page }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/", get(list))).await });
    // ANCHOR_END: page
    let mut stream = TcpStream::connect(at).await?;
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: poems\r\nconnection: close\r\n\r\n")
        .await?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await?;
    for line in reply.lines().filter(|line| !line.starts_with("date: ")) {
        println!("{line}");
    }
    Ok(())
}
