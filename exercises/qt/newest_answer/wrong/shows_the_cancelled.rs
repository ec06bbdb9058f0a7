//! Wrong: cancels the older question, and shows its failure.
use std::cell::RefCell;
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
    let running: RefCell<Option<Canceller>> = RefCell::default();
    line.on_enter(move |line| {
        let Ok(asked) = line.text() else { return };
        let _ = shows.set_text(if asked.is_empty() { "" } else { "looking" });
        if !asked.is_empty() {
            let _ = shows.set_text(&format!("looking for {asked}"));
        }
        if let Some(before) = running.take() {
            before.cancel();
        }
        if asked.is_empty() {
            return;
        }
        let shows = shows.clone();
        let answer = look_up(&asked);
        running.replace(Some(answer.canceller()));
        let _shown = answer.add_both(move |result| {
            let _ = shows.set_text(&match result {
                Ok(answer) => answer,
                Err(failure) => failure.to_string(),
            });
            Ok(())
        });
    })
}
