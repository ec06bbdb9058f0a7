//! Pages that are written piece by piece, and pages that panic on the way.
mod visits;

use coroutines::{block_on, sleep, spawn};
use deferreds::Failure;
use reactor::{Address, Handle, Reactor, Sim};
use std::{cell::RefCell, rc::Rc};
use transports::Stream;
use visits::{SECOND, rest};
use web::{Branch, Ended, Page, Site, Writer, awaited, plain, streamed, talk};

/// A page that is written until it is stopped, and what its writer met.
fn written(
    reactor: &Handle,
    met: &Rc<RefCell<Vec<String>>>,
    write: impl AsyncFn(Writer) -> Result<(), Failure> + 'static,
) -> Rc<dyn web::Resource> {
    let (reactor, met, write) = (reactor.clone(), Rc::clone(met), Rc::new(write));
    Page::new(move |_| {
        let (writer, response) = streamed(&reactor, "text/plain");
        let (log, ends) = (Rc::clone(&met), writer.ended());
        drop(ends.add_callback(move |how| {
            log.borrow_mut().push(format!("{how:?}"));
            Ok(())
        }));
        let (log, write) = (Rc::clone(&met), Rc::clone(&write));
        drop(spawn(&reactor, async move {
            if let Err(failure) = write(writer).await {
                log.borrow_mut().push(failure.to_string());
            }
            Ok(())
        }));
        response
    })
}

fn stream_of(
    write: impl AsyncFn(Handle, Writer) -> Result<(), Failure> + 'static,
    leaves: bool,
) -> (String, Vec<String>) {
    let mut reactor = Reactor::new(Sim::new(1));
    let (handle, met) = (reactor.handle(), Rc::default());
    let h = handle.clone();
    let page = written(&handle, &met, async move |writer| {
        write(h.clone(), writer).await
    });
    let served = Site::new(Branch::new().put("", page))
        .listen(&handle, &Address::loopback(0))
        .unwrap();
    let at = served.address().clone();
    let said = block_on(&mut reactor, async move {
        let stream = Stream::connect(&handle, &at).await?;
        stream.transport().write("GET / HTTP/1.1\r\nhost: test\r\n\r\nGET /no HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
        if leaves {
            sleep(&handle, 2 * SECOND).await;
            stream.transport().abort_connection();
        }
        let said = rest(&handle, &stream).await.0;
        sleep(&handle, 60 * SECOND).await;
        Ok(said)
    });
    let met = met.borrow().clone();
    (said.unwrap(), met)
}

#[test]
fn a_page_is_written_piece_by_piece_and_finished() {
    let (said, met) = stream_of(
        async |handle, writer| {
            writer.write("one ")?;
            writer.write("")?; // an empty chunk would end it
            sleep(&handle, SECOND).await;
            writer.write("two")?;
            writer.finish();
            Ok(())
        },
        false,
    );
    assert!(
        said.contains("4\r\none \r\n3\r\ntwo\r\n0\r\n\r\nHTTP/1.1 404"),
        "{said}"
    );
    assert_eq!(met, ["Finished"]);
}

#[test]
fn a_page_that_is_never_finished_is_cut_off_so_that_the_client_can_tell() {
    let (said, met) = stream_of(
        async |_, writer| {
            writer.write("half of ")?;
            Ok(())
        },
        false,
    );
    assert!(
        said.contains("half of ") && !said.contains("0\r\n\r\n") && !said.contains("404"),
        "{said}"
    );
    assert_eq!(met, ["Left"]);
}

#[test]
fn a_writer_is_told_that_its_client_left_and_finish_does_nothing_then() {
    let (_, met) = stream_of(
        async |handle, writer| {
            writer.write("one")?;
            sleep(&handle, 10 * SECOND).await;
            assert_eq!(writer.write("two"), Err(web::WriteError::Left));
            assert_eq!(writer.ended().await?, Ended::Left);
            assert!(writer.drained().await.is_err());
            writer.finish();
            Ok(())
        },
        true,
    );
    assert_eq!(met, ["Left"]);
}

#[test]
fn a_writer_that_never_looks_is_stopped_before_it_fills_memory() {
    let (said, met) = stream_of(
        async |_, writer| {
            for _ in 0..1_000 {
                writer.write(vec![b'x'; 64 * 1024])?;
            }
            unreachable!("64 MB wait")
        },
        false,
    );
    assert!(said.len() < 20 << 20 && !said.contains("404"));
    assert_eq!(met.len(), 2);
    assert!(met.contains(&"Left".to_owned()));
    assert!(
        met[0].contains("16 MiB") || met[1].contains("16 MiB"),
        "{met:?}"
    );
}

#[test]
fn a_fast_writer_waits_for_its_reader() {
    let most = Rc::new(RefCell::new(0));
    let seen = Rc::clone(&most);
    let (said, met) = stream_of(
        async move |_, writer| {
            for _ in 0..200 {
                writer.send(vec![b'x'; 10_000]).await?;
                let mut most = seen.borrow_mut();
                *most = writer.waiting().max(*most);
            }
            writer.finish();
            Ok(())
        },
        false,
    );
    assert!(said.len() > 2_000_000);
    assert_eq!(met, ["Finished"]);
    assert!(
        *most.borrow() <= 64 * 1024 + 10_000,
        "{} bytes waited",
        most.borrow()
    );
}

#[test]
fn a_coroutine_that_panics_costs_its_own_request() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let h = handle.clone();
    let root = Branch::new()
        .put(
            "panics",
            awaited(move |_| {
                let h = h.clone();
                async move {
                    sleep(&h, SECOND).await;
                    panic!("in an awaited page")
                }
            }),
        )
        .put("fine", Page::new(|_| plain("fine")));
    let served = Site::new(root)
        .listen(&handle, &Address::loopback(0))
        .unwrap();
    let at = served.address().clone();
    let reply = block_on(&mut reactor, async move {
        talk(&handle, &at, "GET /panics HTTP/1.1\r\nhost: a\r\n\r\nGET /fine HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await
    })
    .unwrap();
    assert!(
        reply.starts_with("HTTP/1.1 500") && reply.ends_with("fine"),
        "{reply}"
    );
}
