//! On a real server: questions, NULL, errors and their SQLSTATE, logging in, a server that crashes.
use databases::{
    ColumnError, Connection, ConnectionLost, DatabaseError, LoginError, Row, Server, Settings,
    connect,
};
use deferreds::{Deferred, Failure, gather_results};
use reactor::{Handle, Os, Reactor};
use std::{cell::RefCell, rc::Rc};

/// Runs until what `main` returns is there. A test that hangs is stopped by the runner.
fn run<T: 'static>(main: impl FnOnce(&Handle) -> Deferred<T>) -> Result<T, Failure> {
    let mut reactor = Reactor::new(Os::new().unwrap());
    let handle = reactor.handle();
    let found = Rc::new(RefCell::new(None));
    let keeps = Rc::clone(&found);
    let stops = handle.clone();
    main(&handle).on_result(move |result| {
        *keeps.borrow_mut() = Some(result);
        stops.stop().unwrap();
    });
    reactor.run().unwrap();
    found.take().unwrap()
}

/// Logs in and asks.
fn ask(
    settings: &Settings,
    question: impl FnOnce(&Connection) -> Deferred<Vec<Row>> + 'static,
) -> Result<Vec<Row>, Failure> {
    run(|handle| connect(handle, settings).add_callback(move |connection| question(&connection)))
}

fn code(failure: &Failure) -> &str {
    match failure.check::<DatabaseError>() {
        Some(error) => &error.code,
        None => panic!("no error of the database: {failure}"),
    }
}

#[test]
fn rows_come_back_in_rusts_types_and_null_is_none() {
    let server = Server::temporary().unwrap();
    let rows = ask(server.settings(), |connection| {
        let sql = "SELECT n, $1 || n AS word, NULL::text AS nothing, n = 2 AS two, 0.5::float8 * n AS half
                   FROM generate_series(1, 3) AS n";
        connection.query(sql, &[&"it's 'quoted'; "])
    })
    .unwrap();

    assert_eq!(rows.len(), 3);
    let row = &rows[1];
    assert_eq!(row.get::<i32>("n").unwrap(), 2);
    assert_eq!(row.get::<String>("word").unwrap(), "it's 'quoted'; 2");
    assert_eq!(row.get::<Option<String>>("nothing").unwrap(), None);
    assert!(row.get::<bool>("two").unwrap());
    assert_eq!(row.get::<f64>("half").unwrap(), 1.0);
    let columns: Vec<_> = row.columns().collect();
    assert_eq!(columns, ["n", "word", "nothing", "two", "half"]);

    let says = |error: ColumnError| error.to_string();
    let null = says(row.get::<String>("nothing").unwrap_err());
    assert!(null.contains("\"nothing\""), "{null}");
    let wrong = says(row.get::<String>("n").unwrap_err());
    assert!(wrong.contains("int4 does not become"), "{wrong}");
    let none = says(row.get::<i32>("m").unwrap_err());
    assert!(none.contains("there are: n, word"), "{none}");
}

#[test]
fn null_goes_in_and_an_empty_text_is_not_null() {
    let server = Server::temporary().unwrap();
    let rows = ask(server.settings(), |connection| {
        let sql = "SELECT $1::text IS NULL AS first, $2::text IS NULL AS second";
        connection.query(sql, &[&None::<&str>, &""])
    })
    .unwrap();
    assert!(rows[0].get::<bool>("first").unwrap());
    assert!(!rows[0].get::<bool>("second").unwrap());
}

#[test]
fn a_refused_question_has_its_code_and_the_connection_goes_on() {
    let server = Server::temporary().unwrap();
    let results = run(|handle| {
        connect(handle, server.settings()).add_callback(|connection| {
            // All are sent before the first is answered.
            let asked = [
                "SELECT 1 AS n",
                "SELEC 2",
                "SELECT 1/0",
                "",
                "SELECT 5 AS n",
            ]
            .map(|sql| connection.query(sql, &[]));
            let broken = connection.query("SELECT '\0'", &[]);
            assert_eq!(connection.pending(), 5); // what cannot be sent was not
            deferreds::deferred_list(asked.into_iter().chain([broken]))
        })
    })
    .unwrap();

    let number = |at: usize| results[at].as_ref().unwrap()[0].get::<i32>("n").unwrap();
    assert_eq!(number(0), 1);
    let syntax = results[1]
        .as_ref()
        .unwrap_err()
        .check::<DatabaseError>()
        .unwrap();
    assert_eq!(
        (&*syntax.code, &*syntax.severity, syntax.position),
        ("42601", "ERROR", Some(1))
    );
    assert_eq!(code(results[2].as_ref().unwrap_err()), "22012");
    assert!(results[3].as_ref().unwrap().is_empty());
    assert_eq!(number(4), 5);
    assert!(results[5].is_err());
}

