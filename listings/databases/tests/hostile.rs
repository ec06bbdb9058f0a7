//! A server that breaks the rules costs its connection, and nothing else. In the simulated world.
use databases::{ConnectionLost, LoginError, ProtocolError, Settings, connect};
use deferreds::{Cancelled, Failure};
use reactor::{Address, Reactor, Sim};
use std::{cell::RefCell, rc::Rc, time::Duration};
use transports::{Protocol, Transport, listen};

/// Answers the first bytes with these, whatever they were.
struct Answers(&'static [u8], bool);

impl Protocol for Answers {
    fn data_received(&mut self, transport: &Transport, _: &[u8]) -> Result<(), Failure> {
        if !std::mem::replace(&mut self.1, true) {
            transport.write(self.0);
        }
        Ok(())
    }
}

/// What `connect` fails with, or what the first question does.
fn failure(answer: &'static [u8], give_up: bool) -> Failure {
    let mut found = Vec::new();
    for world in ["1", "1,chunk=1"] {
        let mut reactor = Reactor::new(Sim::parse(world).unwrap());
        let handle = reactor.handle();
        let factory = Rc::new(move |_: &Address| Answers(answer, false));
        let port = listen(&handle, &Address::loopback(0), factory).unwrap();
        let settings = Settings {
            address: port.address().clone(),
            user: "reader".to_owned(),
            password: Some("rosebuds".to_owned()),
            database: "poems".to_owned(),
        };
        let connected = connect(&handle, &settings);
        if give_up {
            let canceller = connected.canceller();
            handle.call_later(Duration::from_secs(5), move |_| canceller.cancel());
        }
        let result = Rc::new(RefCell::new(None));
        let keeps = Rc::clone(&result);
        connected
            .add_callback(|connection| connection.query("SELECT 1", &[]))
            .on_result(move |result| {
                *keeps.borrow_mut() = Some(result);
                handle.stop().unwrap();
            });
        reactor.run().unwrap();
        found.push(result.take().unwrap().unwrap_err());
    }
    let second = found.pop().unwrap();
    assert_eq!(found[0].to_string(), second.to_string()); // however it was cut
    second
}

/// Lets everybody in.
const IN: &[u8] = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";

#[test]
fn a_length_that_nobody_would_send_takes_no_memory() {
    let failure = failure(b"D\x7f\xff\xff\xff", false);
    assert!(failure.check::<ProtocolError>().is_some(), "{failure}");
}

#[test]
fn a_length_below_its_own_four_bytes_is_an_error() {
    failure(b"D\0\0\0\x03", false);
    failure(b"Z\xff\xff\xff\xff", false);
}

#[test]
fn a_message_that_does_not_exist_is_an_error() {
    failure(b"?\0\0\0\x04", false);
}

#[test]
fn a_password_is_not_sent_in_clear_text_or_as_md5() {
    let clear = failure(b"R\0\0\0\x08\0\0\0\x03", false);
    assert_eq!(clear.check(), Some(&LoginError::Unsafe));
    let md5 = failure(b"R\0\0\0\x0c\0\0\0\x05salt", false);
    assert_eq!(md5.check(), Some(&LoginError::Unsafe));
}

#[test]
fn a_server_that_asks_for_scram_must_prove_itself_before_it_says_yes() {
    let failure = failure(
        b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0R\0\0\0\x08\0\0\0\0",
        false,
    );
    assert_eq!(failure.check(), Some(&LoginError::Unproven));
}

#[test]
fn a_server_may_not_ask_for_hours_of_hashing() {
    let failure = failure(
        b"R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0\0R\0\0\0\x1f\0\0\0\x0br=x,s=YQ==,i=4294967295",
        false,
    );
    assert_eq!(failure.check(), Some(&LoginError::TooSlow));
}

#[test]
fn a_server_that_is_ready_before_it_has_let_anybody_in_is_an_error() {
    let before = failure(b"Z\0\0\0\x05I", false);
    assert!(before.check::<ProtocolError>().is_some(), "{before}");
}

#[test]
fn a_row_that_nobody_described_is_an_error_and_the_question_fails() {
    let mut answer = IN.to_vec();
    answer.extend(b"D\0\0\0\x0b\0\x01\0\0\0\x01x");
    let failure = failure(answer.leak(), false);
    assert!(failure.check::<ConnectionLost>().is_some(), "{failure}");
}

#[test]
fn a_silent_server_can_be_given_up() {
    let failure = failure(b"", true);
    assert!(failure.check::<Cancelled>().is_some(), "{failure}");
}

#[test]
fn an_answer_to_no_question_is_an_error() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let mut answer = IN.to_vec();
    answer.extend(b"Z\0\0\0\x05I");
    let answer: &'static [u8] = answer.leak();
    let factory = Rc::new(move |_: &Address| Answers(answer, false));
    let port = listen(&handle, &Address::loopback(0), factory).unwrap();
    let settings = Settings {
        address: port.address().clone(),
        user: "reader".to_owned(),
        password: None,
        database: "poems".to_owned(),
    };
    // It asks nothing; a second later the connection is gone.
    let connection = Rc::new(RefCell::new(None));
    let keeps = Rc::clone(&connection);
    connect(&handle, &settings).on_result(move |result| *keeps.borrow_mut() = result.ok());
    handle.call_later(Duration::from_secs(1), |handle| handle.stop().unwrap());
    reactor.run().unwrap();
    let connection = connection.take().expect("it was let in");
    assert!(connection.is_lost());
}

/// What the first command of a Redis client fails with.
fn redis(answer: &'static [u8]) -> Failure {
    use databases::redis::{RedisSettings, connect};
    let mut reactor = Reactor::new(Sim::parse("1,chunk=1").unwrap());
    let handle = reactor.handle();
    let factory = Rc::new(move |_: &Address| Answers(answer, false));
    let port = listen(&handle, &Address::loopback(0), factory).unwrap();
    let settings = RedisSettings {
        address: port.address().clone(),
        user: None,
        password: None,
        database: 0,
    };
    let result = Rc::new(RefCell::new(None));
    let keeps = Rc::clone(&result);
    connect(&handle, &settings)
        .add_callback(|redis| {
            let (first, second) = (redis.get("poem"), redis.get("poem"));
            first.add_both(|_| second.add_both(|result| result))
        })
        .on_result(move |result| {
            *keeps.borrow_mut() = Some(result);
            handle.stop().unwrap();
        });
    reactor.run().unwrap();
    result.take().unwrap().unwrap_err()
}

#[test]
fn a_redis_that_breaks_the_rules_costs_its_connection() {
    use databases::redis::{RedisError, RedisLost};
    for answer in [
        &b"$9999999999\r\n"[..],
        b"*4294967295\r\n",
        b"HTTP/1.1 400\r\n",
        b"+OK\n",
    ] {
        let failure = redis(answer);
        let text = answer.escape_ascii();
        assert!(failure.check::<RedisLost>().is_some(), "{text}: {failure}");
    }
    // An error in its place is no such thing.
    let refused = redis(b"-ERR no\r\n-NOPE still not\r\n");
    assert_eq!(refused.check::<RedisError>().unwrap().code(), "NOPE");
}
