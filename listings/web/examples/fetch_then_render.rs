//! Fetch first, then render: three slow servers are asked at once, and the template sees what all
//! of them said.
use coroutines::run;
use deferreds::{Deferred, DeferredList, Failure};
use reactor::{Address, Handle};
use recital::{get_poem, recite};
use std::{future::pending, process::ExitCode, rc::Rc};
use trace::say;
use web::{Page, Request, Response, Site, Templates, context, talk};

// ANCHOR: template
const READING: &str = r#"<!doctype html>
<meta charset="utf-8">
<title>{{ title }}</title>
<h1>{{ title }}</h1>
<ul>
{%- for poem in poems %}
  <li>{% if poem.first %}{{ poem.first }} <small>({{ poem.lines }} lines)</small>{% else %}{{ poem.problem }}{% endif %}
{%- endfor %}
</ul>
"#;
// ANCHOR_END: template

// ANCHOR: reading
/// A page of the poems that these servers recite. One that fails costs its own line.
fn reading(
    reactor: Handle,
    servers: Vec<Address>,
    templates: Rc<Templates>,
) -> impl Fn(&Request) -> Deferred<Response> {
    move |_| {
        let fetching = servers.iter().map(|server| get_poem(&reactor, server));
        let templates = Rc::clone(&templates);
        DeferredList::new(fetching)
            .consume_errors()
            .all()
            .add_callback(move |fetched| {
                let poems: Vec<_> = fetched.iter().map(values).collect();
                templates.page("reading.html.j2", context! { title => "Tonight", poems })
            })
    }
}

fn values(poem: &Result<String, Failure>) -> web::Value {
    match poem {
        Ok(text) => {
            context! { first => text.lines().next(), lines => text.lines().count(), problem => () }
        }
        Err(_) => context! { first => (), lines => 0, problem => "one reader has not come" },
    }
}
// ANCHOR_END: reading

fn main() -> ExitCode {
    run(|reactor| async move {
        let mut servers = recite(&reactor, &["hope", "tyger", "ozymandias"])?;
        servers.insert(1, Address::loopback(1)); // nothing listens there
        let mut templates = Templates::new();
        templates.put("reading.html.j2", READING)?;
        let page = Page::new(reading(reactor.clone(), servers, Rc::new(templates)));
        let port = std::env::args().nth(1);
        let number = port.as_deref().unwrap_or("0").parse()?;
        let site = Site::new(page).listen(&reactor, &Address::loopback(number))?;
        if port.is_some() {
            say!("serving at http://{}/", site.address());
            pending::<()>().await;
        }
        let request = "GET / HTTP/1.1\r\nhost: poems\r\nconnection: close\r\n\r\n";
        let reply = talk(&reactor, site.address(), request).await?;
        for line in reply.lines().skip_while(|line| !line.is_empty()).skip(1) {
            say!("{line}");
        }
        Ok(())
    })
}
