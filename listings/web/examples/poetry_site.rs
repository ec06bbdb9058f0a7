//! The poetry site: a list, pages, a form, a poem that is read slowly, and the same for programs.
//!
//! `cargo run -p web --example poetry_site tcp:4080` serves until you stop it; any endpoint will
//! do, such as `ssl:4443:privateKey=key.pem:certKey=certificate.pem`, and several will, too.
//! Without one it asks itself. `POETRY_TEMPLATES=FOLDER` reads the templates from there, again for
//! each page.
use applications::{Endpoint, Services};
use coroutines::run;
use deferreds::Failure;
use reactor::{Address, Handle};
use std::{env, path::Path, process::ExitCode, rc::Rc, time::Duration};
use trace::say;
use web::{
    Branch, Client, Site, WebService,
    poems::{self, MemoryShelf},
};

// ANCHOR: main
fn root(reactor: &Handle) -> Result<Branch, Failure> {
    let folder = env::var_os("POETRY_TEMPLATES");
    let templates = poems::templates(folder.as_deref().map(Path::new))?;
    Ok(poems::site(
        reactor,
        Rc::new(MemoryShelf::of_the_book()),
        templates,
    ))
}

/// Serves until the program is stopped, and says where.
pub(crate) fn serve(endpoints: Vec<String>) -> ExitCode {
    applications::run(move |reactor, services: &Services| {
        for text in &endpoints {
            let endpoint: Endpoint = text.parse()?;
            let site = Site::new(root(reactor)?).with_access_log(|line| println!("{line}"));
            let service = WebService::new(reactor, text, endpoint, site);
            services.add(service.clone());
            reactor.call_soon(move |_| {
                // By now it has started; otherwise the program ends, and says why.
                if let Some(address) = service.address() {
                    println!("serving at {address}");
                }
            });
        }
        Ok(())
    })
}

fn main() -> ExitCode {
    let endpoints: Vec<String> = env::args().skip(1).collect();
    match endpoints.as_slice() {
        [] => run(ask),
        _ => serve(endpoints),
    }
}
// ANCHOR_END: main

/// What a visitor sees.
async fn ask(reactor: Handle) -> Result<(), Failure> {
    let served = Site::new(root(&reactor)?).listen(&reactor, &Address::loopback(0))?;
    let client = Client::new(&reactor);
    for path in ["/", "/poems/script", "/poems/nothing", "/api/poems/script"] {
        let page = client
            .get(&format!("http://{}{path}", served.address()))
            .await?;
        let text = String::from_utf8_lossy(page.body()).into_owned();
        say!("{path}: {}", page.status());
        // Where the title stands, and how.
        for line in text.lines() {
            if let Some(at) = line.find("&lt;script").or_else(|| line.find("<script")) {
                say!("    {:.58}", &line[at..]);
            }
        }
    }
    let before = reactor.now();
    let slow = client
        .get(&format!("http://{}/slowly/ozymandias", served.address()))
        .await?;
    let seconds = (reactor.now() - before).as_secs();
    say!(
        "/slowly/ozymandias: {} lines in {seconds} s",
        slow.body().split(|b| *b == b'\n').count() - 1
    );
    let cut_off = served.stop(Duration::from_secs(1)).await?;
    say!("stopped, {cut_off} cut off");
    Ok(())
}
