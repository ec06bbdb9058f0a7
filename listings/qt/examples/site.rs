//! A client of the poetry site: a search, a list, and a poem that comes line by line.
//!
//! `cargo run -p qt --example site http://127.0.0.1:4080` asks the site that runs there; without an
//! address, one of its own.
use coroutines::{sleep, spawn};
use deferreds::{Cancelled, Canceller, Failure};
use qt::{Application, Label, LineEdit, List, QtReactor, TextView, Window};
use reactor::{Address, Handle, Os, Reactor};
use serde::Deserialize;
use serde_json::Value;
use std::{cell::RefCell, error::Error, rc::Rc, time::Duration};
use web::{
    Bytes, Client, NoPage, RpcClient, Served, Site, StatusCode, TooLong,
    poems::{self, MemoryShelf},
};

fn main() -> Result<(), Box<dyn Error>> {
    browse(&Application::new()?, std::env::args().nth(1))
}

/// The whole program: the window, and a site to ask if you name none.
pub(crate) fn browse(
    application: &Application,
    named: Option<String>,
) -> Result<(), Box<dyn Error>> {
    let host = QtReactor::new(application, Reactor::new(Os::new()?))?;
    let reactor = host.handle();
    let (site, own) = match named {
        Some(url) => (url, None),
        None => {
            let own = serve(&reactor)?;
            (format!("http://{}", own.address()), Some(own))
        }
    };

    let window = Window::new(application, "The poetry site");
    // ANCHOR: slots
    let search = LineEdit::new(application, "");
    let list = List::new(application, "");
    let reader = Reader::new(application, &reactor, site);
    let (asks, fills) = (reader.clone(), list.clone());
    search.on_enter(move |line| {
        let poet = line.text().unwrap_or_default();
        asks.catalogue(&fills, poet.trim());
    })?;
    let opens = reader.clone();
    list.on_choice(move |list| {
        if let Ok(Some(row)) = list.chosen() {
            opens.poem(row);
        }
    })?;
    // ANCHOR_END: slots
    for widget in [&search as &qt::Widget, &list, &reader.text, &reader.status] {
        window.add(widget)?;
    }
    reader.catalogue(&list, "");
    window.show(480, 420)?;
    if let Some(own) = own.filter(|_| application.platform() == "offscreen") {
        // No person is there to type and to click.
        let handle = reactor.clone();
        let window = window.clone();
        let play = async move { play(&handle, own, &search, &list, &reader, &window).await };
        drop(spawn(&reactor, play));
    }
    host.run()?;
    println!("the window is closed");
    Ok(())
}

// ANCHOR: serve
/// Serves the poetry site to this window, from its own loop.
fn serve(reactor: &Handle) -> Result<Served, Box<dyn Error>> {
    let shelf = Rc::new(MemoryShelf::of_the_book());
    let root = poems::site(reactor, shelf, poems::templates(None)?);
    Ok(Site::new(root).listen(reactor, &Address::loopback(0))?)
}
// ANCHOR_END: serve

// ANCHOR: catalogue
/// What the window shows of a poem in the catalogue.
#[derive(Deserialize)]
struct Line {
    name: String,
    title: String,
    poet: String,
}

/// Asks for the catalogue by JSON-RPC, and keeps the lines of one poet.
async fn catalogue(client: Client, site: String, poet: String) -> Result<Vec<Line>, Failure> {
    let rpc = RpcClient::new(&client, &format!("{site}/rpc"))?;
    let answer = rpc.call("catalogue", Value::Null).await?;
    let mut lines: Vec<Line> = serde_json::from_value(answer)?;
    lines.retain(|line| line.poet.to_lowercase().contains(&poet.to_lowercase()));
    Ok(lines)
}
// ANCHOR_END: catalogue

// ANCHOR: recital
/// No poem of this site is longer; a server that sends more is not believed.
const LONGEST: usize = 1 << 20;

/// Shows a poem as it comes, and returns how many lines it had. Dropped on the way, it closes its
/// connection.
async fn recital(client: Client, url: String, text: TextView) -> Result<usize, Failure> {
    let request = hyper::Request::get(url).body(Bytes::new())?;
    let (head, mut pieces) = client.open(request).await?.into_parts();
    if head.status != StatusCode::OK {
        return Err(Failure::new(NoPage(head.status)));
    }
    let mut poem = Vec::new();
    while let Some(piece) = pieces.next().await? {
        if poem.len() + piece.len() > LONGEST {
            return Err(Failure::new(TooLong(LONGEST)));
        }
        poem.extend_from_slice(&piece);
        text.set_text(&String::from_utf8_lossy(&poem))?;
    }
    Ok(String::from_utf8(poem)?.lines().count())
}
// ANCHOR_END: recital

