//! Redis, a real one: commands, cancels, transactions, connections that end.
mod common;
use bytes::Bytes;
use common::{World, patient, redis};
use databases::{
    News, PoolOptions,
    redis::{
        Command, NoRedis, NotShared, Redis, RedisError, RedisLost, RedisPool, RedisServer,
        RedisSettings, Subscriber, Value, connect,
    },
};
use deferreds::{Cancelled, Deferred, Failure, TimedOut, deferred_list, gather_results};
use reactor::{Address, Handle};
use std::{cell::RefCell, rc::Rc, time::Duration};
use transports::{Loss, Protocol, Transport, listen};

fn pool(world: &World, database: u32) -> RedisPool {
    RedisPool::new(&world.handle, &redis(database), patient(4))
}

#[test]
fn get_then_set_on_database_3() {
    let mut world = World::new();
    let pool = pool(&world, 3);
    assert_eq!(world.run(pool.get("poem")).unwrap(), None);
    world.run(pool.set("poem", "Hope\r\n\0")).unwrap();
    assert_eq!(world.run(pool.get("poem")).unwrap().unwrap(), "Hope\r\n\0");
    // It is in that database and in no other.
    let zero = RedisPool::new(&world.handle, &redis(0), patient(1));
    assert_eq!(world.run(zero.get("poem")).unwrap(), None);
    assert!(world.run(pool.delete("poem")).unwrap());
    assert!(!world.run(pool.delete("poem")).unwrap());
}

#[test]
fn commands_go_out_together_and_each_gets_its_own_reply() {
    let mut world = World::new();
    let redis = world.run(connect(&world.handle, &redis(4))).unwrap();
    let asked: Vec<_> = (0..1000)
        .map(|n| match n % 3 {
            0 => redis.command(&["ECHO", &n.to_string()]),
            1 => redis.command(&["NO-SUCH-COMMAND"]),
            _ => redis.command(&["INCRBY", "sum", &n.to_string()]),
        })
        .collect();
    assert_eq!(redis.pending(), 1000);
    let mut sum = 0;
    for (n, result) in world
        .run(deferred_list(asked))
        .unwrap()
        .into_iter()
        .enumerate()
    {
        let n = i64::try_from(n).unwrap();
        match n % 3 {
            0 => assert_eq!(result.unwrap(), Value::Bytes(Bytes::from(n.to_string()))),
            1 => assert_eq!(
                result.unwrap_err().check::<RedisError>().unwrap().code(),
                "ERR"
            ),
            _ => {
                sum += n;
                assert_eq!(result.unwrap(), Value::Integer(sum));
            }
        }
    }
}

/// Passes bytes on to a Redis, and its replies back a moment later.
struct Slow {
    to: Address,
    there: Rc<RefCell<Option<Transport>>>,
    early: Vec<u8>,
}

struct Back {
    client: Transport,
    there: Rc<RefCell<Option<Transport>>>,
    early: Vec<u8>,
}

impl Protocol for Slow {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        let (client, there) = (transport.clone(), Rc::clone(&self.there));
        transports::connect(
            transport.handle(),
            &self.to,
            Rc::new(move |_: &Address| Back {
                client: client.clone(),
                there: Rc::clone(&there),
                early: Vec::new(),
            }),
        );
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.early.extend_from_slice(data);
        if let Some(there) = &*self.there.borrow() {
            there.write(&self.early);
            self.early.clear();
        }
        Ok(())
    }
    fn connection_lost(&mut self, _: &Transport, _: Loss) {
        if let Some(there) = self.there.take() {
            there.abort_connection();
        }
    }
}

impl Protocol for Back {
    fn connection_made(&mut self, transport: &Transport) -> Result<(), Failure> {
        *self.there.borrow_mut() = Some(transport.clone());
        Ok(())
    }
    fn data_received(&mut self, _: &Transport, data: &[u8]) -> Result<(), Failure> {
        self.early.extend_from_slice(data);
        let (client, bytes) = (self.client.clone(), std::mem::take(&mut self.early));
        self.client
            .handle()
            .call_later(Duration::from_millis(20), move |_| client.write(bytes));
        Ok(())
    }
}

