//! The newest question wins: the one before it is cancelled, and says nothing any more.
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use untwisted::{
    deferreds::{Canceller, Deferred},
    qt::{Label, LineEdit, Result},
};

/// Shows in `label` the answer to what was typed into `line`.
pub fn search(
    line: &LineEdit,
    label: &Label,
    look_up: impl Fn(&str) -> Deferred<String> + 'static,
) -> Result<()> {
    let shows = label.clone();
    let newest = Rc::new(Cell::new(0_u64));
    let running: RefCell<Option<Canceller>> = RefCell::default();
    line.on_enter(move |line| {
        let Ok(asked) = line.text() else { return };
        // The number first: what is cancelled says so at once, and must not be shown.
        let number = newest.get() + 1;
        newest.set(number);
        if let Some(before) = running.take() {
            before.cancel();
        }
        if asked.is_empty() {
            let _ = shows.set_text("");
            return;
        }
        let _ = shows.set_text(&format!("looking for {asked}"));
        let (shows, newest) = (shows.clone(), Rc::clone(&newest));
        let answer = look_up(&asked);
        running.replace(Some(answer.canceller()));
        let _shown = answer.add_both(move |result| {
            if newest.get() == number {
                let _ = shows.set_text(&match result {
                    Ok(answer) => answer,
                    Err(failure) => failure.to_string(),
                });
            }
            Ok(())
        });
    })
}
