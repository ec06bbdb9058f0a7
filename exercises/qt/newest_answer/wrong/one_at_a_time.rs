//! Wrong: asks nothing while an answer is on its way.
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
    let busy = Rc::new(Cell::new(false));
    let running: RefCell<Option<Canceller>> = RefCell::default();
    line.on_enter(move |line| {
        let Ok(asked) = line.text() else { return };
        if asked.is_empty() {
            if let Some(before) = running.take() {
                before.cancel();
            }
            let _ = shows.set_text("");
            return;
        }
        if busy.replace(true) {
            return;
        }
        let _ = shows.set_text(&format!("looking for {asked}"));
        let (shows, busy) = (shows.clone(), Rc::clone(&busy));
        let answer = look_up(&asked);
        running.replace(Some(answer.canceller()));
        let _shown = answer.add_both(move |result| {
            busy.set(false);
            let _ = shows.set_text(&match result {
                Ok(answer) => answer,
                Err(failure) => failure.to_string(),
            });
            Ok(())
        });
    })
}
