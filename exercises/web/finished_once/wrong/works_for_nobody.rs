//! One page from two sources: written as they answer, and finished once.
use std::{cell::RefCell, rc::Rc};
use untwisted::{
    deferreds::{Deferred, Failure},
    reactor::Handle,
    web::{Ended, Response, Writer, streamed},
};

/// What the two sources share: the writer, and how many of them have not answered.
struct Page {
    writer: Option<Writer>,
    waiting: usize,
}

/// Returns a page that writes what the two sources answer.
pub fn merged(reactor: &Handle, hills: Deferred<String>, sea: Deferred<String>) -> Response {
    let (writer, response) = streamed(reactor, "text/plain; charset=utf-8");
    let cancellers = [hills.canceller(), sea.canceller()];
    drop(writer.ended().add_callback(move |how| {
        if how == Ended::Left {
            let _ = &cancellers;
        }
        Ok(())
    }));
    let page = Rc::new(RefCell::new(Page {
        writer: Some(writer),
        waiting: 2,
    }));
    for (name, source) in [("hills", hills), ("sea", sea)] {
        let page = Rc::clone(&page);
        source.on_result(move |answer| arrived(&page, name, answer));
    }
    response
}

fn arrived(page: &RefCell<Page>, name: &str, answer: Result<String, Failure>) {
    let mut page = page.borrow_mut();
    let text = answer.unwrap_or_else(|_| "no answer".to_owned());
    if let Some(writer) = &page.writer {
        // The client may have left: then nothing is sent.
        let _ = writer.write(format!("{name}: {text}\n"));
    }
    page.waiting -= 1;
    if page.waiting == 0
        && let Some(writer) = page.writer.take()
    {
        let _ = writer.write("done\n");
        writer.finish();
    }
}
