//! Messages of a real Redis: heard in their order, and a gap where some may be missing.
mod common;
use common::{World, patient, redis};
use databases::{
    News,
    redis::{RedisPool, RedisServer, Subscriber},
};
use deferreds::gather_results;

#[test]
fn a_subscriber_hears_what_is_said_and_says_when_it_may_have_missed_some() {
    let mut world = World::new();
    let server = RedisServer::temporary().unwrap(); // its own, because all who listen there are ended
    let pool = RedisPool::new(&world.handle, server.settings(), patient(4));
    let news = Subscriber::new(&world.handle, server.settings(), &["poems", "poets"]);
    let news = world.run(news).unwrap();
    assert_eq!(world.run(pool.publish("poems", "Hope")).unwrap(), 1);
    assert_eq!(world.run(pool.publish("poets", [0, 255])).unwrap(), 1);
    let hear = |world: &mut World| match world.run(news.next()).unwrap() {
        News::Message(message) => (message.channel, message.payload.to_vec()),
        News::Gap => ("gap".to_owned(), Vec::new()),
    };
    assert_eq!(hear(&mut world), ("poems".to_owned(), b"Hope".to_vec()));
    assert_eq!(hear(&mut world), ("poets".to_owned(), vec![0, 255]));
    world
        .run(pool.command(&["CLIENT", "KILL", "TYPE", "pubsub"]))
        .unwrap();
    assert_eq!(hear(&mut world).0, "gap");
    // After the gap it listens again.
    assert_eq!(world.run(pool.publish("poems", "The Tyger")).unwrap(), 1);
    assert_eq!(hear(&mut world).1, b"The Tyger");
    drop(news);
    for _ in 0..1000 {
        if world.run(pool.publish("poems", "?")).unwrap() == 0 {
            return;
        }
    }
    panic!("a dropped subscriber still listens");
}

#[test]
fn a_subscriber_that_nobody_reads_takes_no_memory_and_says_so() {
    let mut world = World::new();
    let pool = RedisPool::new(&world.handle, &redis(11), patient(4));
    let news = Subscriber::new(&world.handle, &redis(11), &["flood"]);
    let news = world.run(news).unwrap();
    let said = (0..1500).map(|n: u32| pool.publish("flood", n.to_string()));
    world.run(gather_results(said.collect::<Vec<_>>())).unwrap();
    world.run(pool.check()).unwrap();
    let mut heard = 0;
    while let News::Message(message) = world.run(news.next()).unwrap() {
        assert_eq!(message.payload, heard.to_string());
        heard += 1;
    }
    assert!((1000..1500).contains(&heard), "{heard}");
}
