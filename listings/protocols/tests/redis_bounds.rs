//! A small Redis without I/O: whatever a client does a million times, it is bounded, and given
//! back.
mod clients;

use clients::Clients;
use protocols::{RedisBounds, RespValue};

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
