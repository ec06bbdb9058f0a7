//! The twin of `deferreds/not_returned`: a task that is spawned and not awaited.
use deferreds_lab::poem::{get_poem, recite};
use std::{cell::RefCell, io, rc::Rc, time::Duration};
use tokio::{
    task::{LocalSet, spawn_local},
    time,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = recite(&["hope", "wind"])?;
    let (first, second) = (server.addresses()[0], server.addresses()[1]);
    let tasks = LocalSet::new();
    let counted = async move {
        // ANCHOR: not_returned
        let shelf = Rc::new(RefCell::new(Vec::new()));
        let hope = get_poem(first).await?;
        shelf.borrow_mut().push(hope);
        let second_place = shelf.clone();
        spawn_local(async move {
            let wind = get_poem(second).await?;
            second_place.borrow_mut().push(wind);
            println!("the second poem is on the shelf");
            io::Result::Ok(())
        }); // it goes on without us
        println!("both are there: {} of 2", shelf.borrow().len());
        // ANCHOR_END: not_returned
        time::sleep(Duration::from_secs(1)).await; // else the program would end before it
        io::Result::Ok(())
    };
    tasks.run_until(counted).await
}
