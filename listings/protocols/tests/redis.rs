//! A small Redis without I/O: every command, twice and in the wrong order, and what is none.
mod clients;

use clients::{Clients, SECOND, answers};
use protocols::RedisBounds;
use std::time::Duration;

#[test]
fn texts() {
    let said = answers(&[
        "GET hope",
        "SET hope feathers",
        "get hope",
        "SET hope wind NX",
        "SET wind x XX",
        "SET wind x nx",
        "EXISTS hope wind hope none",
        "DEL hope none hope",
        "GET hope",
        "DBSIZE",
    ]);
    let expected = [
        "$-1\r\n",
        "+OK\r\n",
        "$8\r\nfeathers\r\n",
        "$-1\r\n",
        "$-1\r\n",
        "+OK\r\n",
        ":3\r\n",
        ":1\r\n",
        "$-1\r\n",
        ":1\r\n",
    ];
    assert_eq!(said, expected);
}

#[test]
fn numbers() {
    let said = answers(&[
        "INCR n",
        "INCR n",
        "GET n",
        "SET n 9223372036854775807",
        "INCR n",
        "SET n 01",
        "INCR n",
        "LPUSH l a",
        "INCR l",
        "GET l",
        "LPUSH n x",
    ]);
    assert_eq!(said[..4], [":1\r\n", ":2\r\n", "$1\r\n2\r\n", "+OK\r\n"]);
    assert_eq!(said[4], "-ERR increment or decrement would overflow\r\n");
    assert_eq!(said[6], "-ERR value is not an integer or out of range\r\n");
    for wrong in &said[8..] {
        assert!(wrong.starts_with("-WRONGTYPE "), "{wrong}");
    }
}

#[test]
fn what_is_no_command() {
    let said = answers(&[
        "FROB",
        "GET",
        "GET a b",
        "SET k v EX",
        "SET k v EX 0",
        "SET k v PX -5",
        "SET k v EX many",
        "SET k v NX XX",
        "SET k v EX 5 PX 5",
        "SET k v KEEPTTL",
        "SET k v EX 9223372036854775807",
        "EXPIRE k 9223372036854775807",
        "SELECT 16",
        "SELECT -1",
        "SELECT x",
        "BLPOP l x",
        "BLPOP l -1",
        "BLPOP l nan",
        "PING a b",
        "GET k",
    ]);
    assert_eq!(said[0], "-ERR unknown command 'FROB'\r\n");
    assert_eq!(
        said[1],
        "-ERR wrong number of arguments for 'get' command\r\n"
    );
    assert_eq!(said[1], said[2]);
    let set_time = "-ERR invalid expire time in 'set' command\r\n";
    assert_eq!([&said[4], &said[5], &said[10]], [set_time; 3]);
    for (line, answer) in said[..19].iter().enumerate() {
        assert!(answer.starts_with("-ERR "), "{line}: {answer}");
    }
    assert_eq!(said[19], "$-1\r\n", "none of them did anything");
}

#[test]
fn an_unknown_name_puts_no_line_of_its_own_into_the_answer() {
    let mut redis = Clients::new(RedisBounds::default());
    let client = redis.connected();
    redis.command(client, &["X\r\n+OK"]);
    assert_eq!(redis.text(client), "-ERR unknown command 'X  +OK'\r\n");
}

#[test]
fn keys_end_at_their_time_and_are_not_kept_until_somebody_asks() {
    let mut redis = Clients::new(RedisBounds::default());
    let client = redis.connected();
    for line in [
        "SET a 1 PX 1500",
        "SET b 1 EX 2",
        "SET c 1",
        "EXPIRE c 3",
        "SET d 1 EX 1",
        "SET d 2",
    ] {
        redis.line(client, line);
    }
    redis.text(client);
    redis.line(client, "TTL a");
    redis.line(client, "PTTL a");
    redis.line(client, "TTL d");
    redis.line(client, "TTL none");
    assert_eq!(
        redis.text(client),
        ":2\r\n:1500\r\n:-1\r\n:-2\r\n",
        "d was set again, and stays"
    );
    assert_eq!(redis.until_deadline(), Some(Duration::from_millis(1500)));
    let used = redis.redis.memory();
    redis.pass(Duration::from_millis(1500));
    assert!(redis.redis.memory() < used, "nobody has asked for a");
    redis.line(client, "EXISTS a b c d");
    redis.line(client, "PERSIST c");
    redis.line(client, "PERSIST c");
    redis.line(client, "EXPIRE b -1");
    redis.line(client, "EXPIRE b 5");
    assert_eq!(redis.text(client), ":3\r\n:1\r\n:0\r\n:1\r\n:0\r\n");
    assert_eq!(redis.until_deadline(), None);
}

