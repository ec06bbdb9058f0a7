//! Questions a second, and what each costs the client: ours beside tokio-postgres and the crate
//! redis.
use databases::{Connection, Server, Statement, connect, redis as ours};
use deferreds::{Deferred, Failure};
use nix::time::{ClockId, clock_gettime};
use reactor::{Os, Reactor};
use std::{
    cell::{Cell, RefCell},
    error::Error,
    fs,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio_postgres::{NoTls, types::Type};

const SQL: &str = "SELECT $1::int4 AS n";
/// Connections, and how many questions are on their way on each.
const LOADS: [(usize, usize); 4] = [(1, 1), (1, 100), (10, 1), (10, 100)];
const ROUNDS: usize = 31;

fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", machine());
    println!("medians of {ROUNDS} rounds, in which both take turns; ours divided by the other's,");
    println!("with the quartiles of the rounds");
    let server = Server::temporary()?;
    for (prepared, how) in [(false, "SQL with each question"), (true, "prepared")] {
        head(&format!("PostgreSQL, {how}"), "tokio-postgres");
        for (connections, depth) in LOADS {
            let count = if depth == 1 { 1_500 } else { 6_000 };
            compare(connections, depth, |ours| match ours {
                true => postgres(&server, prepared, connections, depth, count),
                false => twin_postgres(&server, prepared, connections, depth, count),
            })?;
        }
    }
    let server = ours::RedisServer::temporary()?;
    head("Redis, GET", "redis");
    for (connections, depth) in LOADS {
        let count = if depth == 1 { 2_000 } else { 10_000 };
        compare(connections, depth, |ours| match ours {
            true => redis(&server, connections, depth, count),
            false => twin_redis(&server, connections, depth, count),
        })?;
    }
    Ok(())
}

fn head(what: &str, twin: &str) {
    println!();
    println!("{what}");
    println!(
        "{:>11} {:>5} {:>9} {twin:>14}   {:18} processor time",
        "connections", "depth", "ours/s", "ratio"
    );
}

/// Queries a second, and seconds of this program's processor for each.
type Run = (f64, f64);

/// Both in turns, so that other work on the machine disturbs both; the one that begins changes.
fn compare(
    connections: usize,
    depth: usize,
    run: impl Fn(bool) -> Result<Run, Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    let (mut mine, mut other, mut rates, mut costs) = (vec![], vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        let first = round % 2 == 0;
        let (one, two) = (run(first)?, run(!first)?);
        let (ours, twin) = if first { (one, two) } else { (two, one) };
        mine.push(ours.0);
        other.push(twin.0);
        rates.push(ours.0 / twin.0);
        costs.push(ours.1 / twin.1);
    }
    let [mine, other, rate, cost] = [mine, other, rates, costs].map(|mut all| {
        all.sort_by(f64::total_cmp);
        (all[ROUNDS / 4], all[ROUNDS / 2], all[ROUNDS * 3 / 4])
    });
    let spread = |(low, median, high): Spread| format!("{median:.2} ({low:.2}-{high:.2})");
    println!(
        "{connections:11} {depth:5} {:9.0} {:14.0}   {:18} {}",
        mine.1,
        other.1,
        spread(rate),
        spread(cost)
    );
    Ok(())
}

/// A quarter is below the first, a half below the second, a quarter above the third.
type Spread = (f64, f64, f64);

fn cpu() -> Result<Duration, nix::Error> {
    Ok(clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID)?.into())
}

fn measure(
    count: usize,
    work: impl FnOnce() -> Result<(), Box<dyn Error>>,
) -> Result<Run, Box<dyn Error>> {
    let (begin, before) = (Instant::now(), cpu()?);
    work()?;
    let (time, cost) = (begin.elapsed(), cpu()? - before);
    let count = count as f64;
    Ok((count / time.as_secs_f64(), cost.as_secs_f64() / count))
}

/// Turns until it has fired.
fn run<T: 'static>(reactor: &mut Reactor, deferred: Deferred<T>) -> Result<T, Box<dyn Error>> {
    let found = Rc::new(RefCell::new(None));
    let keeps = Rc::clone(&found);
    deferred.on_result(move |result| *keeps.borrow_mut() = Some(result));
    loop {
        if let Some(result) = found.take() {
            return result.map_err(Into::into);
        }
        reactor.turn(Some(Duration::from_secs(1)))?;
    }
}

/// How many questions are still to be asked, and to be answered.
struct Left {
    ask: Cell<usize>,
    answer: Cell<usize>,
    failed: RefCell<Option<Failure>>,
}

// ANCHOR: pump
/// Asks, and asks again when the answer is there, until enough have been asked.
fn pump<T: 'static>(left: &Rc<Left>, ask: &Rc<dyn Fn() -> Deferred<T>>) {
    if left.ask.get() == 0 {
        return;
    }
    left.ask.set(left.ask.get() - 1);
    let (next, again) = (Rc::clone(left), Rc::clone(ask));
    ask().on_result(move |result| {
        if let Err(failure) = result {
            *next.failed.borrow_mut() = Some(failure);
        }
        next.answer.set(next.answer.get() - 1);
        pump(&next, &again);
    });
}
// ANCHOR_END: pump

