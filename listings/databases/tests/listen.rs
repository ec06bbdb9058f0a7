//! Notifications: only after COMMIT, and a gap where some may be missing.
mod common;
use common::{World, settings};
use databases::{BlockingConnection, Listener, News, Notification};
use deferreds::Failure;

fn hear(world: &mut World, listener: &Listener) -> Option<Notification> {
    match world.run(listener.next()).unwrap() {
        News::Message(notification) => Some(notification),
        News::Gap => None,
    }
}

#[test]
fn a_notification_comes_after_commit_and_never_after_a_rollback() {
    let mut world = World::new();
    let pool = world.pool(2);
    let listener = Listener::new(&world.handle, &settings(), &["poems", "Odd \"name\""]);
    let listener = world.run(listener).unwrap();
    let rolled_back = pool.run_interaction(|tx| {
        tx.operation("NOTIFY poems, 'never'", &[])
            .add_callback(|_| Err::<(), _>(Failure::new("no")))
    });
    assert!(world.run(rolled_back).is_err());
    let committed = pool.run_interaction(|tx| tx.query("SELECT pg_notify('poems', 'Hope')", &[]));
    world.run(committed).unwrap();
    world.run(pool.query_odd()).unwrap();
    let first = hear(&mut world, &listener).unwrap();
    assert_eq!((&*first.channel, &*first.payload), ("poems", "Hope"));
    let second = hear(&mut world, &listener).unwrap();
    assert_eq!((&*second.channel, &*second.payload), ("Odd \"name\"", "x"));
}

trait Odd {
    fn query_odd(&self) -> deferreds::Deferred<u64>;
}

impl Odd for databases::ConnectionPool {
    fn query_odd(&self) -> deferreds::Deferred<u64> {
        self.run_operation("NOTIFY \"Odd \"\"name\"\"\", 'x'", &[])
    }
}

#[test]
fn a_reconnect_says_that_notifications_may_be_lost() {
    let mut world = World::new();
    let pool = world.pool(1);
    let listener = Listener::new(&world.handle, &settings(), &["gaps"]);
    let listener = world.run(listener).unwrap();
    let say = |text: &'static str| pool.run_query("SELECT pg_notify('gaps', $1)", &[&text]);
    world.run(say("before")).unwrap();
    assert_eq!(hear(&mut world, &listener).unwrap().payload, "before");
    // The reactor stands still meanwhile, so the listener cannot be back before the second.
    let mut other = BlockingConnection::new(&settings()).unwrap();
    let sql = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE query LIKE 'LISTEN \"gaps\"%'";
    assert_eq!(other.query(sql, &[]).unwrap().len(), 1);
    other.query("NOTIFY gaps, 'lost'", &[]).unwrap();
    assert_eq!(hear(&mut world, &listener), None);
    world.run(say("after")).unwrap();
    assert_eq!(hear(&mut world, &listener).unwrap().payload, "after");
}

#[test]
fn a_listener_that_is_dropped_while_it_connects_again_stays_away() {
    let mut world = World::new();
    let pool = world.pool(1);
    let listener = Listener::new(&world.handle, &settings(), &["dropped"]);
    let listener = world.run(listener).unwrap();
    let waits = listener.next();
    drop(listener);
    assert!(world.run(waits).is_err());
    for _ in 0..1000 {
        let sql =
            "SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'LISTEN \"dropped\"%'";
        let rows = world.run(pool.run_query(sql, &[])).unwrap();
        if rows[0].get::<i64>("n").unwrap() == 0 {
            return;
        }
    }
    panic!("it is still there");
}

#[test]
fn a_listener_names_at_least_one_channel() {
    let mut world = World::new();
    let none = Listener::new(&world.handle, &settings(), &[]);
    assert!(world.run(none).is_err());
}
