//! The objects on tokio and those on our reactor speak with each other, and what is given back is
//! let go.
use applications::remote::{self as ours, Offer};
use applications_lab::remote::{
    Arguments, CallError, Callable, Reference, Value, Values, lend, reach,
};
use deferreds::{Deferred, execute};
use protocols::RemoteError;
use std::{rc::Rc, sync::mpsc, thread, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use transports::{Address, connect, listen};

type Answer = Result<Values<Box<dyn Callable>>, RemoteError>;

/// Lends one of its kind when asked, and tells the channel when it is let go.
struct Lender(mpsc::Sender<()>);

impl Callable for Lender {
    fn call(&self, method: &str, arguments: &Arguments) -> Answer {
        match method {
            "lend" => {
                let object: Box<dyn Callable> = Box::new(Lender(self.0.clone()));
                Ok(Values::from([("lender".to_owned(), Value::Object(object))]))
            }
            "shout" => {
                let line = Value::Text(arguments.text("line")?.to_uppercase());
                Ok(Values::from([("line".to_owned(), line)]))
            }
            _ => Err(RemoteError::new("NO_METHOD", method)),
        }
    }
}

impl Drop for Lender {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

async fn lent() -> (
    TcpStream,
    JoinHandle<std::io::Result<()>>,
    mpsc::Receiver<()>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let (gone, let_go) = mpsc::channel();
    let lends = tokio::spawn(lend(stream, Box::new(Lender(gone))));
    (client, lends, let_go)
}

async fn lender(of: &Reference) -> Reference {
    match of.call("lend", &[]).await.unwrap().remove("lender") {
        Some(Value::Object(lender)) => lender,
        _ => panic!("it lends a lender"),
    }
}

async fn shouted(of: &Reference) -> String {
    match of
        .call("shout", &[("line", "hope")])
        .await
        .unwrap()
        .remove("line")
    {
        Some(Value::Text(line)) => line,
        _ => panic!("it shouts a line"),
    }
}

#[tokio::test]
async fn a_reference_that_is_dropped_is_let_go_and_the_last_one_ends_the_connection() {
    let (stream, lends, let_go) = lent().await;
    let first = reach(stream);
    let second = lender(&first).await;
    let third = lender(&second).await;
    assert_eq!(let_go.try_iter().count(), 0, "all are held");
    drop(second);
    assert_eq!(
        shouted(&third).await,
        "HOPE",
        "a lender does not need whoever lent it"
    );
    assert_eq!(
        let_go.try_iter().count(),
        1,
        "it was let go before that question"
    );
    drop(first);
    assert_eq!(
        shouted(&third).await,
        "HOPE",
        "the first object stays until the end"
    );
    drop(third);
    lends
        .await
        .unwrap()
        .expect("the connection ends in good order");
    assert_eq!(let_go.try_iter().count(), 2, "and all comes back");
}

#[tokio::test]
async fn who_gives_up_a_call_lets_go_of_what_it_would_have_brought() {
    let (stream, _lends, let_go) = lent().await;
    let first = reach(stream);
    {
        let mut call = Box::pin(first.call("lend", &[]));
        let polled = futures_util::poll!(&mut call);
        assert!(polled.is_pending(), "the question is only asked");
    }
    // The answers come in order, so the lender that was not taken is there before the first of
    // these.
    for _ in 0..2 {
        assert_eq!(shouted(&first).await, "HOPE");
    }
    assert_eq!(
        let_go.try_iter().count(),
        1,
        "the answer was dropped, and let go"
    );
}

#[tokio::test]
async fn a_server_that_goes_is_lost_to_each_who_waits_and_to_each_who_comes_later() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let first = reach(TcpStream::connect(at).await.unwrap());
    let (mut stream, _) = listener.accept().await.unwrap();
    let goes = async {
        let mut question = [0; 16];
        stream.read_exact(&mut question).await.unwrap();
        drop(stream);
    };
    let calls = async { tokio::join!(first.call("one", &[]), first.call("two", &[]), goes) };
    let (one, two, ()) = timeout(Duration::from_secs(60), calls)
        .await
        .expect("nobody waits for ever");
    for answer in [one, two, first.call("three", &[]).await] {
        assert!(matches!(answer, Err(CallError::ServerLost)));
    }
}

#[tokio::test]
async fn boxes_that_are_wrong_end_their_connection_and_nothing_else() {
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"\x00\x07_answer\x00\x019\x00\x00",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let first = reach(
            TcpStream::connect(listener.local_addr().unwrap())
                .await
                .unwrap(),
        );
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, bytes)
            .await
            .unwrap();
        let answer = timeout(Duration::from_secs(60), first.call("one", &[])).await;
        let answer = answer.expect("nobody waits for ever");
        assert!(matches!(answer, Err(CallError::ServerLost)), "{bytes:?}");
    }
    let (stream, lends, _) = lent().await;
    let first = reach(stream);
    for (method, code) in [("whisper", "NO_METHOD"), ("shout", "MISSING")] {
        match first.call(method, &[]).await {
            Err(CallError::Remote(error)) => assert_eq!(error.code, code),
            _ => panic!("{method} fails"),
        }
    }
    assert_eq!(
        shouted(&first).await,
        "HOPE",
        "an error costs its call and no other"
    );
    drop(first);
    lends.await.unwrap().unwrap();
}

