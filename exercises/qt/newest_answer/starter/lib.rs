//! A search whose answers come in any order. You see to it that the newest question wins.
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
    line.on_enter(move |line| {
        let Ok(asked) = line.text() else { return };
        let _ = shows.set_text(&format!("looking for {asked}"));
        let shows = shows.clone();
        let _shown = look_up(&asked).add_both(move |result| {
            let _ = shows.set_text(&match result {
                Ok(answer) => answer,
                Err(failure) => failure.to_string(),
            });
            Ok(())
        });
    })
}