#[test]
fn a_cancelled_command_puts_no_reply_off_by_one() {
    let mut world = World::new();
    let to = redis(5);
    let there = to.address.clone();
    let factory = Rc::new(move |_: &Address| Slow {
        to: there.clone(),
        there: Rc::default(),
        early: Vec::new(),
    });
    let port = listen(&world.handle, &Address::loopback(0), factory).unwrap();
    let settings = RedisSettings {
        address: port.address().clone(),
        ..to
    };
    // What is written before the proxy has its connection is sent with the next; so ask once first.
    let connected = connect(
        &world.handle,
        &RedisSettings {
            database: 0,
            ..settings
        },
    );
    let redis = world.run(connected).unwrap();
    for _ in 0..3 {
        world.reactor.turn(Some(Duration::from_millis(20))).unwrap();
    }
    for round in 0..5 {
        let echo = |n: usize| redis.command(&["ECHO", &format!("{round}/{n}")]);
        let (first, second, third) = (echo(1), echo(2), echo(3));
        first.canceller().cancel();
        let in_time = second.add_timeout(&world.handle, Duration::from_millis(1));
        let failure = world.run(first).unwrap_err();
        assert!(failure.check::<Cancelled>().is_some(), "{failure}");
        let late = world.run(in_time).unwrap_err();
        assert!(late.check::<TimedOut>().is_some(), "{late}");
        let reply = world.run(third).unwrap();
        assert_eq!(reply, Value::Bytes(Bytes::from(format!("{round}/3"))));
    }
    assert_eq!(redis.pending(), 0);
}

#[test]
fn what_would_spoil_a_shared_connection_is_not_sent() {
    let mut world = World::new();
    let pool = pool(&world, 6);
    for words in [
        &["BLPOP", "queue", "0"][..],
        &["brpop", "queue", "0"],
        &["XREAD", "BLOCK", "0", "STREAMS", "s", "$"],
        &["WATCH", "key"],
        &["MULTI"],
        &["SUBSCRIBE", "news"],
        &["SELECT", "1"],
        &["CLIENT", "REPLY", "OFF"],
        &["QUIT"],
        &[],
    ] {
        let failure = world.run(pool.command(words)).unwrap_err();
        assert!(
            failure.check::<NotShared>().is_some(),
            "{words:?}: {failure}"
        );
    }
    world.run(pool.check()).unwrap();
}

#[test]
fn a_blocking_command_waits_alone() {
    let mut world = World::new();
    let pool = pool(&world, 7);
    let popped = pool.blocking(&["BLPOP", "queue", "0"]);
    for n in 0..20 {
        world.run(pool.set("others", n.to_string())).unwrap(); // its result is dropped
    }
    world
        .run(pool.command(&["RPUSH", "queue", "Hope"]))
        .unwrap();
    let values = world.run(popped).unwrap().into_array().unwrap();
    assert_eq!(values[1], Value::Bytes(Bytes::from_static(b"Hope")));
    assert_eq!((pool.state().idle, pool.state().busy), (1, 0)); // given back

    // Cancelled, its connection is closed: a reply that comes too late would be the next one's.
    let waits = pool.blocking(&["BLPOP", "queue", "0"]);
    for _ in 0..5 {
        world.reactor.turn(Some(Duration::from_millis(10))).unwrap();
    }
    waits.canceller().cancel();
    assert!(world.run(waits).is_err());
    assert_eq!(pool.state().idle, 0);
    world.run(pool.check()).unwrap();
}