/// Ours: what the `Lender` does.
struct Shouts;

impl ours::Callable for Shouts {
    fn call(&self, method: &str, values: ours::Values) -> Deferred<ours::Values> {
        match method {
            "lend" => {
                let object: Rc<dyn ours::Callable> = Rc::new(Shouts);
                Deferred::succeed(ours::Values::new().with("lender", object))
            }
            "shout" => execute(|| {
                let line = values.text("line")?.to_uppercase();
                Ok(ours::Values::new().with("line", line))
            }),
            _ => Deferred::fail(ours::NoMethod(method.to_owned())),
        }
    }
}

#[tokio::test]
async fn a_client_on_tokio_calls_objects_on_our_reactor() {
    let (says, said) = tokio::sync::oneshot::channel();
    let server = thread::spawn(move || {
        let mut reactor = reactor::Reactor::new(reactor::Os::new().unwrap());
        let handle = reactor.handle();
        let offer = Offer::of(Rc::new(Shouts));
        let port = listen(&handle, &Address::loopback(0), offer.factory()).unwrap();
        let stopper = handle.remote();
        says.send((port.address().to_string(), stopper))
            .ok()
            .unwrap();
        reactor.run().unwrap();
    });
    let (at, stopper) = said.await.unwrap();
    let first = reach(TcpStream::connect(at).await.unwrap());
    let second = lender(&first).await;
    assert_eq!(shouted(&second).await, "HOPE");
    let error = first.call("whisper", &[]).await.err().unwrap();
    assert!(matches!(error, CallError::Remote(error) if error.code == "NO_METHOD"));
    stopper.call(|handle| handle.stop().unwrap());
    server.join().unwrap();
}

#[tokio::test]
async fn a_client_on_our_reactor_calls_objects_on_tokio() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = thread::spawn(move || {
        let mut reactor = reactor::Reactor::new(reactor::Os::new().unwrap());
        let handle = reactor.handle();
        let (answers, answered) = mpsc::channel();
        let stops = handle.clone();
        let offer = Offer::nothing().on_connection(move |first| {
            let (stops, answers) = (stops.clone(), answers.clone());
            let lent = first.call("lend", ours::Values::new());
            let shouted = lent.add_callback(|lent| match lent.reference("lender") {
                Ok(lender) => lender.call("shout", ours::Values::new().with("line", "hope")),
                Err(missing) => Deferred::fail(missing),
            });
            let whispers = first.call("whisper", ours::Values::new());
            shouted.on_result(move |shouted| {
                let shouted = shouted.unwrap().text("line").unwrap().to_owned();
                whispers.on_result(move |failed| {
                    let failure = failed.unwrap_err();
                    let typed = failure.check::<ours::NoMethod>().is_some();
                    answers.send((shouted, typed)).unwrap();
                    stops.stop().unwrap();
                });
            });
        });
        connect(&handle, &Address::loopback(port), offer.factory());
        reactor.run().unwrap();
        answered.recv().unwrap()
    });
    let (stream, _) = listener.accept().await.unwrap();
    let (gone, let_go) = mpsc::channel();
    let lends = tokio::spawn(lend(stream, Box::new(Lender(gone))));
    let _ = timeout(Duration::from_secs(60), lends)
        .await
        .expect("the client goes when it is done");
    assert_eq!(client.join().unwrap(), ("HOPE".to_owned(), true));
    assert_eq!(
        let_go.iter().count(),
        2,
        "the first one and the one that was lent"
    );
}
