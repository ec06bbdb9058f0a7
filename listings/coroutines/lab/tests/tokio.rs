//! Our reactor and tokio in one program, with real sockets and threads. Turns and drops are
//! counted; no time decides.
#![cfg(unix)]
use coroutines::{block_on, select, sleep, spawn};
use coroutines_lab::{
    hosted_by_tokio::{Turns, host, host_counted},
    tokio_beside::TokioBeside,
};
use deferreds::{Cancelled, Deferred, Failure};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use poetry::{Options, Server};
use reactor::{Handle, Id, Os, Reactor, Readiness, Sim, Source};
use std::{
    cell::Cell,
    future::pending,
    io::{self, Write},
    net::TcpListener,
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};
use tokio::{runtime::Builder, sync::oneshot, task::LocalSet};

/// Runs `work` in a LocalSet, bounded.
fn in_tokio<T>(work: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let bounded = async { tokio::time::timeout(Duration::from_secs(60), work).await };
    let done = LocalSet::new().block_on(&runtime, bounded);
    done.expect("it hangs")
}

/// A limit for a test on our reactor: a hang becomes a failure.
fn bounded(reactor: &Reactor) {
    let h = reactor.handle();
    h.call_later(Duration::from_secs(60), |h| h.fail("it hangs"));
}

#[test]
fn a_deferred_is_awaited_inside_tokio() {
    in_tokio(async {
        let (resolver, poem) = Deferred::<String>::new();
        let reader = tokio::task::spawn_local(async { Ok::<_, Failure>(poem.await?.len()) });
        tokio::task::spawn_local(async {
            tokio::task::yield_now().await;
            resolver.callback("Trees".into());
        });
        assert_eq!(reader.await.unwrap().unwrap(), 5);

        let (resolver, poem) = Deferred::<String>::new();
        let reader = tokio::task::spawn_local(async { poem.await });
        tokio::task::spawn_local(async {
            resolver.errback(io::Error::other("gone"));
        });
        assert!(
            reader
                .await
                .unwrap()
                .unwrap_err()
                .check::<io::Error>()
                .is_some()
        );

        // Aborting the tokio task drops the future, and so cancels the Deferred.
        let cancels = Rc::new(Cell::new(0));
        let count = cancels.clone();
        let (_resolver, poem) = Deferred::<()>::with_canceller(move |_| count.set(count.get() + 1));
        let reader = tokio::task::spawn_local(async { poem.await });
        tokio::task::yield_now().await;
        reader.abort();
        assert!(reader.await.unwrap_err().is_cancelled());
        assert_eq!(cancels.get(), 1);
    });
}

#[test]
fn a_tokio_task_is_awaited_from_our_reactor() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    bounded(&reactor);
    let h = reactor.handle();
    let tokio = TokioBeside::start().unwrap();
    let thread = thread::current().id();
    let value = tokio.spawn(&h, async move {
        tokio::task::yield_now().await;
        Ok(thread::current().id() != thread)
    });
    let failure = tokio.spawn(&h, async { Err::<(), _>(io::Error::other("gone").into()) });
    let elsewhere = block_on(&mut reactor, async { value.await });
    assert!(elsewhere.unwrap(), "it ran in tokio's thread");
    let failure = block_on(&mut reactor, async { failure.await });
    assert!(failure.unwrap_err().check::<io::Error>().is_some());
}

/// Counts drops in any thread.
struct Held(Arc<AtomicU32>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn cancelling_aborts_the_tokio_task_and_tells_who_waits() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    bounded(&reactor);
    let h = reactor.handle();
    let tokio = TokioBeside::start().unwrap();
    let drops = Arc::<AtomicU32>::default();
    let held = Held(drops.clone());
    let (gone, is_gone) = oneshot::channel::<()>();
    let slow = tokio.spawn(&h, async move {
        let _held = (gone, held);
        pending::<Result<(), Failure>>().await
    });
    slow.canceller().cancel();
    assert!(
        slow.into_result()
            .unwrap()
            .unwrap_err()
            .check::<Cancelled>()
            .is_some()
    );
    // The runtime is alive; the task is dropped because it was aborted.
    let dropped = tokio.spawn(&h, async { Ok(is_gone.await.is_err()) });
    assert!(block_on(&mut reactor, async { dropped.await }).unwrap());
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn dropping_the_runtime_drops_its_tasks_joins_its_thread_and_cancels_who_waits() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    bounded(&reactor);
    let tokio = TokioBeside::start().unwrap();
    let drops = Arc::<AtomicU32>::default();
    let held = Held(drops.clone());
    let slow = tokio.spawn(&reactor.handle(), async move {
        let _held = held;
        pending::<Result<(), Failure>>().await
    });
    drop(tokio);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    let failure = block_on(&mut reactor, async { slow.await }).unwrap_err();
    assert!(failure.check::<Cancelled>().is_some());
}