#[test]
fn incr_keeps_the_time_and_databases_are_apart() {
    let said = answers(&[
        "SET n 1 EX 9",
        "INCR n",
        "TTL n",
        "SELECT 3",
        "GET n",
        "SET n three",
        "SELECT 0",
        "GET n",
        "SELECT 3",
        "FLUSHDB",
        "GET n",
        "SELECT 0",
        "GET n",
        "FLUSHALL",
        "GET n",
    ]);
    assert_eq!(said[2], ":9\r\n");
    assert_eq!([&said[4], &said[7]], ["$-1\r\n", "$1\r\n2\r\n"]);
    assert_eq!(
        [&said[10], &said[12], &said[14]],
        ["$-1\r\n", "$1\r\n2\r\n", "$-1\r\n"]
    );
}

#[test]
fn the_answers_are_the_same_for_every_cut() {
    let stream: &[u8] = b"PING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*0\r\n\
        MULTI\r\nINCR n\r\nGET k\r\nEXEC\r\nLPUSH l a b\r\nBLPOP l 0\r\nSUBSCRIBE c\r\nUNSUBSCRIBE\r\nQUIT\r\nPING\r\n";
    let fed = |pieces: &[&[u8]]| {
        let mut redis = Clients::new(RedisBounds::default());
        let client = redis.connected();
        for piece in pieces {
            redis.bytes(client, piece);
        }
        (redis.text(client), redis.is_closed(client))
    };
    let whole = fed(&[stream]);
    assert!(whole.0.ends_with("+OK\r\n") && whole.1, "{whole:?}");
    for at in 0..=stream.len() {
        assert_eq!(fed(&[&stream[..at], &stream[at..]]), whole, "cut at {at}");
    }
    assert_eq!(fed(&stream.chunks(1).collect::<Vec<_>>()), whole);
}

#[test]
fn what_is_no_resp_is_told_and_closed_and_nothing_behind_it_runs() {
    let wrong: [(&[u8], &str); 5] = [
        (b"*1\r\n:5\r\n", "expected an array of bulks"),
        (b"*1\r\n*1\r\n$1\r\nx\r\n", "more than 1 deep"),
        (b"*-7\r\n", "number"),
        (b"*2\r\n$3\r\nGETx\r\n", "CR LF"),
        (b"$999999999999\r\n", "longer than"),
    ];
    for (bytes, says) in wrong {
        let mut redis = Clients::new(RedisBounds::default());
        let client = redis.connected();
        redis.bytes(client, bytes);
        redis.bytes(client, b"\r\nSET k v\r\n");
        let text = redis.text(client);
        assert!(
            text.starts_with("-ERR Protocol error: ") && text.contains(says),
            "{text}"
        );
        assert!(redis.is_closed(client));
        assert_eq!(redis.redis.memory(), 0, "nothing was set");
    }
}

#[test]
fn a_browser_is_sent_away_before_its_body_is_run() {
    let mut redis = Clients::new(RedisBounds::default());
    let client = redis.connected();
    redis.bytes(
        client,
        b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nSET k v\r\n",
    );
    assert!(redis.is_closed(client));
    assert_eq!(redis.redis.memory(), 0);
}

#[test]
fn after_the_end_nothing_is_heard() {
    let mut redis = Clients::new(RedisBounds::default());
    let client = redis.connected();
    redis.bytes(client, b"QUIT\r\nSET k v\r\n");
    redis.line(client, "SET k v");
    assert_eq!(
        (redis.text(client).as_str(), redis.redis.memory()),
        ("+OK\r\n", 0)
    );
    redis.redis.disconnected(client);
    redis.line(client, "SET k v");
    redis.pass(SECOND);
    assert_eq!((redis.text(client).as_str(), redis.redis.memory()), ("", 0));
}
