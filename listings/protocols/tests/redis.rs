//! A small Redis without I/O: every command, twice and in the wrong order; transactions, waiting, channels; bounds.
mod clients;

use clients::{Clients, SECOND};
use protocols::{RedisBounds, RespValue};
use std::time::Duration;

/// The answers to commands in lines, one client, as text on the wire.
fn answers(lines: &[&str]) -> Vec<String> {
    let mut redis = Clients::new(RedisBounds::default());
    let client = redis.connected();
    let ask = |line: &&str| {
        redis.line(client, line);
        redis.text(client)
    };
    lines.iter().map(ask).collect()
}

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
fn a_transaction_runs_as_a_whole_or_not_at_all() {
    let said = answers(&[
        "MULTI",
        "INCR n",
        "LPUSH l x",
        "GET l",
        "EXEC",
        "GET n",
        "EXEC",
        "DISCARD",
        "MULTI",
        "MULTI",
        "INCR n",
        "DISCARD",
        "GET n",
        "MULTI",
        "INCR n",
        "FROB",
        "EXEC",
        "MULTI",
        "GET",
        "EXEC",
        "GET n",
    ]);
    let queued = "+QUEUED\r\n";
    assert_eq!(said[..4], ["+OK\r\n", queued, queued, queued]);
    assert!(
        said[4].starts_with("*3\r\n:1\r\n:1\r\n-WRONGTYPE "),
        "one that fails stops no other: {}",
        said[4]
    );
    assert_eq!(said[6], "-ERR EXEC without MULTI\r\n");
    assert_eq!(said[7], "-ERR DISCARD without MULTI\r\n");
    assert_eq!(said[9], "-ERR MULTI calls can not be nested\r\n");
    assert_eq!(said[12], "$1\r\n1\r\n");
    assert!(said[16].starts_with("-EXECABORT") && said[19].starts_with("-EXECABORT"));
    assert_eq!(said[20], "$1\r\n1\r\n");
}

/// What `EXEC` says when `WATCH k` came first and somebody did this meanwhile.
fn watched(before: &[&str], meanwhile: &[&str], pause: Duration) -> String {
    let mut redis = Clients::new(RedisBounds::default());
    let [one, other] = [redis.connected(), redis.connected()];
    before.iter().for_each(|line| redis.line(one, line));
    redis.line(one, "WATCH k k");
    meanwhile.iter().for_each(|line| redis.line(other, line));
    redis.pass(pause);
    redis.line(one, "MULTI");
    redis.line(one, "SET done 1");
    redis.text(one);
    redis.line(one, "EXEC");
    redis.text(one)
}

#[test]
fn watch_notices_every_kind_of_change() {
    let (done, nothing) = ("*1\r\n+OK\r\n", "*-1\r\n");
    let changes: [(&[&str], &[&str], &str); 10] = [
        (&[], &[], done),
        (
            &["SET k 1"],
            &["GET k", "SET other 1", "TTL k", "SET k 2 NX"],
            done,
        ),
        (&["SET k 1"], &["SET k 1"], nothing),
        (&[], &["SET k 1"], nothing),
        (&[], &["SET k 1", "DEL k"], nothing),
        (&["SET k 1"], &["DEL k"], nothing),
        (&["SET k 1"], &["EXPIRE k 9"], nothing),
        (&["LPUSH k 1"], &["BLPOP k 0"], nothing),
        (&["SET k 1"], &["FLUSHDB"], nothing),
        (&["SET k 1"], &["SELECT 1", "SET k 2", "FLUSHDB"], done),
    ];
    for (before, meanwhile, says) in changes {
        assert_eq!(
            watched(before, meanwhile, Duration::ZERO),
            says,
            "{meanwhile:?}"
        );
    }
    assert_eq!(watched(&["SET k 1 EX 5"], &[], SECOND * 4), done);
    assert_eq!(
        watched(&["SET k 1 EX 5"], &[], SECOND * 5),
        nothing,
        "its end is a change"
    );
}

#[test]
fn watching_ends_with_exec_with_unwatch_and_with_the_connection() {
    let said = answers(&["WATCH k", "SET k 1", "UNWATCH", "MULTI", "PING", "EXEC"]);
    assert_eq!(said[5], "*1\r\n+PONG\r\n");
    let said = answers(&[
        "WATCH k", "MULTI", "WATCH k", "EXEC", "SET k 1", "MULTI", "PING", "EXEC",
    ]);
    assert_eq!(said[2], "-ERR WATCH inside MULTI is not allowed\r\n");
    assert_eq!(said[7], "*1\r\n+PONG\r\n");
    let mut redis = Clients::new(RedisBounds::default());
    let [gone, other] = [redis.connected(), redis.connected()];
    redis.line(gone, "WATCH k");
    redis.redis.disconnected(gone);
    redis.redis.disconnected(gone);
    redis.line(other, "SET k 1");
    assert_eq!(
        (redis.text(other).as_str(), redis.redis.clients()),
        ("+OK\r\n", 1)
    );
}

