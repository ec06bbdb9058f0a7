//! The same library on tokio: a call is a future, and an error is a variant.
use applications_lab::remote::{
    Arguments, CallError, Callable, Reference, Value, Values, lend, reach,
};
use protocols::RemoteError;
use std::{env, error::Error, fmt, io, process::Stdio, thread, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    task::yield_now,
};

// ANCHOR: both
/// What a library can fail with. The code is said twice, where it is written and where it is read.
#[derive(Debug)]
enum LibraryError {
    NoPoem(String),
    Call(CallError),
}

impl LibraryError {
    fn no_poem(name: &str) -> RemoteError {
        RemoteError::new("NO_POEM", name)
    }
}

/// With this, `?` makes it of whatever a call fails with.
impl From<CallError> for LibraryError {
    fn from(error: CallError) -> LibraryError {
        match error {
            CallError::Remote(error) if error.code == "NO_POEM" => {
                LibraryError::NoPoem(error.description)
            }
            error => LibraryError::Call(error),
        }
    }
}
// ANCHOR_END: both

impl fmt::Display for LibraryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LibraryError::NoPoem(name) => write!(f, "no poem is called {name:?}"),
            LibraryError::Call(error) => error.fmt(f),
        }
    }
}

impl Error for LibraryError {}

type Answer = Result<Values<Box<dyn Callable>>, RemoteError>;

// ANCHOR: library
/// The first object: it opens poems.
struct Library;

impl Callable for Library {
    fn call(&self, method: &str, arguments: &Arguments) -> Answer {
        match method {
            "open" => match arguments.text("name")? {
                "hope" => {
                    let poem: Box<dyn Callable> = Box::new(Poem(HOPE));
                    Ok(Values::from([("poem".to_owned(), Value::Object(poem))]))
                }
                name => Err(LibraryError::no_poem(name)),
            },
            _ => Err(RemoteError::new("NO_METHOD", method)),
        }
    }
}

/// A poem that a client has opened. It counts slowly, and blocks its own process and no other.
struct Poem(&'static str);

impl Callable for Poem {
    fn call(&self, method: &str, arguments: &Arguments) -> Answer {
        match method {
            "count" => {
                thread::sleep(Duration::from_millis(50));
                let count = self.0.matches(arguments.text("letter")?).count();
                let count = Value::Text(count.to_string());
                Ok(Values::from([("count".to_owned(), count)]))
            }
            "recite for ever" => loop {
                thread::sleep(Duration::from_secs(3600));
            },
            _ => Err(RemoteError::new("NO_METHOD", method)),
        }
    }
}
// ANCHOR_END: library

const HOPE: &str = "\"Hope\" is the thing with feathers\nThat perches in the soul";

// ANCHOR: reader
async fn reads(library: Reference, mut child: Child) -> Result<(), Box<dyn Error>> {
    let poem = open(&library, "hope").await?;
    println!("e stands in it {} times", count(&poem, "e").await?);

    let error = open(&library, "despair")
        .await
        .err()
        .expect("there is none");
    let typed = matches!(error, LibraryError::NoPoem(_));
    println!("{error}; is it a NoPoem? {typed}");

    // A future asks nothing before it is polled, so what kills has to be polled after it.
    let kills = async {
        yield_now().await; // the question goes
        child.kill().await
    };
    let (recited, killed) = tokio::join!(poem.call("recite for ever", &[]), kills);
    killed?;
    let error = recited.err().expect("nobody recites for ever");
    let typed = matches!(error, CallError::ServerLost);
    println!("{error}; is it a ServerLost? {typed}");

    let error = count(&poem, "e").await.expect_err("it is gone");
    println!("and once more: {error}");
    Ok(())
}

async fn open(library: &Reference, name: &str) -> Result<Reference, LibraryError> {
    match library
        .call("open", &[("name", name)])
        .await?
        .remove("poem")
    {
        Some(Value::Object(poem)) => Ok(poem),
        _ => Err(missing("poem")),
    }
}

async fn count(poem: &Reference, letter: &str) -> Result<String, LibraryError> {
    match poem
        .call("count", &[("letter", letter)])
        .await?
        .remove("count")
    {
        Some(Value::Text(count)) => Ok(count),
        _ => Err(missing("count")),
    }
}
// ANCHOR_END: reader

fn missing(name: &str) -> LibraryError {
    CallError::Remote(RemoteError::new("MISSING", name)).into()
}

// ANCHOR: main
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).as_deref() == Some("serve") {
        return Ok(serve().await?);
    }
    let (child, at) = start().await?;
    let library = reach(TcpStream::connect(at).await?);
    reads(library, child).await
}

/// The other process: this program again, with one argument.
async fn serve() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    // A thread, not a task: no task runs while a poem recites.
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        std::process::exit(0)
    });
    loop {
        let (stream, _) = listener.accept().await?;
        tokio::spawn(lend(stream, Box::new(Library)));
    }
}

/// Starts it, and waits until it has said where it listens.
async fn start() -> io::Result<(Child, String)> {
    let mut command = Command::new(env::current_exe()?);
    command
        .arg("serve")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn()?;
    let mut line = String::new();
    let stdout = child.stdout.take().expect("it is piped");
    BufReader::new(stdout).read_line(&mut line).await?;
    Ok((child, line.trim().to_owned()))
}
// ANCHOR_END: main