// ANCHOR: reader
/// What asks and shows: one thing at a time.
#[derive(Clone)]
struct Reader {
    reactor: Handle,
    client: Client,
    site: String,
    text: TextView,
    status: Label,
    /// What the site calls the poems in the rows of the list.
    names: Rc<RefCell<Vec<String>>>,
    /// What is on its way.
    running: Rc<RefCell<Option<Canceller>>>,
}

impl Reader {
    /// Runs a task, and `show` with its result. The task before it is cancelled.
    fn ask<T: 'static>(
        &self,
        what: String,
        task: impl Future<Output = Result<T, Failure>> + 'static,
        show: impl FnOnce(T) -> String + 'static,
    ) {
        if let Some(before) = self.running.take() {
            before.cancel();
        }
        let _ = self.status.set_text(&format!("{what} …"));
        let asked = spawn(&self.reactor, task);
        self.running.replace(Some(asked.canceller()));
        let status = self.status.clone();
        let _shown = asked.add_both(move |result| {
            let (given_up, said) = match result {
                Ok(value) => (false, show(value)),
                Err(failure) => (failure.check::<Cancelled>().is_some(), failure.to_string()),
            };
            let said = format!("{what}: {said}");
            println!("{said}");
            if !given_up {
                let _ = status.set_text(&said);
            }
            Ok(())
        });
    }
    // ANCHOR_END: reader

    fn new(application: &Application, reactor: &Handle, site: String) -> Reader {
        Reader {
            reactor: reactor.clone(),
            client: Client::new(reactor),
            site,
            text: TextView::new(application, ""),
            status: Label::new(application, ""),
            names: Rc::default(),
            running: Rc::default(),
        }
    }

    /// Fills the list with the poems of one poet, or with all of them.
    fn catalogue(&self, list: &List, poet: &str) {
        let (list, names) = (list.clone(), Rc::clone(&self.names));
        let task = catalogue(self.client.clone(), self.site.clone(), poet.to_owned());
        self.ask(format!("poems by “{poet}”"), task, move |lines| {
            names.replace(lines.iter().map(|line| line.name.clone()).collect());
            let _ = list.clear();
            for line in &lines {
                let _ = list.push(&format!("{}, by {}", line.title, line.poet));
            }
            format!("{} found", lines.len())
        });
    }

    /// Has the poem of a row read out.
    fn poem(&self, row: usize) {
        let Some(name) = self.names.borrow().get(row).cloned() else {
            return;
        };
        let url = format!("{}/slowly/{name}", self.site);
        let task = recital(self.client.clone(), url, self.text.clone());
        self.ask(name, task, |lines| format!("{lines} lines"));
    }
}

// ANCHOR: play
/// Does what a person would, and ends the site before the window.
async fn play(
    reactor: &Handle,
    site: Served,
    search: &LineEdit,
    list: &List,
    reader: &Reader,
    window: &Window,
) -> Result<(), Failure> {
    let status = &reader.status;
    until(reactor, || says(status, "poems by “”: ")).await;
    list.choose(4)?; // Ozymandias, a long one
    until(reactor, || {
        reader
            .text
            .text()
            .is_ok_and(|text| text.lines().count() == 2)
    })
    .await;
    list.choose(6)?; // no: The Eagle
    until(reactor, || says(status, "eagle: ")).await;
    search.enter("nobody")?;
    until(reactor, || says(status, "poems by “nobody”: ")).await;
    search.enter("blake")?;
    until(reactor, || says(status, "poems by “blake”: ")).await;
    let cut_off = site.stop(Duration::from_secs(10)).await?;
    println!("the site has stopped, {cut_off} cut off");
    search.enter("blake")?;
    until(reactor, || !says(status, "poems by “blake” …")).await;
    window.close()?;
    Ok(())
}

fn says(status: &Label, what: &str) -> bool {
    status.text().is_ok_and(|text| text.starts_with(what))
}

/// Waits until something is so, by asking again and again: a test may, a program should be told.
async fn until(reactor: &Handle, so: impl Fn() -> bool) {
    while !so() {
        sleep(reactor, Duration::from_millis(5)).await;
    }
}
// ANCHOR_END: play
