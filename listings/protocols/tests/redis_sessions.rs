//! A small Redis without I/O: transactions, lists that are waited for, channels.
mod clients;

use clients::{Clients, SECOND, answers};
use protocols::RedisBounds;
use std::time::Duration;

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

/// What `EXEC` says when `WATCH k` came first and another client did this meanwhile.
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
