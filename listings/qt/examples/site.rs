//! A client of a site of poems: a search, a list, and a page that is fetched when you choose a row.
use coroutines::{sleep, spawn};
use deferreds::{Cancelled, Canceller, Deferred, Failure, defer_later};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{Request, client::conn::http1};
use poetry::{POEMS, Poem};
use qt::{Application, Label, LineEdit, List, QtReactor, TextView, Window};
use reactor::{Address, Handle, Os, Reactor};
use std::{cell::RefCell, error::Error, rc::Rc, time::Duration};
use transports::Stream;
use web::{Answer, Branch, Bytes, Page, Resource, Response, Site, StatusCode, plain, refuse};

fn main() -> Result<(), Box<dyn Error>> {
    browse(&Application::new()?)
}

/// The whole program: the site, and the window that reads it.
pub(crate) fn browse(application: &Application) -> Result<(), Box<dyn Error>> {
    let host = QtReactor::new(application, Reactor::new(Os::new()?))?;
    let reactor = host.handle();
    let root = Branch::new().put("poems", Rc::new(Poems(reactor.clone())));
    let site = Site::new(root).listen(&reactor, &Address::loopback(0))?;

    let window = Window::new(application, "A site of poems");
    // ANCHOR: slots
    let search = LineEdit::new(application, "");
    let poems = List::new(application, "");
    let reader = Reader::new(application, &reactor, site.address());
    let (asks, fills) = (reader.clone(), poems.clone());
    search.on_enter(move |line| {
        let author = line.text().unwrap_or_default();
        asks.list(&fills, &format!("/poems?by={}", author.trim()));
    })?;
    let opens = reader.clone();
    poems.on_choice(move |poems| {
        if let Ok(Some(row)) = poems.chosen() {
            opens.poem(row);
        }
    })?;
    // ANCHOR_END: slots
    for widget in [&search as &qt::Widget, &poems, &reader.text, &reader.status] {
        window.add(widget)?;
    }
    reader.list(&poems, "/poems");
    window.show(480, 420)?;
    if application.platform() == "offscreen" {
        // Nobody is there to type and to click.
        let handle = reactor.clone();
        let window = window.clone();
        let play = async move { play(&handle, &search, &poems, &reader, &window).await };
        drop(spawn(&reactor, play));
    }
    host.run()?;
    println!("the window is closed");
    Ok(())
}

// ANCHOR: get
/// No page of this site is longer; a server that sends more is not believed.
const LONGEST: usize = 1 << 20;

/// Fetches one page. Dropped on the way, it closes its connection.
async fn get(reactor: Handle, site: Address, path: String) -> Result<String, Failure> {
    let stream = Stream::connect(&reactor, &site).await?;
    let (mut sender, connection) = http1::handshake(stream).await?;
    drop(spawn(&reactor, async move { Ok(connection.await?) }));
    let request = Request::get(path).header("host", "poems");
    let response = sender
        .send_request(request.body(Empty::<Bytes>::new())?)
        .await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), LONGEST).collect().await;
    let text = String::from_utf8(body.map_err(Failure::new)?.to_bytes().to_vec())?;
    match status {
        StatusCode::OK => Ok(text),
        _ => Err(Failure::new(status.to_string())),
    }
}
// ANCHOR_END: get

// ANCHOR: reader
/// What fetches and shows: one page at a time.
#[derive(Clone)]
struct Reader {
    reactor: Handle,
    site: Address,
    text: TextView,
    status: Label,
    /// What the rows of the list are called in addresses.
    names: Rc<RefCell<Vec<String>>>,
    /// The page that is on its way.
    running: Rc<RefCell<Option<Canceller>>>,
}

