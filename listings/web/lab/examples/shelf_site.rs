//! The poetry site on PostgreSQL and Redis, over HTTPS.
//!
//! `cargo run -p web-lab --example shelf_site serve` starts all of it: a database, a cache, a
//! certificate, and the site at https://localhost:4443/ and http://localhost:4080/; two ports after
//! that word are used instead. Other words are endpoints. Without one it asks itself.
use applications::{Endpoint, Services};
use coroutines::run;
use databases::{
    ConnectionPool, PoolOptions, Server, Shelf,
    redis::{RedisPool, RedisServer},
};
use deferreds::Failure;
use reactor::Handle;
use std::{env, process::ExitCode, rc::Rc, time::Duration};
use tempfile::TempDir;
use trace::say;
use web::{
    Branch, Client, ClientOptions, Site, WebService,
    poems::{self, Shelf as _},
    trust,
};
use web_lab::DatabaseShelf;

/// What has to live as long as the site.
struct Servers {
    database: Server,
    cache: RedisServer,
    folder: TempDir,
}

impl Servers {
    /// Those that the environment names, or temporary ones; and a certificate for `localhost` that
    /// signs itself.
    fn start() -> Result<Servers, Failure> {
        let servers = Servers {
            database: Server::find()?,
            cache: RedisServer::find()?,
            folder: tempfile::tempdir()?,
        };
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
        std::fs::write(
            servers.folder.path().join("certificate.pem"),
            made.cert.pem(),
        )?;
        std::fs::write(
            servers.folder.path().join("key.pem"),
            made.signing_key.serialize_pem(),
        )?;
        Ok(servers)
    }

    // ANCHOR: endpoint
    /// The endpoint for HTTPS at that port. Nothing else of the site changes.
    fn https(&self, port: u16) -> String {
        let folder = self.folder.path().display();
        format!(
            r"ssl:{port}:privateKey={folder}/key.pem:certKey={folder}/certificate.pem:interface=127.0.0.1"
        )
    }
    // ANCHOR_END: endpoint

    // ANCHOR: shelf
    fn shelf(&self, reactor: &Handle) -> (ConnectionPool, Rc<DatabaseShelf>) {
        let database =
            ConnectionPool::new(reactor, self.database.settings(), PoolOptions::default());
        let cache = RedisPool::new(reactor, &self.cache.database(3), PoolOptions::default());
        let shelf = Shelf::new(&database, Some(&cache));
        (database, Rc::new(DatabaseShelf(shelf)))
    }
    // ANCHOR_END: shelf
}

// ANCHOR: root
fn root(reactor: &Handle, shelf: Rc<DatabaseShelf>) -> Result<Branch, Failure> {
    Ok(poems::site(reactor, shelf, poems::templates(None)?))
}
// ANCHOR_END: root

fn main() -> ExitCode {
    let servers = match Servers::start() {
        Ok(servers) => servers,
        Err(failure) => {
            eprintln!("{failure}");
            return ExitCode::FAILURE;
        }
    };
    let mut endpoints: Vec<String> = env::args().skip(1).collect();
    if endpoints.is_empty() {
        return run(move |reactor| ask(reactor, servers));
    }
    if let [serve, ports @ ..] = endpoints.as_slice()
        && serve == "serve"
    {
        let port = |at: usize, usual| ports.get(at).map_or(Ok(usual), |port| port.parse());
        match (port(0, 4080), port(1, 4443)) {
            (Ok(open), Ok(secure)) => {
                endpoints = vec![
                    format!("tcp:{open}:interface=127.0.0.1"),
                    servers.https(secure),
                ];
            }
            _ => {
                eprintln!("after `serve`, two ports: one for HTTP, one for HTTPS");
                return ExitCode::FAILURE;
            }
        }
    }
    applications::run(move |reactor, services: &Services| {
        let (database, shelf) = servers.shelf(reactor);
        let installed = Shelf::install(&database);
        drop(installed.add_callback(|()| {
            println!("the shelf is there");
            Ok(())
        }));
        for text in endpoints {
            let endpoint: Endpoint = text.parse()?;
            let site = Site::new(root(reactor, Rc::clone(&shelf))?)
                .with_access_log(|line| println!("{line}"));
            let service = WebService::new(reactor, "the poetry site", endpoint, site);
            services.add(service.clone());
            reactor.call_soon(move |_| {
                // By now it has started; otherwise the program ends, and says why.
                if let Some(address) = service.address() {
                    println!("serving at {address}");
                }
            });
        }
        reactor.after_shutdown(move |_| drop(servers));
        Ok(())
    })
}

/// What a visitor sees, by HTTPS.
async fn ask(reactor: Handle, servers: Servers) -> Result<(), Failure> {
    let (database, shelf) = servers.shelf(&reactor);
    Shelf::install(&database).await?;
    let running = Site::new(root(&reactor, Rc::clone(&shelf))?).start(&reactor);
    let endpoint: Endpoint = servers.https(0).parse()?;
    let port = endpoint.listen(&reactor, running.factory())?;
    let number = port.address().and_then(|at| at.port()).unwrap_or_default();

    let certificate = std::fs::read(servers.folder.path().join("certificate.pem"))?;
    let options = ClientOptions {
        tls: Some(trust(&certificate)?),
        ..ClientOptions::default()
    };
    let client = Client::with(&reactor, options);
    for path in ["/poems/tyger", "/api/poems/hope", "/"] {
        let page = client
            .get(&format!("https://localhost:{number}{path}"))
            .await?;
        let text = String::from_utf8_lossy(page.body()).into_owned();
        let line = text
            .lines()
            .find(|line| line.contains("<h1>") || line.starts_with('{'));
        say!(
            "{path}: {}: {:.60}",
            page.status(),
            line.unwrap_or_default()
        );
    }
    say!("read lately: {}", shelf.lately().await?.join(", "));
    port.stop_listening();
    running.stop(Duration::from_secs(1)).await?;
    database.close().await?;
    Ok(())
}
