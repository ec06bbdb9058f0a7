//! A mistake: a stage starts something that takes time, and does not return it.
use reactor::react;
use recital::{get_poem, recite};
use std::{cell::RefCell, io, process::ExitCode, rc::Rc};
use trace::say;

fn main() -> ExitCode {
    react(|reactor, done| {
        let addresses = recite(reactor, &["hope", "wind"])?;
        let (again, second) = (reactor.clone(), addresses[1].clone());
        // ANCHOR: not_returned
        let shelf = Rc::new(RefCell::new(Vec::new()));
        let (first_place, second_place) = (shelf.clone(), shelf.clone());
        let counted = get_poem(reactor, &addresses[0])
            .add_callback(move |hope| {
                first_place.borrow_mut().push(hope);
                let fetched = get_poem(&again, &second).add_callback(move |wind| {
                    second_place.borrow_mut().push(wind);
                    say!("the second poem is on the shelf");
                    drop(done);
                    Ok(())
                });
                drop(fetched); // it goes on without us
                Ok(())
            })
            .add_callback(move |()| {
                say!("both are there: {} of 2", shelf.borrow().len());
                Ok(())
            });
        // ANCHOR_END: not_returned
        drop(counted);
        Ok::<(), io::Error>(())
    })
}
