//! What a request costs a server: our site, and axum on one thread of tokio, under the same load.
use axum::{Router, http::StatusCode, response::Html, routing::get};
use deferreds::Failure;
use minijinja::Environment;
use nix::time::{ClockId, clock_gettime};
use poetry::POEMS;
use reactor::{Address, Os, Reactor};
use std::{
    cell::Cell,
    env,
    error::Error,
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    rc::Rc,
    sync::Arc,
    time::Duration,
};
use tower_http::{limit::RequestBodyLimitLayer, timeout::TimeoutLayer};
use transports::{Loss, Protocol, Transport, connect};
use web::{Branch, Page, Site, Templates, context, html};

/// Connections that are kept open; each asks, waits for its reply, and asks again.
const CLIENTS: usize = 64;
/// Requests of one run, all connections together.
const REQUESTS: usize = 64 * 500;
const RUNS: usize = 7;
const SERVERS: [&str; 3] = ["ours", "axum", "axum with limits"];
const HELLO: &str = "<h1>Hello from the reactor</h1>\n<!-- end -->";
const LIST: &str = "<h1>{{ poems | length }} poems</h1>
<ul>
{%- for poem in poems %}
  <li>{{ poem.title }}, by {{ poem.author }}
{%- endfor %}
</ul>
<!-- end -->";
/// The last bytes of each page.
const END: &[u8] = b"<!-- end -->";

fn main() -> Result<(), Box<dyn Error>> {
    match env::args().nth(1).as_deref() {
        Some("ours") => return serve_ours(),
        Some(server @ ("axum" | "axum with limits")) => return serve_axum(server != "axum"),
        _ => {}
    }
    println!("{}", machine());
    println!("processor time of the server, {CLIENTS} connections kept open, in µs a request:");
    println!(
        "median of {RUNS} runs, in turn (least to most); below, as a multiple of axum's in the same turn"
    );
    for path in ["/hello", "/list"] {
        let mut costs = [const { Vec::new() }; SERVERS.len()];
        for _ in 0..RUNS {
            for (server, costs) in SERVERS.iter().zip(&mut costs) {
                costs.push(measure(server, path)?);
            }
        }
        for (server, cost) in SERVERS.iter().zip(&costs) {
            let ratios = cost.iter().zip(&costs[1]).map(|(ours, axum)| ours / axum);
            let (time, ratio) = (spread(cost.clone()), spread(ratios.collect()));
            println!("{path:6}  {server:16}  {time}   {ratio}");
        }
    }
    Ok(())
}

/// The middle one, and the two at the ends.
fn spread(mut all: Vec<f64>) -> String {
    all.sort_by(f64::total_cmp);
    let (least, most) = (all[0], all[all.len() - 1]);
    format!("{:5.2} ({least:5.2} to {most:5.2})", all[all.len() / 2])
}

/// The processor, as the system names it.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find(|line| line.starts_with("model name"));
    let name = name.and_then(|line| line.split(": ").nth(1));
    format!("machine: {}", name.unwrap_or("unknown"))
}

/// Starts a server as a process of its own, puts it under load, and returns the microseconds of a
/// request.
fn measure(server: &str, path: &str) -> Result<f64, Box<dyn Error>> {
    let mut child = Command::new(env::current_exe()?)
        .arg(server)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let asks = child.stdin.take().ok_or("no input")?;
    let says = BufReader::new(child.stdout.take().ok_or("no output")?);
    let mut server = Server { child, asks, says };
    let port = server.line()?.trim().parse()?;
    load(port, path, CLIENTS * 20)?; // whatever is done once has been done
    let before = server.time()?;
    load(port, path, REQUESTS)?;
    Ok((server.time()? - before) / REQUESTS as f64)
}

