//! Wrong: old answers are not shown, and old questions go on.
use std::{cell::Cell, rc::Rc};
use untwisted::{
    deferreds::Deferred,
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
    line.on_enter(move |line| {
        let Ok(asked) = line.text() else { return };
        // The number first: what is cancelled says so at once, and must not be shown.
        let number = newest.get() + 1;
        newest.set(number);
        if asked.is_empty() {
            let _ = shows.set_text("");
            return;
        }
        let _ = shows.set_text(&format!("looking for {asked}"));
        let (shows, newest) = (shows.clone(), Rc::clone(&newest));
        let _shown = look_up(&asked).add_both(move |result| {
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