#[test]
fn scram_proves_the_password_by_tcp_and_by_socket() {
    let server = Server::temporary().unwrap();
    let by_tcp = server.by_tcp();
    ask(&by_tcp, |connection| {
        connection.query("CREATE ROLE reader LOGIN PASSWORD 'rosebuds'", &[])
    })
    .unwrap();
    let reader = |password: Option<&str>| Settings {
        user: "reader".to_owned(),
        password: password.map(str::to_owned),
        ..server.settings().clone()
    };
    let who = |connection: &Connection| connection.query("SELECT current_user::text AS me", &[]);

    let rows = ask(&reader(Some("rosebuds")), who).unwrap();
    assert_eq!(rows[0].get::<String>("me").unwrap(), "reader");
    let wrong = ask(&reader(Some("rosebud")), who).unwrap_err();
    assert_eq!(code(&wrong), "28P01");
    let wrong = Settings {
        password: Some("x".to_owned()),
        ..by_tcp.clone()
    };
    assert_eq!(code(&ask(&wrong, who).unwrap_err()), "28P01");
    let none = ask(&reader(None), who).unwrap_err();
    assert_eq!(none.check(), Some(&LoginError::NoPassword));
    let missing = Settings {
        database: "poems".to_owned(),
        ..by_tcp
    };
    assert_eq!(code(&ask(&missing, who).unwrap_err()), "3D000");
}

/// Returns when another connection is at work on a `pg_sleep`.
const WAIT_FOR_SLEEPER: &str = "DO $$ BEGIN
    WHILE NOT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep'
                      AND pid <> pg_backend_pid()) LOOP
        PERFORM pg_stat_clear_snapshot();
    END LOOP;
END $$";

#[test]
fn a_server_that_crashes_fails_all_that_is_pending_and_all_that_comes_after() {
    let mut server = Server::temporary().unwrap();
    let settings = server.settings().clone();
    let failures = run(move |handle| {
        let both = [connect(handle, &settings), connect(handle, &settings)];
        gather_results(both).add_callback(move |both| {
            let asks = both[0].clone();
            let sleeps = asks.query("SELECT pg_sleep(600)", &[]);
            let waits = asks.query("SELECT 1", &[]);
            let looks = both[1].query(WAIT_FOR_SLEEPER, &[]).add_callback(move |_| {
                server.kill();
                Ok(both)
            });
            let first = sleeps.add_both(move |result| {
                let first = result.unwrap_err();
                assert!(asks.is_lost());
                let after = asks.query("SELECT 2", &[]);
                after.add_both(move |result| Ok(vec![first, result.unwrap_err()]))
            });
            let second = waits.add_both(|result| Ok(vec![result.unwrap_err()]));
            let all = gather_results([first, second]);
            looks.add_callback(move |both| {
                all.add_both(move |all| {
                    drop(both);
                    all
                })
            })
        })
    })
    .unwrap();

    let failures: Vec<_> = failures.into_iter().flatten().collect();
    assert_eq!(failures.len(), 3);
    for failure in failures {
        assert!(failure.check::<ConnectionLost>().is_some(), "{failure}");
    }
}

#[test]
fn a_backend_that_is_ended_says_57p01() {
    let server = Server::temporary().unwrap();
    let settings = server.settings().clone();
    let failure = ask(&settings, |connection| {
        connection.query("SELECT pg_terminate_backend(pg_backend_pid())", &[])
    })
    .unwrap_err();
    let lost = failure
        .check::<ConnectionLost>()
        .expect("a lost connection");
    assert_eq!(lost.server().map(|error| &*error.code), Some("57P01"));
}

#[test]
fn a_closed_connection_answers_what_was_asked_and_takes_no_more() {
    let server = Server::temporary().unwrap();
    let rows = ask(server.settings(), |connection| {
        let before = connection.query("SELECT 1 AS n", &[]);
        connection.close();
        connection.close();
        let after = connection.query("SELECT 2 AS n", &[]);
        let failed = after.add_both(|result| {
            let failure = result.unwrap_err();
            assert!(failure.check::<ConnectionLost>().is_some(), "{failure}");
            Ok(Vec::new())
        });
        gather_results([failed, before]).add_callback(|both| Ok(both.concat()))
    })
    .unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<i32>("n").unwrap(), 1);
}

#[test]
fn a_server_that_is_dropped_leaves_no_folder() {
    let server = Server::temporary().unwrap();
    let socket = match &server.settings().address {
        reactor::Address::Unix(path) => path.clone(),
        other => panic!("{other}"),
    };
    let folder = socket.parent().unwrap().to_owned();
    assert!(socket.exists());
    drop(server);
    assert!(!folder.exists());
}

#[test]
fn an_answer_of_more_than_64_mib_ends_the_connection_and_not_the_program() {
    let server = Server::temporary().unwrap();
    let failure = ask(server.settings(), |connection| {
        let sql = "SELECT repeat('rosebuds', 131072) FROM generate_series(1, 64)";
        connection.query(sql, &[])
    })
    .unwrap_err();
    assert!(failure.check::<ConnectionLost>().is_some(), "{failure}");
    assert!(failure.to_string().contains("LIMIT"), "{failure}");
}
