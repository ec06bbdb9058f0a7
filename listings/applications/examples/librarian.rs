//! Slow work in a process of its own: its objects are called from here, and then it is killed.
use applications::{
    ClientEndpoint,
    remote::{Callable, NoMethod, Offer, Reference, ServerLost, Values},
};
use deferreds::{Deferred, Failure, execute, react};
use reactor::{Handle, Hold};
use std::{
    error::Error,
    fmt,
    io::{BufRead, BufReader},
    process::{Child, Command, ExitCode, Stdio},
    rc::Rc,
    thread,
    time::Duration,
};
use transports::{Address, listen};

/// There is no such poem.
#[derive(Debug)]
struct NoPoem(String);

impl fmt::Display for NoPoem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no poem is called {:?}", self.0)
    }
}

impl Error for NoPoem {}

// ANCHOR: both
/// What both sides have to agree on: an error's code, and how it is written.
fn agreed(offer: Offer) -> Offer {
    offer.error(
        "NO_POEM",
        |e: &NoPoem| e.0.clone(),
        |name| NoPoem(name.into()),
    )
}
// ANCHOR_END: both

// ANCHOR: library
/// The first object: it opens poems.
struct Library;

impl Callable for Library {
    fn call(&self, method: &str, values: Values) -> Deferred<Values> {
        match method {
            "open" => execute(|| match values.text("name")? {
                "hope" => {
                    let poem: Rc<dyn Callable> = Rc::new(Poem(HOPE));
                    Ok(Values::new().with("poem", poem))
                }
                name => Err(Failure::new(NoPoem(name.to_owned()))),
            }),
            _ => Deferred::fail(NoMethod(method.to_owned())),
        }
    }
}

/// A poem that a client has opened. It counts slowly, and blocks its own process and no other.
struct Poem(&'static str);

impl Callable for Poem {
    fn call(&self, method: &str, values: Values) -> Deferred<Values> {
        match method {
            "count" => execute(|| {
                thread::sleep(Duration::from_millis(50));
                let count = self.0.matches(values.text("letter")?).count();
                Ok(Values::new().with("count", count.to_string()))
            }),
            "recite for ever" => {
                thread::sleep(Duration::from_secs(3600));
                Deferred::succeed(Values::new())
            }
            _ => Deferred::fail(NoMethod(method.to_owned())),
        }
    }
}
// ANCHOR_END: library

const HOPE: &str = "\"Hope\" is the thing with feathers\nThat perches in the soul";

// ANCHOR: reader
fn reads(library: Reference, child: Child) -> Deferred<()> {
    let asks = library.clone();
    library
        .call("open", Values::new().with("name", "hope"))
        .add_callback(|opened| Ok(opened.reference("poem")?))
        .add_callback(|poem| {
            let counted = poem.call("count", Values::new().with("letter", "e"));
            counted.add_callback(move |counted| {
                println!("e stands in it {} times", counted.number("count")?);
                Ok(poem)
            })
        })
        .add_callback(move |poem| {
            let missing = asks.call("open", Values::new().with("name", "despair"));
            missing.add_both(move |result| {
                let failure = result.expect_err("there is none");
                println!(
                    "{failure}; is it a NoPoem? {}",
                    failure.check::<NoPoem>().is_some()
                );
                Ok(poem)
            })
        })
        .add_callback(move |poem| {
            let recites = poem.call("recite for ever", Values::new());
            kill(child);
            recites.add_both(move |result| {
                let failure = result.expect_err("nobody recites for ever");
                println!(
                    "{failure}; is it a ServerLost? {}",
                    failure.check::<ServerLost>().is_some()
                );
                Ok(poem)
            })
        })
        .add_callback(|poem| poem.call("count", Values::new().with("letter", "e")))
        .add_both(|result| {
            println!("and once more: {}", result.expect_err("it is gone"));
            Ok(())
        })
}
// ANCHOR_END: reader

fn kill(mut child: Child) {
    child.kill().expect("it runs");
    child.wait().expect("it was killed"); // at once: SIGKILL waits for nothing
}

// ANCHOR: main
fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return reactor::react(serve);
    }
    match start() {
        Ok((child, at)) => react(move |reactor| {
            let endpoint: ClientEndpoint = format!("tcp:{at}").parse().expect("an address");
            let library = agreed(Offer::nothing()).reach(reactor, &endpoint);
            library.add_callback(move |library| reads(library, child))
        }),
        Err(error) => {
            eprintln!("the library does not open: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The other process: this program again, with one argument.
fn serve(reactor: &Handle, done: Hold) -> std::io::Result<()> {
    let offer = agreed(Offer::of(Rc::new(Library)));
    let port = listen(reactor, &Address::loopback(0), offer.factory())?;
    println!("{}", port.address());
    // It serves until it is killed, or until its parent is gone.
    thread::spawn(|| {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(0)
    });
    std::mem::forget(done);
    Ok(())
}

/// Starts it, and waits until it has said where it listens.
fn start() -> std::io::Result<(Child, String)> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn()?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line)?;
    Ok((child, line.trim().to_owned()))
}
// ANCHOR_END: main