#[test]
fn a_transaction_happens_as_a_whole_or_not_at_all() {
    let mut world = World::new();
    let pool = pool(&world, 8);
    world.run(pool.set("count", "1")).unwrap();
    let bump = |disturb: bool| {
        let other = pool.clone();
        pool.transaction(&["count"], move |tx| {
            tx.get("count")
                .add_callback(move |count| {
                    let count: i64 = String::from_utf8(count.unwrap().to_vec())?.parse()?;
                    let disturbed = if disturb {
                        other.set("count", "100")
                    } else {
                        Deferred::succeed(())
                    };
                    Ok(disturbed.add_callback(move |()| {
                        let set = Command::new(["SET", "count", &(count + 1).to_string()]);
                        Ok(vec![set, Command::new(["GET", "count"])])
                    }))
                })
                .add_callback(|commands| commands)
        })
    };
    let done = world
        .run(bump(false))
        .unwrap()
        .expect("nobody disturbed it");
    assert_eq!(done[1], Value::Bytes(Bytes::from_static(b"2")));
    assert_eq!(world.run(bump(true)).unwrap(), None);
    assert_eq!(world.run(pool.get("count")).unwrap().unwrap(), "100");

    // A failure of yours ends the watch, and one of Redis's says which command it did not take.
    let own = pool.transaction(&["count"], |_| Err::<Vec<_>, _>(Failure::new("not today")));
    assert_eq!(world.run(own).unwrap_err().to_string(), "not today");
    let refused = pool.transaction(&[], |_| {
        Ok(vec![
            Command::new(["SET", "count", "3"]),
            Command::new(["SET", "count"]),
        ])
    });
    let failure = world.run(refused).unwrap_err();
    assert!(
        failure.to_string().contains("wrong number of arguments"),
        "{failure}"
    );
    assert_eq!(world.run(pool.get("count")).unwrap().unwrap(), "100");
    // A command that fails when it runs is an error among the replies; the others are done.
    let mixed = pool.transaction(&[], |_| {
        Ok(vec![
            Command::new(["LPUSH", "count", "x"]),
            Command::new(["SET", "count", "4"]),
        ])
    });
    let replies = world.run(mixed).unwrap().unwrap();
    assert!(matches!(&replies[0], Value::Error(error) if error.code() == "WRONGTYPE"));
    assert_eq!(world.run(pool.get("count")).unwrap().unwrap(), "4");
}

#[test]
fn transactions_at_the_same_time_never_share_a_watch() {
    let mut world = World::new();
    let pool = pool(&world, 9);
    world.run(pool.set("sum", "0")).unwrap();
    fn add(pool: RedisPool, tries: Rc<RefCell<u32>>) -> Deferred<()> {
        *tries.borrow_mut() += 1;
        let again = pool.clone();
        let done = pool.transaction(&["sum"], |tx| {
            tx.get("sum").add_callback(|sum| {
                let sum: i64 = String::from_utf8(sum.unwrap().to_vec())?.parse()?;
                Ok(vec![Command::new(["SET", "sum", &(sum + 1).to_string()])])
            })
        });
        done.add_callback(move |replies| match replies {
            Some(_) => Deferred::succeed(()),
            None => add(again, tries),
        })
    }
    let tries = Rc::new(RefCell::new(0));
    let all = (0..20).map(|_| add(pool.clone(), Rc::clone(&tries)));
    world.run(gather_results(all.collect::<Vec<_>>())).unwrap();
    assert_eq!(world.run(pool.get("sum")).unwrap().unwrap(), "20"); // none is lost
    assert!(*tries.borrow() > 20, "no two met");
}

#[test]
fn a_client_that_is_killed_fails_what_was_pending_and_the_pool_connects_again() {
    let mut world = World::new();
    let pool = pool(&world, 12);
    let shared = world.run(pool.shared()).unwrap();
    let id = world
        .run(shared.command(&["CLIENT", "ID"]))
        .unwrap()
        .into_integer()
        .unwrap();
    let asked = [
        shared.command(&["CLIENT", "KILL", "ID", &id.to_string(), "SKIPME", "no"]),
        shared.command(&["PING"]),
    ];
    let results = world.run(deferred_list(asked)).unwrap();
    let last = results.into_iter().next_back().unwrap().unwrap_err();
    assert!(last.check::<RedisLost>().is_some(), "{last}");
    world.run(pool.set("poem", "Hope")).unwrap();
    assert!(shared.is_lost());
}

#[test]
fn a_server_that_sleeps_delays_and_one_that_is_killed_fails_everything_once() {
    let mut world = World::new();
    let mut server = RedisServer::temporary().unwrap();
    let pool = RedisPool::new(&world.handle, &server.database(3), patient(2));
    let slept = pool.command(&["DEBUG", "SLEEP", "1"]);
    let late = pool
        .get("poem")
        .add_timeout(&world.handle, Duration::from_millis(20));
    let failure = world.run(late).unwrap_err();
    assert!(failure.check::<TimedOut>().is_some(), "{failure}");
    assert_eq!(world.run(slept).unwrap(), Value::Status("OK".to_owned()));
    world.run(pool.set("poem", "Hope")).unwrap(); // nothing is off by one

    let fired = Rc::new(RefCell::new(0));
    let asked: Vec<_> = (0..100)
        .map(|n| {
            let fired = Rc::clone(&fired);
            pool.command(&["DEBUG", "SLEEP", if n == 0 { "600" } else { "0" }])
                .add_both(move |result| {
                    *fired.borrow_mut() += 1;
                    result
                })
        })
        .collect();
    for _ in 0..5 {
        world.reactor.turn(Some(Duration::from_millis(10))).unwrap();
    }
    server.kill();
    for result in world.run(deferred_list(asked)).unwrap() {
        let failure = result.unwrap_err();
        assert!(failure.check::<RedisLost>().is_some(), "{failure}");
    }
    assert_eq!(*fired.borrow(), 100);
    let nobody = world.run(pool.get("poem")).unwrap_err();
    assert!(nobody.check::<NoRedis>().is_some(), "{nobody}");
    server.restart().unwrap();
    assert_eq!(world.run(pool.get("poem")).unwrap(), None); // a new one, and empty
}