impl Reader {
    /// Fetches a page for `show`. Whoever asks for another one does not want the one before any more.
    fn fetch(&self, path: &str, show: impl FnOnce(&Reader, &str) + 'static) {
        if let Some(before) = self.running.take() {
            before.cancel();
        }
        let _ = self.status.set_text(&format!("asking for {path}"));
        let (reactor, site) = (self.reactor.clone(), self.site.clone());
        let page = spawn(&self.reactor, get(reactor, site, path.to_owned()));
        self.running.replace(Some(page.canceller()));
        let (it, path) = (self.clone(), path.to_owned());
        let _shown = page.add_both(move |result| {
            let said = match &result {
                Ok(text) => format!("{path}: {} lines", text.lines().count()),
                Err(failure) => format!("{path}: {failure}"),
            };
            println!("{said}");
            match result {
                Ok(text) => show(&it, &text),
                Err(failure) if failure.check::<Cancelled>().is_some() => return Ok(()),
                Err(_) => {}
            }
            let _ = it.status.set_text(&said);
            Ok(())
        });
    }
    // ANCHOR_END: reader

    fn new(application: &Application, reactor: &Handle, site: &Address) -> Reader {
        Reader {
            reactor: reactor.clone(),
            site: site.clone(),
            text: TextView::new(application, ""),
            status: Label::new(application, ""),
            names: Rc::default(),
            running: Rc::default(),
        }
    }

    /// Fetches a list: a line for each poem, with its name, a tab, and what people read.
    fn list(&self, poems: &List, path: &str) {
        let poems = poems.clone();
        self.fetch(path, move |it, text| {
            let rows: Vec<_> = text
                .lines()
                .filter_map(|line| line.split_once('\t'))
                .collect();
            it.names
                .replace(rows.iter().map(|(name, _)| (*name).to_owned()).collect());
            let _ = poems.clear();
            for (_, title) in rows {
                let _ = poems.push(title);
            }
        });
    }

    /// Fetches the poem of a row.
    fn poem(&self, row: usize) {
        let name = self.names.borrow().get(row).cloned();
        if let Some(name) = name {
            self.fetch(&format!("/poems/{name}"), |it, text| {
                let _ = it.text.set_text(text);
            });
        }
    }
}

// ANCHOR: site
/// The site: `/poems` is the list, all of it or `?by=` somebody, and `/poems/NAME` a poem. A longer poem takes longer.
struct Poems(Handle);

impl Resource for Poems {
    fn child(&self, name: &str) -> Option<Rc<dyn Resource>> {
        let (poem, reactor) = (Poem::named(name)?, self.0.clone());
        Some(Page::new(move |_| -> Deferred<Response> {
            let takes = Duration::from_millis(poem.text.len() as u64);
            defer_later(&reactor, takes, |_| Ok(plain(poem.text)))
        }))
    }

    fn render(&self, request: &web::Request) -> Answer {
        let query = request.uri().query().unwrap_or_default();
        let by = query.strip_prefix("by=").unwrap_or_default().to_lowercase();
        let found = POEMS
            .iter()
            .filter(|poem| poem.author.to_lowercase().contains(&by));
        let rows: String = found
            .map(|poem| format!("{}\t{}, by {}\n", poem.name, poem.title, poem.author))
            .collect();
        match rows.as_str() {
            "" => refuse(StatusCode::NOT_FOUND).into(),
            _ => plain(rows).into(),
        }
    }
}
// ANCHOR_END: site

// ANCHOR: play
/// Does what a person would.
async fn play(
    reactor: &Handle,
    search: &LineEdit,
    poems: &List,
    reader: &Reader,
    window: &Window,
) -> Result<(), Failure> {
    let status = &reader.status;
    until(reactor, || says(status, "/poems: ")).await;
    poems.choose(0)?; // a long one
    sleep(reactor, Duration::from_millis(50)).await;
    poems.choose(5)?; // no: this one
    until(reactor, || says(status, "/poems/eagle: ")).await;
    search.enter("nobody")?;
    until(reactor, || says(status, "/poems?by=nobody: ")).await;
    search.enter("blake")?;
    until(reactor, || says(status, "/poems?by=blake: ")).await;
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
