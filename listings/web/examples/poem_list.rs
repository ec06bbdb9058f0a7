//! A template with a list. One title is a script, and the page shows it instead of running it.
use coroutines::run;
use poetry::Poem;
use reactor::Address;
use std::{future::pending, process::ExitCode};
use trace::say;
use web::{Page, Site, Templates, context, talk};

// ANCHOR: template
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
// ANCHOR_END: template

// ANCHOR: main
fn main() -> ExitCode {
    run(|reactor| async move {
        let mut templates = Templates::new();
        templates.put("poems.html.j2", POEMS)?;

        let list = Page::new(move |_| {
            let mut poems: Vec<_> = ["hope", "tyger"]
                .into_iter()
                .filter_map(Poem::named)
                .map(|poem| context! { title => poem.title, author => poem.author })
                .collect();
            let title = "<script>alert('read me')</script>";
            poems.push(context! { title, author => "a stranger" });
            templates.page("poems.html.j2", context! { poems })
        });
        // ANCHOR_END: main
        let port = std::env::args().nth(1);
        let number = port.as_deref().unwrap_or("0").parse()?;
        let site = Site::new(list).listen(&reactor, &Address::loopback(number))?;
        if port.is_some() {
            say!("serving at http://{}/", site.address());
            pending::<()>().await;
        }
        let request = "GET / HTTP/1.1\r\nhost: poems\r\nconnection: close\r\n\r\n";
        let reply = talk(&reactor, site.address(), request).await?;
        for line in reply.lines() {
            say!("{line}");
        }
        Ok(())
    })
}