#[test]
fn a_panic_of_a_tokio_task_goes_on_in_the_reactors_thread() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    bounded(&reactor);
    let tokio = TokioBeside::start().unwrap();
    let bad = tokio.spawn(&reactor.handle(), async {
        if true {
            panic!("a bug");
        }
        Ok(())
    });
    let panic = catch_unwind(AssertUnwindSafe(|| {
        block_on(&mut reactor, async { bad.await })
    }));
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"a bug"));
}

#[test]
fn a_poem_is_fetched_by_our_reactor_inside_tokio() {
    let server = Server::start(Options::default()).unwrap();
    let address = server.addresses()[0].into();
    let text = in_tokio(async {
        let mut reactor = Reactor::new(Os::new().unwrap());
        let h = reactor.handle();
        let poem = recital::get_poem(&h, &address);
        tokio::select! {
            poem = poem.into_future() => poem,
            end = host(&mut reactor) => panic!("the reactor ended first: {end:?}"),
        }
    });
    assert!(text.unwrap().lines().count() > 3);
}

#[test]
fn timers_calls_tasks_and_threads_are_heard_and_idle_costs_no_turn() {
    in_tokio(async {
        let mut reactor = Reactor::new(Os::new().unwrap());
        let h = reactor.handle();
        let turns = Rc::new(Turns::default());
        let counted = turns.clone();
        let hosted =
            tokio::task::spawn_local(async move { host_counted(&mut reactor, &counted).await });
        tokio::task::yield_now().await;

        // From between two turns: a timer, a task, a call from a thread. Each is heard without a
        // kick.
        let (resolver, fired) = Deferred::new();
        h.call_later(Duration::from_millis(1), |_| resolver.callback(()));
        fired.await.unwrap();
        let handle = h.clone();
        let task = spawn(&h, async move {
            sleep(&handle, Duration::from_millis(1)).await;
            Ok(7)
        });
        assert_eq!(task.await.unwrap(), 7);
        let (send, sent) = oneshot::channel();
        let remote = h.remote();
        thread::spawn(move || remote.call(move |_| send.send(()).unwrap()))
            .join()
            .unwrap();
        sent.await.unwrap();

        // Now nothing is left to do. tokio goes on; our reactor is not turned once.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let before = turns.all.get();
        for _ in 0..20 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(turns.all.get(), before);
        let (all, empty) = (turns.all.get(), turns.empty.get());
        assert!(
            all <= 40,
            "{all} turns ({empty} empty) for two timers, a task and a call"
        );

        h.stop().unwrap();
        hosted.await.unwrap().unwrap();
    });
}

/// Counts the sockets that have something to read, and reads it.
struct Heard {
    id: Id,
    count: Rc<Cell<usize>>,
}

impl Source for Heard {
    fn ready(self: Rc<Self>, h: &Handle, _: Id, _: Readiness) {
        let mut piece = [0; 8];
        while let Ok(1..) = h.read(self.id, &mut piece) {
            self.count.set(self.count.get() + 1);
        }
    }
}