#[test]
fn who_waits_longest_is_served_first_and_goes_on_with_its_commands() {
    let mut redis = Clients::new(RedisBounds::default());
    let [first, second, pushes] = [(); 3].map(|()| redis.connected());
    redis.bytes(first, b"BLPOP other l 0\r\nPING\r\n");
    redis.line(second, "BLPOP l 0");
    assert_eq!(redis.text(first), "", "what came behind it waits, too");
    redis.line(pushes, "RPUSH l a");
    assert_eq!(redis.text(pushes), ":1\r\n");
    assert_eq!(redis.text(first), "*2\r\n$1\r\nl\r\n$1\r\na\r\n+PONG\r\n");
    redis.line(pushes, "LPUSH l b c");
    assert_eq!(redis.text(pushes), ":2\r\n", "as long as the list was");
    assert_eq!(
        redis.text(second),
        "*2\r\n$1\r\nl\r\n$1\r\nc\r\n",
        "the front when the command was done"
    );
    redis.line(pushes, "LLEN l");
    assert_eq!(redis.text(pushes), ":1\r\n");
}

#[test]
fn patience_ends_and_a_value_is_never_given_to_somebody_who_has_gone() {
    let mut redis = Clients::new(RedisBounds::default());
    let [gone, waits, pushes] = [(); 3].map(|()| redis.connected());
    redis.line(gone, "BLPOP l 0");
    redis.line(waits, "BLPOP l l 0.5");
    redis.redis.disconnected(gone);
    assert_eq!(redis.until_deadline(), Some(Duration::from_millis(500)));
    redis.pass(Duration::from_millis(499));
    assert_eq!(redis.text(waits), "");
    redis.pass(Duration::from_millis(1));
    assert_eq!(redis.text(waits), "*-1\r\n");
    redis.line(pushes, "LPUSH l a");
    redis.line(pushes, "LLEN l");
    assert_eq!(redis.text(pushes), ":1\r\n:1\r\n", "nobody waits any more");
    assert_eq!(redis.until_deadline(), None);
}

#[test]
fn nothing_waits_in_a_transaction_and_waiters_are_served_after_it() {
    let mut redis = Clients::new(RedisBounds::default());
    let [waits, other] = [(); 2].map(|()| redis.connected());
    redis.line(waits, "BLPOP l 0");
    redis.bytes(
        other,
        b"MULTI\r\nBLPOP l 0\r\nLPUSH l a\r\nLPOP l\r\nLPUSH l b\r\nEXEC\r\n",
    );
    assert!(
        redis
            .text(other)
            .ends_with("*4\r\n*-1\r\n:1\r\n$1\r\na\r\n:1\r\n")
    );
    assert_eq!(redis.text(waits), "*2\r\n$1\r\nl\r\n$1\r\nb\r\n");
}