struct Server {
    child: Child,
    asks: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Server {
    fn line(&mut self) -> Result<String, Box<dyn Error>> {
        let mut line = String::new();
        self.says.read_line(&mut line)?;
        Ok(line)
    }

    /// Its processor time until now, in microseconds.
    fn time(&mut self) -> Result<f64, Box<dyn Error>> {
        self.asks.write_all(b"time\n")?;
        Ok(self.line()?.trim().parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// The load: raw bytes, so that it costs little and is the same for all.

struct Client {
    request: Rc<str>,
    left: usize,
    seen: Vec<u8>,
    open: Rc<Cell<usize>>,
}

impl Protocol for Client {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        transport.write(self.request.as_bytes());
        Ok(())
    }
    fn data_received(&mut self, transport: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.seen.extend_from_slice(data);
        if self.seen.ends_with(END) {
            if !self.seen.starts_with(b"HTTP/1.1 200") {
                return Err(Failure::new("a reply that is none"));
            }
            self.seen.clear();
            self.left -= 1;
            match self.left {
                0 => transport.lose_connection(),
                _ => transport.write(self.request.as_bytes()),
            }
        }
        Ok(())
    }
    fn connection_lost(&mut self, transport: &Transport, _: Loss) {
        assert_eq!(self.left, 0, "a connection was lost");
        self.open.set(self.open.get() - 1);
        if self.open.get() == 0 {
            let _ = transport.handle().stop();
        }
    }
}

fn load(port: u16, path: &str, requests: usize) -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::new(Os::new()?);
    let open = Rc::new(Cell::new(CLIENTS));
    let request: Rc<str> = format!("GET {path} HTTP/1.1\r\nhost: costs\r\n\r\n").into();
    for _ in 0..CLIENTS {
        let (open, request) = (Rc::clone(&open), Rc::clone(&request));
        let client = move |_: &Address| Client {
            request: Rc::clone(&request),
            left: requests / CLIENTS,
            seen: Vec::new(),
            open: Rc::clone(&open),
        };
        connect(&reactor.handle(), &Address::loopback(port), Rc::new(client));
    }
    Ok(reactor.run()?)
}

// The servers.

/// Says where it is, and tells its processor time whenever it is asked.
fn tell(port: u16) {
    println!("{port}");
    std::thread::spawn(|| {
        for _ in std::io::stdin().lines() {
            let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("a clock");
            println!("{}", Duration::from(time).as_secs_f64() * 1e6);
        }
    });
}

fn serve_ours() -> Result<(), Box<dyn Error>> {
    let mut reactor = Reactor::new(Os::new()?);
    let mut templates = Templates::new();
    templates.put("list.html.j2", LIST)?;
    let list = Page::new(move |_| {
        let poems: Vec<_> = POEMS
            .iter()
            .map(|poem| context! { title => poem.title, author => poem.author })
            .collect();
        templates.page("list.html.j2", context! { poems })
    });
    let root = Branch::new()
        .put("hello", Page::new(|_| html(HELLO)))
        .put("list", list);
    let served = Site::new(root).listen(&reactor.handle(), &Address::loopback(0))?;
    tell(served.address().port().ok_or("no port")?);
    Ok(reactor.run()?)
}

/// With limits it has two of those that ours has anyway: how long a request may take, and how long
/// its body may be.
#[tokio::main(flavor = "current_thread")]
async fn serve_axum(limits: bool) -> Result<(), Box<dyn Error>> {
    let mut templates = Environment::new();
    templates.add_template("list.html.j2", LIST)?;
    let templates = Arc::new(templates);
    let list = move || {
        let poems: Vec<_> = POEMS
            .iter()
            .map(|poem| context! { title => poem.title, author => poem.author })
            .collect();
        let page = templates
            .get_template("list.html.j2")
            .and_then(|template| template.render(context! { poems }))
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR);
        async { page.map(Html) }
    };
    let mut router = Router::new()
        .route("/hello", get(|| async { Html(HELLO) }))
        .route("/list", get(list));
    if limits {
        let time =
            TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, Duration::from_secs(60));
        router = router
            .layer(time)
            .layer(RequestBodyLimitLayer::new(1 << 20));
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    tell(listener.local_addr()?.port());
    Ok(axum::serve(listener, router).await?)
}
