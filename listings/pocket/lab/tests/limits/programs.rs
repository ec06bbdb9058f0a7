//! Limits of endpoints and services.
use super::Cell;
use applications::{Endpoint, Late, Service, Services};
use std::{io::ErrorKind, rc::Rc, time::Duration};

#[test]
fn a_path_that_stays() {
    struct Nobody;
    impl pocket::transport::Factory for Nobody {
        fn build_protocol(&self) -> Option<Box<dyn pocket::transport::Protocol>> {
            None
        }
    }
    let path = std::env::temp_dir().join(format!("pocket-limit-{}.sock", std::process::id()));
    let text = format!("unix:{}", path.display());
    let endpoint = pocket::endpoint::Endpoint::parse(&text).expect("a path");
    let open = || {
        let reactor = pocket::reactor::Reactor::new().expect("a reactor");
        endpoint.listen(&reactor.handle(), Rc::new(Nobody)).map(drop)
    };
    assert!(open().is_ok());
    assert_eq!(
        open().expect_err("the pocket has removed it: say so on its page").kind(),
        ErrorKind::AddrInUse
    );
    // The crate takes over what the pocket has left, and leaves nothing.
    let endpoint: Endpoint = text.parse().expect("a path");
    for _ in 0..2 {
        let reactor = reactor::Reactor::new(reactor::Os::new().expect("a world"));
        let nobody = Rc::new(Refuses);
        endpoint.listen(&reactor.handle(), nobody).expect("nobody listens there");
    }
    assert!(!path.exists());
}

struct Refuses;

impl transports::Factory for Refuses {
    fn build_protocol(&self, _: &transports::Address) -> Option<Box<dyn transports::Protocol>> {
        None
    }
}

#[test]
fn a_stop_that_never_answers() {
    struct Hangs;
    impl pocket::service::Service for Hangs {
        fn start(&self, _: &pocket::reactor::Handle) -> Result<(), pocket::deferred::Failure> {
            Ok(())
        }
        fn stop(&self, _: &pocket::reactor::Handle) -> pocket::deferred::Deferred<()> {
            let (never, stopped) = pocket::deferred::Deferred::new();
            std::mem::forget(never);
            stopped
        }
    }
    impl Service for Hangs {
        fn name(&self) -> &str {
            "hangs"
        }
        fn start(&self, _: &reactor::Handle) -> Result<(), deferreds::Failure> {
            Ok(())
        }
        fn stop(&self, _: &reactor::Handle) -> deferreds::Deferred<()> {
            let (never, stopped) = deferreds::Deferred::with_canceller(std::mem::forget);
            std::mem::forget(never);
            stopped
        }
    }
    let mut loops = pocket::reactor::Reactor::new().expect("a reactor");
    let (at, ended) = (loops.handle(), Rc::new(Cell::new(false)));
    let services = Rc::new(pocket::service::Services::default());
    services.add(Hangs);
    services.start(&at).expect("it starts");
    let tells = ended.clone();
    services.stop(&at).on_result(move |_| tells.set(true));
    // There is no timer, so however long the loop runs, nothing comes of it: this one is ours.
    at.call_later(Duration::from_millis(1), |at| at.stop());
    loops.run().expect("it runs");
    assert!(!ended.get(), "the pocket has a limit: say so on its page");

    let mut loops = reactor::Reactor::new(reactor::Sim::new(1));
    let at = loops.handle();
    let services = Services::new("all", Duration::from_secs(5));
    services.add(Rc::new(Hangs));
    services.start(&at).expect("it starts");
    let stops = at.clone();
    let late = services.stop(&at).add_both(move |result| {
        stops.stop()?;
        Ok(result.is_err_and(|failure| failure.check::<Late>().is_some()))
    });
    loops.run().expect("it runs");
    assert!(matches!(late.into_result(), Ok(Ok(true))), "it is given up");
}