#[test]
fn channels() {
    let mut redis = Clients::new(RedisBounds::default());
    let [hears, says] = [(); 2].map(|()| redis.connected());
    redis.line(hears, "SUBSCRIBE a b a");
    let text = redis.text(hears);
    assert!(
        text.ends_with("*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:2\r\n"),
        "{text}"
    );
    redis.line(says, "PUBLISH a hope");
    redis.line(says, "PUBLISH c hope");
    assert_eq!(redis.text(says), ":1\r\n:0\r\n");
    assert_eq!(
        redis.text(hears),
        "*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$4\r\nhope\r\n"
    );
    redis.line(hears, "GET k");
    assert!(redis.text(hears).starts_with("-ERR Can't execute 'get'"));
    redis.line(hears, "PING");
    assert_eq!(redis.text(hears), "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
    redis.line(hears, "UNSUBSCRIBE a none");
    assert!(redis.text(hears).ends_with("$4\r\nnone\r\n:1\r\n"));
    redis.line(hears, "UNSUBSCRIBE");
    redis.line(hears, "UNSUBSCRIBE");
    assert!(
        redis
            .text(hears)
            .ends_with("*3\r\n$11\r\nunsubscribe\r\n$-1\r\n:0\r\n")
    );
    redis.line(hears, "GET k");
    assert_eq!(redis.text(hears), "$-1\r\n");
    redis.line(hears, "MULTI");
    redis.line(hears, "SUBSCRIBE a");
    redis.line(hears, "EXEC");
    assert!(redis.text(hears).ends_with("previous errors.\r\n"));
    redis.line(hears, "SUBSCRIBE a");
    redis.redis.disconnected(hears);
    redis.line(says, "PUBLISH a hope");
    assert_eq!(redis.text(says), ":0\r\n");
}

/// The bytes of one command.
fn written(words: &[&[u8]]) -> Vec<u8> {
    RespValue::command(words).written()
}

#[test]
fn memory_is_bounded_exactly_and_counted_back_to_nothing() {
    let bounds = RedisBounds {
        memory: 10_000,
        ..RedisBounds::default()
    };
    let mut redis = Clients::new(bounds);
    let client = redis.connected();
    let set = |redis: &mut Clients, key: &str, length: usize| {
        let value = vec![b'v'; length];
        redis.bytes(client, &written(&[b"SET", key.as_bytes(), &value]));
        redis.text(client)
    };
    set(&mut redis, "k", 0);
    let empty = redis.redis.memory();
    assert_eq!(
        set(&mut redis, "k", 10_000 - empty),
        "+OK\r\n",
        "as much as the limit"
    );
    assert_eq!(redis.redis.memory(), 10_000);
    assert!(set(&mut redis, "l", 0).starts_with("-OOM "));
    assert!(set(&mut redis, "k", 10_001 - empty).starts_with("-OOM "));
    assert_eq!(set(&mut redis, "k", 10), "+OK\r\n", "smaller is allowed");
    for line in [
        "LPUSH l a bb ccc",
        "RPUSH l d",
        "LPOP l",
        "SET x 1 EX 5",
        "INCR x",
        "DEL k",
        "BLPOP l 0",
    ] {
        redis.line(client, line);
    }
    for line in ["LPUSH l2 a", "DEL l2", "FLUSHALL"] {
        redis.line(client, line);
    }
    assert_eq!(redis.redis.memory(), 0);
    assert_eq!(redis.until_deadline(), None);
}

#[test]
fn what_a_connection_holds_is_bounded_and_given_back() {
    let bounds = RedisBounds {
        held: 10_000,
        ..RedisBounds::default()
    };
    type Holds = fn(usize) -> String;
    let begins: [(&str, Holds); 3] = [
        ("MULTI", |_| "PING".to_owned()),
        ("PING", |n| format!("WATCH {n}")),
        ("PING", |n| format!("SUBSCRIBE {n}")),
    ];
    for (begin, hold) in begins {
        let mut redis = Clients::new(bounds);
        let client = redis.connected();
        redis.line(client, begin);
        let held = (0..1000).take_while(|n| {
            redis.line(client, &hold(*n));
            !redis
                .text(client)
                .contains("-ERR this connection holds too much")
        });
        let held = held.count();
        assert!((50..100).contains(&held), "{begin}: {held}");
        for line in ["EXEC", "UNWATCH", "UNSUBSCRIBE", "MULTI"] {
            redis.line(client, line);
        }
        redis.text(client);
        redis.line(client, "PING");
        assert_eq!(
            redis.text(client),
            "+QUEUED\r\n",
            "{begin}: there is room again"
        );
    }
}

#[test]
fn a_client_that_reads_nothing_is_paused_and_a_listener_is_cut_off() {
    let mut redis = Clients::new(RedisBounds::default());
    let [slow, hears, says] = [(); 3].map(|()| redis.connected());
    let value = vec![b'v'; 100_000];
    redis.bytes(slow, &written(&[b"SET", b"k", &value]));
    redis.text(slow);
    redis.stop_reading(slow);
    redis.bytes(slow, &b"GET k\r\n".repeat(1000));
    let waiting = redis.waiting(slow);
    assert!(
        waiting < 300_000 && redis.is_paused(slow),
        "{waiting} bytes wait"
    );
    redis.reads_on(slow);
    assert!(!redis.is_paused(slow));
    assert_eq!(
        redis.text(slow).matches("$100000").count(),
        1000,
        "and in the end all are there"
    );

    redis.line(hears, "SUBSCRIBE c");
    redis.text(hears);
    redis.stop_reading(hears);
    let message = written(&[b"PUBLISH", b"c", &value]);
    let sent = (0..100).take_while(|_| {
        redis.bytes(says, &message);
        !redis.is_cut_off(hears)
    });
    let sent = sent.count();
    assert!(
        (9..=11).contains(&sent),
        "{sent} messages of 100 KB into 1 MiB"
    );
    let waiting = redis.waiting(hears);
    redis.bytes(says, &message);
    assert_eq!(redis.waiting(hears), waiting, "and nothing more is sent");
}

#[test]
fn exec_of_many_large_answers_is_cut_off_before_it_bloats() {
    let mut redis = Clients::new(RedisBounds::default());
    let client = redis.connected();
    redis.bytes(client, &written(&[b"SET", b"k", &vec![b'v'; 200_000]]));
    redis.line(client, "MULTI");
    (0..1000).for_each(|_| redis.line(client, "GET k"));
    redis.stop_reading(client);
    redis.line(client, "EXEC");
    assert!(redis.is_cut_off(client));
    assert!(
        redis.waiting(client) < 1_500_000,
        "{}",
        redis.waiting(client)
    );
}

#[test]
fn a_client_that_waits_may_send_one_more_command_and_is_then_read_no_more() {
    let mut redis = Clients::new(RedisBounds::default());
    let [waits, pushes] = [(); 2].map(|()| redis.connected());
    redis.line(waits, "BLPOP l 0");
    redis.bytes(waits, &b"PING\r\n".repeat(40_000));
    assert!(!redis.is_paused(waits));
    redis.bytes(waits, &b"PING\r\n".repeat(10_000));
    assert!(redis.is_paused(waits));
    redis.line(pushes, "LPUSH l a");
    assert!(!redis.is_paused(waits));
    assert_eq!(redis.text(waits).matches("+PONG").count(), 50_000);
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
