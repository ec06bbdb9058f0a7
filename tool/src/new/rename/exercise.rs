//! Renames an exercise: its folder, its crate, and what names them.
use super::paths::moved;
use crate::{
    house::House,
    new::{change, named, replaced, stands_alone, texts},
};
use anyhow::{Result, bail};

/// Moves the exercise, and has everything name it anew.
///
/// # Errors
/// When there is no such exercise, or the new name is taken or will not do.
pub(super) fn rename(house: &House, chapter: &str, old: &str, new: &str) -> Result<()> {
    named(new, '_')?;
    let (from, to) = (
        format!("exercises/{chapter}/{old}"),
        format!("exercises/{chapter}/{new}"),
    );
    if !moved(house, &from, &to)? {
        bail!("there is no exercise {from}");
    }
    for file in texts(house) {
        let own = file.starts_with(&format!("{to}/"));
        change(house, &file, |text| {
            let mut text = replaced(
                text,
                &format!("{chapter}/{old}"),
                &format!("{chapter}/{new}"),
            );
            text = replaced(
                &text,
                &format!("cargo book exercise check {old}"),
                &format!("cargo book exercise check {new}"),
            );
            if own && file.ends_with(".rs") {
                text = used(&text, old, new);
            }
            if own && file.ends_with("Cargo.toml") {
                text = text.replace(&format!("\"{old}\""), &format!("\"{new}\""));
            }
            Ok(text)
        })?;
    }
    Ok(())
}

/// Paths that begin with a crate: `use old::`.
fn used(text: &str, old: &str, new: &str) -> String {
    let (from, mut out, mut last) = (format!("{old}::"), String::new(), 0);
    for (at, _) in text.match_indices(&from) {
        if stands_alone(text, at, old.len()) {
            out.push_str(&text[last..at]);
            out.push_str(new);
            last = at + old.len();
        }
    }
    out + &text[last..]
}
