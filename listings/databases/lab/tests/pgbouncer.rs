//! Behind pgbouncer in transaction mode: named statements get lost, questions without a name work.
use databases::{
    Connection, ConnectionPool, DatabaseError, PoolOptions, Server, Settings, connect,
};
use deferreds::{Deferred, Failure};
use reactor::{Address, Os, Reactor};
use std::{
    cell::RefCell,
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    rc::Rc,
    thread,
    time::Duration,
};

/// pgbouncer, with few connections to the server for all its clients.
struct Bouncer {
    child: Child,
    settings: Settings,
    _folder: tempfile::TempDir,
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may be gone
        let _ = self.child.wait();
    }
}

fn bouncer(server: &Server, connections: u32) -> Bouncer {
    let by_tcp = server.by_tcp();
    let Address::Inet(to) = by_tcp.address else {
        panic!("{}", by_tcp.address)
    };
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let password = by_tcp.password.as_deref().unwrap();
    let file = folder.path().join("pgbouncer.ini");
    let text = format!(
        "[databases]\npostgres = host=127.0.0.1 port={} user=postgres password={password}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
         auth_type = any\nadmin_users = postgres\npool_mode = transaction\n\
         default_pool_size = {connections}\nmax_prepared_statements = 0\n",
        to.port()
    );
    let start = |text: &str| {
        fs::write(&file, text).unwrap();
        let binary = ["/usr/sbin/pgbouncer", "/opt/homebrew/bin/pgbouncer"];
        let found = binary.iter().find(|path| Path::new(path).is_file());
        let mut command = Command::new(found.unwrap_or(&"pgbouncer"));
        if fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
        {
            command.args(["-u", "nobody"]); // it does not run as root
        }
        command
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = command
            .spawn()
            .expect("pgbouncer is installed: ci/setup does it");
        for _ in 0..3000 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(child);
            }
            if !matches!(child.try_wait(), Ok(None)) {
                return None;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("pgbouncer does not listen");
    };
    // Before 1.21 it does not know the option and stops.
    let older = text.replace("max_prepared_statements = 0\n", "");
    let child = start(&text)
        .or_else(|| start(&older))
        .expect("pgbouncer starts");
    Bouncer {
        child,
        settings: Settings {
            address: Address::loopback(port),
            user: "postgres".to_owned(),
            password: None,
            database: "postgres".to_owned(),
        },
        _folder: folder,
    }
}

fn run<T: 'static>(reactor: &mut Reactor, deferred: Deferred<T>) -> Result<T, Failure> {
    let found = Rc::new(RefCell::new(None));
    let keeps = Rc::clone(&found);
    deferred.on_result(move |result| *keeps.borrow_mut() = Some(result));
    for _ in 0..60_000 {
        if let Some(result) = found.take() {
            return result;
        }
        reactor.turn(Some(Duration::from_millis(10))).unwrap();
    }
    panic!("nothing has fired");
}

#[test]
fn a_named_statement_is_taken_already_and_a_question_without_a_name_works() {
    let server = Server::temporary().unwrap();
    let bouncer = bouncer(&server, 1);
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let mut one = || -> Connection {
        let connected = connect(&handle, &bouncer.settings);
        run(&mut reactor, connected).unwrap()
    };
    let (first, second) = (one(), one());
    let kept = run(&mut reactor, first.prepare("SELECT 1")).unwrap();
    let taken = run(&mut reactor, second.prepare("SELECT 2")).unwrap_err();
    let error = taken
        .check::<DatabaseError>()
        .expect("an error of the database");
    assert_eq!(error.code, "42P05", "{error}"); // prepared statement "s0" already exists

    // What `query` sends has no name, so every server will do.
    for connection in [&first, &second] {
        let rows = run(&mut reactor, connection.query("SELECT $1::int AS n", &[&7])).unwrap();
        assert_eq!(rows[0].get::<i32>("n").unwrap(), 7);
    }
    drop(kept);
    let options = PoolOptions::default();
    let pool = ConnectionPool::new(&handle, &bouncer.settings, options);
    let work = pool.run_interaction(|tx| {
        let made = tx.operation("CREATE TEMPORARY TABLE t (n int) ON COMMIT DROP", &[]);
        made.add_callback(move |_| tx.operation("INSERT INTO t VALUES ($1)", &[&1]))
    });
    assert_eq!(run(&mut reactor, work).unwrap(), 1);
}

#[test]
fn a_named_statement_is_missing_on_another_server_connection() {
    let server = Server::temporary().unwrap();
    let bouncer = bouncer(&server, 2);
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let mut one = || -> Connection {
        let connected = connect(&handle, &bouncer.settings);
        run(&mut reactor, connected).unwrap()
    };
    let (first, second) = (one(), one());
    let kept = run(&mut reactor, first.prepare("SELECT 1 AS n")).unwrap();
    let rows = run(&mut reactor, kept.query(&[])).unwrap(); // as long as it is the same one
    assert_eq!(rows[0].get::<i32>("n").unwrap(), 1);
    // The only connection to the server that there is goes to the second client, and stays with it
    // until COMMIT.
    run(&mut reactor, second.operation("BEGIN", &[])).unwrap();
    let missing = run(&mut reactor, kept.query(&[])).unwrap_err();
    let error = missing
        .check::<DatabaseError>()
        .expect("an error of the database");
    assert_eq!(error.code, "26000", "{error}"); // prepared statement "s0" does not exist

    // The other cure: what is prepared inside a transaction is used on the connection on which it
    // was prepared.
    run(&mut reactor, first.operation("BEGIN", &[])).unwrap();
    let inside = run(&mut reactor, first.prepare("SELECT 2 AS n")).unwrap();
    let rows = run(&mut reactor, inside.query(&[])).unwrap();
    assert_eq!(rows[0].get::<i32>("n").unwrap(), 2);
    drop(inside); // forgotten on the same connection, before anybody else has it
    run(&mut reactor, first.operation("COMMIT", &[])).unwrap();
    run(&mut reactor, second.operation("COMMIT", &[])).unwrap();
}

#[test]
fn the_simple_protocol_works_behind_it_and_in_its_console() {
    let server = Server::temporary().unwrap();
    let bouncer = bouncer(&server, 1);
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let connected = connect(&handle, &bouncer.settings);
    let connection = run(&mut reactor, connected).unwrap();
    let answers = connection.simple_query("SELECT 1 AS n; SELECT 2 AS n");
    let answers = run(&mut reactor, answers).unwrap();
    assert_eq!(answers[1].rows()[0].get("n").unwrap(), Some("2"));

    // The console of pgbouncer takes nothing else.
    let settings = Settings {
        database: "pgbouncer".to_owned(),
        ..bouncer.settings.clone()
    };
    let connected = connect(&handle, &settings);
    let console = run(&mut reactor, connected).unwrap();
    let shown = run(&mut reactor, console.simple_query("SHOW DATABASES")).unwrap();
    let names = shown[0]
        .rows()
        .iter()
        .map(|row| row.get("name").unwrap().unwrap());
    assert!(names.into_iter().any(|name| name == "postgres"));
}