#[test]
fn a_password_and_a_database_that_does_not_exist_are_checked_at_once() {
    let mut world = World::new();
    let server = RedisServer::temporary().unwrap();
    let open = RedisPool::new(&world.handle, server.settings(), patient(1));
    world
        .run(open.command(&["CONFIG", "SET", "requirepass", "rosebuds"]))
        .unwrap();
    let with = |password: Option<&str>, database| RedisSettings {
        password: password.map(str::to_owned),
        ..server.database(database)
    };
    let mut code = |settings: RedisSettings| match world.run(connect(&world.handle, &settings)) {
        Ok(redis) => match world.run(redis.command(&["PING"])) {
            Ok(_) => "in".to_owned(),
            Err(failure) => failure.check::<RedisError>().unwrap().code().to_owned(),
        },
        Err(failure) => failure.check::<RedisError>().unwrap().code().to_owned(),
    };
    assert_eq!(code(with(Some("rosebuds"), 3)), "in");
    assert_eq!(code(with(Some("rosebud"), 3)), "WRONGPASS");
    assert_eq!(code(with(None, 3)), "NOAUTH");
    assert_eq!(code(with(Some("rosebuds"), 99)), "ERR");
}

#[test]
fn a_closed_connection_answers_what_was_sent_and_takes_no_more() {
    let mut world = World::new();
    let redis: Redis = world.run(connect(&world.handle, &redis(13))).unwrap();
    let before = redis.command(&["ECHO", "Hope"]);
    redis.close();
    redis.close();
    let after = redis.command(&["PING"]);
    assert!(world.run(after).unwrap_err().check::<RedisLost>().is_some());
    assert_eq!(
        world.run(before).unwrap(),
        Value::Bytes(Bytes::from_static(b"Hope"))
    );
}

#[test]
fn a_pool_that_is_closed_takes_no_more() {
    let mut world = World::new();
    let pool = RedisPool::new(&world.handle, &redis(14), PoolOptions::default());
    let waits = pool.get("poem"); // not connected yet
    let closed = pool.close();
    assert!(world.run(waits).is_err());
    world.run(closed).unwrap();
    assert!(world.run(pool.get("poem")).is_err());
    assert!(world.run(pool.blocking(&["BLPOP", "queue", "1"])).is_err());
    let _: &Handle = &world.handle;
}

#[test]
fn the_small_redis_serves_what_the_listings_ask() {
    let mut world = World::new();
    let server = RedisServer::small().unwrap();
    let pool = RedisPool::new(&world.handle, &server.database(3), patient(3));
    world.run(pool.set("copies", "1")).unwrap();
    assert_eq!(world.run(pool.get("copies")).unwrap().unwrap(), "1");
    let taken = pool.transaction(&["copies"], |tx| {
        tx.get("copies")
            .add_callback(|_| Ok(vec![Command::new(["SET", "copies", "0"])]))
    });
    assert!(world.run(taken).unwrap().is_some());
    let popped = pool.blocking(&["BLPOP", "queue", "0"]);
    world
        .run(pool.command(&["RPUSH", "queue", "Hope"]))
        .unwrap();
    assert_eq!(world.run(popped).unwrap().into_array().unwrap().len(), 2);
    let news = Subscriber::new(&world.handle, &server.database(3), &["poems"]);
    let news = world.run(news).unwrap();
    assert_eq!(world.run(pool.publish("poems", "Hope")).unwrap(), 1);
    assert!(matches!(world.run(news.next()).unwrap(), News::Message(_)));
}