fn load<T: 'static>(
    reactor: &mut Reactor,
    asks: Vec<Rc<dyn Fn() -> Deferred<T>>>,
    depth: usize,
    count: usize,
) -> Result<(), Box<dyn Error>> {
    let left = Rc::new(Left {
        ask: Cell::new(count),
        answer: Cell::new(count),
        failed: RefCell::default(),
    });
    for ask in &asks {
        for _ in 0..depth {
            pump(&left, ask);
        }
    }
    while left.answer.get() > 0 {
        reactor.turn(Some(Duration::from_secs(1)))?;
    }
    match left.failed.take() {
        Some(failure) => Err(failure.into()),
        None => Ok(()),
    }
}

fn postgres(
    server: &Server,
    prepared: bool,
    connections: usize,
    depth: usize,
    count: usize,
) -> Result<Run, Box<dyn Error>> {
    let mut reactor = Reactor::new(Os::new()?);
    let handle = reactor.handle();
    let mut asks: Vec<Rc<dyn Fn() -> Deferred<i32>>> = Vec::new();
    for _ in 0..connections {
        let connected = connect(&handle, server.settings());
        let connection: Connection = run(&mut reactor, connected)?;
        let read = |rows: Vec<databases::Row>| Ok(rows[0].get::<i32>("n")?);
        if prepared {
            let statement: Statement = run(&mut reactor, connection.prepare(SQL))?;
            asks.push(Rc::new(move || {
                let _open = &connection;
                statement.query(&[&7]).add_callback(read)
            }));
        } else {
            asks.push(Rc::new(move || {
                connection.query(SQL, &[&7]).add_callback(read)
            }));
        }
    }
    measure(count, || load(&mut reactor, asks, depth, count))
}

fn redis(
    server: &ours::RedisServer,
    connections: usize,
    depth: usize,
    count: usize,
) -> Result<Run, Box<dyn Error>> {
    let mut reactor = Reactor::new(Os::new()?);
    let handle = reactor.handle();
    let mut asks: Vec<Rc<dyn Fn() -> Deferred<_>>> = Vec::new();
    for _ in 0..connections {
        let connected = ours::connect(&handle, server.settings());
        let connection = run(&mut reactor, connected)?;
        run(&mut reactor, connection.set("poem", "Hope"))?;
        asks.push(Rc::new(move || connection.get("poem")));
    }
    measure(count, || load(&mut reactor, asks, depth, count))
}

fn tokio() -> Result<tokio::runtime::Runtime, std::io::Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// So many tasks for each client, each of which asks its share.
async fn tasks<C: Clone + 'static, F: Future<Output = ()> + 'static>(
    clients: &[C],
    depth: usize,
    count: usize,
    ask: impl Fn(C) -> F + Copy + 'static,
) -> Result<(), Box<dyn Error>> {
    let local = tokio::task::LocalSet::new();
    let left = Rc::new(Cell::new(count));
    let mut running = Vec::new();
    for client in clients {
        for _ in 0..depth {
            let (left, client) = (Rc::clone(&left), client.clone());
            running.push(local.spawn_local(async move {
                while left.get() > 0 {
                    left.set(left.get() - 1);
                    ask(client.clone()).await;
                }
            }));
        }
    }
    local
        .run_until(async {
            for task in running {
                task.await?;
            }
            Ok(())
        })
        .await
}

fn twin_postgres(
    server: &Server,
    prepared: bool,
    connections: usize,
    depth: usize,
    count: usize,
) -> Result<Run, Box<dyn Error>> {
    let runtime = tokio()?;
    let config = databases_lab::config(server.settings());
    let mut clients = Vec::new();
    for _ in 0..connections {
        let (client, connection) = runtime.block_on(config.connect(NoTls))?;
        runtime.spawn(connection);
        let statement = runtime.block_on(client.prepare(SQL))?;
        clients.push((Rc::new(client), statement));
    }
    measure(count, || {
        runtime.block_on(async {
            tasks(
                &clients,
                depth,
                count,
                move |(client, statement)| async move {
                    let rows = if prepared {
                        client.query(&statement, &[&7_i32]).await
                    } else {
                        client.query_typed(SQL, &[(&7_i32, Type::INT4)]).await
                    };
                    let n: i32 = rows.expect("the server answers")[0].get("n");
                    assert_eq!(n, 7);
                },
            )
            .await
        })
    })
}

fn twin_redis(
    server: &ours::RedisServer,
    connections: usize,
    depth: usize,
    count: usize,
) -> Result<Run, Box<dyn Error>> {
    let runtime = tokio()?;
    let client = redis::Client::open(databases_lab::url(server.settings()))?;
    let mut clients = Vec::new();
    for _ in 0..connections {
        // Without its limit of 500 ms for each reply: ours has none, either.
        let config = redis::AsyncConnectionConfig::new().set_response_timeout(None);
        let made = client.get_multiplexed_async_connection_with_config(&config);
        clients.push(runtime.block_on(made)?);
    }
    measure(count, || {
        runtime.block_on(async {
            tasks(&clients, depth, count, move |mut client| async move {
                let poem: Option<Vec<u8>> = redis::AsyncCommands::get(&mut client, "poem")
                    .await
                    .expect("Redis answers");
                assert_eq!(poem.as_deref(), Some(&b"Hope"[..]));
            })
            .await
        })
    })
}

/// What it was measured on.
fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let name = name.map_or("an unknown processor", |(_, name)| name);
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or("?").to_owned();
    format!("machine: {name}, {count} processors, load {load} when it began")
}
