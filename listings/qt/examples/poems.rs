//! A poetry reader: four slow poems at once, a bar and a Cancel button for each, errors in the
//! window.
use deferreds::{Deferred, Failure, Resolver};
use poetry::{Options, Pace, Poem};
use qt::{Application, Button, Label, ProgressBar, QtReactor, Row, TextView, Window};
use reactor::{Address, Handle, LoopingCall, Os, Reactor};
use recital::Recital;
use std::{cell::RefCell, error::Error, path::Path, rc::Rc, time::Duration};
use transports::{Factory, Loss, Protocol, Transport, connect};

const NAMES: [&str; 3] = ["hope", "eagle", "requiem"];

fn main() -> Result<(), Box<dyn Error>> {
    read(&Application::new()?, Duration::from_millis(60))
}

/// The whole program; the servers send 24 bytes, and pause for so long.
pub(crate) fn read(application: &Application, pause: Duration) -> Result<(), Box<dyn Error>> {
    let host = QtReactor::new(application, Reactor::new(Os::new()?))?;
    let reactor = host.handle();
    let window = Window::new(application, "Poems");
    let text = TextView::new(application, "");
    let addresses = serve(&reactor, pause)?;
    // ANCHOR: rows
    let mut buttons = Vec::new();
    for (name, address) in NAMES.into_iter().chain(["nobody's"]).zip(&addresses) {
        let row = PoemRow::new(application, &window, name)?;
        buttons.push(row.cancel.clone());
        row.download(&reactor, address, text.clone())?;
    }
    window.add(&text)?;
    // ANCHOR_END: rows
    let again = window.clone();
    if application.platform() == "offscreen" {
        play(application, &reactor, &buttons, again); // no person is there to click
    }
    window.show(720, 420)?;
    host.run()?;
    println!("the window is closed");
    Ok(())
}

// ANCHOR: row
/// What the window shows of one poem.
#[derive(Clone)]
struct PoemRow {
    name: &'static str,
    bar: ProgressBar,
    status: Label,
    cancel: Button,
}

impl PoemRow {
    fn new(application: &Application, window: &Window, name: &'static str) -> qt::Result<PoemRow> {
        let row = Row::new(application, "");
        let it = PoemRow {
            name,
            bar: ProgressBar::new(application, ""),
            status: Label::new(application, "connecting"),
            cancel: Button::new(application, "Cancel"),
        };
        row.add(&Label::new(application, name))?;
        row.add(&it.bar)?;
        row.add(&it.status)?;
        row.add(&it.cancel)?;
        window.add(&row)?;
        Ok(it)
    }

    /// Starts the download. All that happens to it ends in this window, or nowhere when the window
    /// is gone.
    fn download(&self, reactor: &Handle, address: &Address, text: TextView) -> qt::Result<()> {
        let (it, size) = (
            self.clone(),
            Poem::named(self.name).map_or(0, |poem| poem.text.len()),
        );
        let poem = get_poem(reactor, address, move |so_far| {
            let _ = it.bar.set(so_far, size);
            let _ = it.status.set_text("reading");
        });
        let canceller = poem.canceller();
        self.cancel.on_click(move |_| canceller.cancel())?;
        let it = self.clone();
        let _shown = poem.add_both(move |result| {
            let said = match &result {
                Ok(poem) => format!("{} bytes", poem.len()),
                Err(failure) => failure.to_string(),
            };
            println!("{}: {said}", it.name);
            let _ = it.status.set_text(&said);
            let _ = it.cancel.set_enabled(false);
            if let Ok(poem) = result {
                let _ = text.append(&format!("{poem}\n"));
            }
            Ok(())
        });
        Ok(())
    }
}
// ANCHOR_END: row

// ANCHOR: get_poem
/// Fetches a poem and tells how many bytes there are so far. Cancelling ends the connection.
fn get_poem(
    reactor: &Handle,
    address: &Address,
    progress: impl Fn(usize) + 'static,
) -> Deferred<String> {
    let open: Rc<RefCell<Option<Transport>>> = Rc::default();
    let closes = Rc::clone(&open);
    let (resolver, poem) = Deferred::with_canceller(move |_| {
        if let Some(transport) = closes.take() {
            transport.abort_connection();
        }
    });
    let download = Download {
        bytes: Vec::new(),
        progress: Box::new(progress),
        resolver: Some(resolver),
        open,
    };
    connect(
        reactor,
        address,
        Rc::new(Once(RefCell::new(Some(download)))),
    );
    poem
}

struct Once(RefCell<Option<Download>>);

impl Factory for Once {
    fn build_protocol(&self, _: &Address) -> Option<Box<dyn Protocol>> {
        self.0
            .take()
            .map(|download| Box::new(download) as Box<dyn Protocol>)
    }
    fn connection_failed(&self, _: &Address, why: Failure) {
        if let Some(resolver) = self
            .0
            .take()
            .and_then(|mut download| download.resolver.take())
        {
            resolver.errback(why);
        }
    }
}

struct Download {
    bytes: Vec<u8>,
    progress: Box<dyn Fn(usize)>,
    resolver: Option<Resolver<String>>,
    open: Rc<RefCell<Option<Transport>>>,
}

impl Protocol for Download {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        self.open.replace(Some(transport.clone()));
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.bytes.extend_from_slice(data);
        (self.progress)(self.bytes.len());
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, why: Loss) {
        self.open.take();
        let Some(resolver) = self.resolver.take() else {
            return;
        };
        match (why, String::from_utf8(std::mem::take(&mut self.bytes))) {
            (Loss::Done, Ok(poem)) => resolver.callback(poem),
            (Loss::Done, Err(error)) => resolver.errback(error),
            (Loss::Failed(failure), _) => resolver.errback(failure),
            (Loss::Aborted, _) => {} // cancelled: the answer is given
        }
    }
}
// ANCHOR_END: get_poem

/// Three servers that recite slowly, and a port where nothing listens.
fn serve(reactor: &Handle, pause: Duration) -> Result<Vec<Address>, Box<dyn Error>> {
    let options = Options {
        poems: NAMES.into_iter().filter_map(Poem::named).collect(),
        pace: Pace::new(24, pause),
        ..Options::default()
    };
    let mut addresses = Recital::start(reactor, options)?.addresses().to_vec();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")?; // a free port, given back at once
    addresses.push(nobody.local_addr()?.into());
    Ok(addresses)
}

/// Does what a person would: cancels the last of the three while it comes, and closes the window at
/// the end. Draws it before, if the program is given the name of a file for that, and writes beside
/// it what can be read there.
fn play(application: &Application, reactor: &Handle, buttons: &[Button], window: Window) {
    let cancel = buttons[2].clone();
    reactor.call_later(Duration::from_millis(300), move |_| {
        let _ = cancel.click();
    });
    let application = application.clone();
    LoopingCall::start(reactor, Duration::from_millis(20), move |reactor, beat| {
        if application
            .shown()
            .iter()
            .any(|it| it.kind == "button" && it.enabled)
        {
            return; // not all four results are there
        }
        beat.stop();
        let drawn = std::env::args()
            .nth(1)
            .map(|file| draw(&application, &window, &file));
        if let Some(Err(error)) = drawn {
            reactor.fail(error);
        }
        let _ = window.close();
    });
}

fn draw(application: &Application, window: &Window, file: &str) -> Result<(), Failure> {
    window.picture(Path::new(file))?;
    let shown: String = application
        .shown()
        .iter()
        .map(|it| format!("{it}\n"))
        .collect();
    std::fs::write(Path::new(file).with_extension("txt"), shown)?;
    Ok(())
}