#[test]
fn more_sockets_than_one_wait_can_tell_are_all_heard() {
    const SOCKETS: usize = 1_200; // the reactor's world tells at most 1,024 in one wait
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most.min(4_096), most).unwrap();
    in_tokio(async {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().into();
        let mut reactor = Reactor::new(Os::new().unwrap());
        let h = reactor.handle();
        let count = Rc::default();
        let mut peers = Vec::new();
        for _ in 0..SOCKETS {
            let id = h.connect(&address).unwrap();
            let count = Rc::clone(&count);
            h.register(id, Rc::new(Heard { id, count }));
            peers.push(listener.accept().unwrap().0);
        }
        let turns = Turns::default();
        let all = async {
            // Until they have heard that they are connected, and rest.
            tokio::time::sleep(Duration::from_millis(20)).await;
            for peer in &mut peers {
                peer.write_all(b"x").unwrap();
            }
            while count.get() < SOCKETS {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            end = host_counted(&mut reactor, &turns) => panic!("the reactor ended first: {end:?}"),
            () = all => {}
        }
        let all = turns.all.get();
        assert!(all < 100, "{all} turns");
    });
}

#[test]
fn a_busy_reactor_lets_tokios_tasks_run() {
    in_tokio(async {
        let mut reactor = Reactor::new(Os::new().unwrap());
        let h = reactor.handle();
        fn again(h: &Handle) {
            h.call_soon(again);
        }
        h.call_soon(again);
        let turns = Turns::default();
        let other = async {
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            end = host_counted(&mut reactor, &turns) => panic!("the reactor ended first: {end:?}"),
            () = other => {}
        }
        assert!(turns.all.get() >= 50);
    });
}

#[test]
fn tokios_channels_work_in_our_tasks() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    bounded(&reactor);
    let h = reactor.handle();
    let (send, mut receive) = tokio::sync::mpsc::channel(2);
    drop(spawn(&h, async move {
        for n in 0..1_000 {
            send.send(n).await?;
        }
        Ok(())
    }));
    let sum = block_on(&mut reactor, async {
        let mut sum = 0;
        while let Some(n) = receive.recv().await {
            sum += n;
        }
        Ok(sum)
    });
    assert_eq!(sum.unwrap(), 499_500);
}

#[test]
fn why_a_hosted_reactor_failed_is_told() {
    in_tokio(async {
        for early in [true, false] {
            let mut reactor = Reactor::new(Os::new().unwrap());
            let h = reactor.handle();
            match early {
                true => h.fail("no port"),
                false => h.call_soon(|h| h.fail("no port")),
            }
            let error = host(&mut reactor).await.unwrap_err();
            assert_eq!(error.to_string(), "no port");
        }
    });
}

#[test]
fn a_simulated_world_cannot_be_hosted() {
    let error = in_tokio(async { host(&mut Reactor::new(Sim::new(1))).await }).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
}

#[test]
fn futures_util_macros_work_on_our_reactor() {
    use futures_util::{
        FutureExt, StreamExt, join, select as race, stream::FuturesUnordered, try_join,
    };
    let mut reactor = Reactor::new(Sim::new(1));
    let h = reactor.handle();
    let after = |seconds| {
        let h = h.clone();
        async move {
            sleep(&h, Duration::from_secs(seconds)).await;
            Ok::<_, Failure>(seconds)
        }
    };
    block_on(&mut reactor, async {
        let (a, b) = join!(after(2), after(1));
        assert_eq!((a?, b?), (2, 1));
        let both = try_join!(after(2), Deferred::succeed(5).into_future())?;
        assert_eq!(both, (2, 5));
        let first = race! {
            slow = after(2).boxed_local().fuse() => slow?,
            fast = after(1).boxed_local().fuse() => fast?,
        };
        assert_eq!(first, 1);
        let mut several: FuturesUnordered<_> = [3, 1, 2].map(after).into_iter().collect();
        let mut order = Vec::new();
        while let Some(next) = several.next().await {
            order.push(next?);
        }
        assert_eq!(order, [1, 2, 3]);
        Ok(())
    })
    .unwrap();
    assert_eq!(h.now().as_millis(), 8_000);
}

#[test]
fn a_deferred_of_our_reactor_loses_against_a_tokio_task() {
    let mut reactor = Reactor::new(Os::new().unwrap());
    bounded(&reactor);
    let h = reactor.handle();
    let tokio = TokioBeside::start().unwrap();
    let quick = tokio.spawn(&h, async { Ok("tokio") });
    let (_resolver, never) = Deferred::<&str>::new();
    let first = block_on(&mut reactor, async { Ok(select(never, quick).await) });
    assert!(matches!(
        first.unwrap(),
        coroutines::Either::Right(Ok("tokio"))
    ));
}
