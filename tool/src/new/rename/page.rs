//! Renames a page: its file, and the links and paths that lead to it.
use super::paths::{flat, moved, relative};
use crate::{
    house::House,
    new::{change, named, of_chapter, replaced, texts},
};
use anyhow::{Result, bail};
use std::path::Path;

/// Moves the page, and has everything lead to its new place.
///
/// # Errors
/// When there is no such page, or the new name is taken or will not do.
pub(super) fn rename(house: &House, chapter: &str, old: &str, new: &str) -> Result<()> {
    of_chapter(house, &format!("{chapter}/{old}"))?;
    named(new.strip_prefix("appendix/").unwrap_or(new), '-')?;
    let (from, to) = (
        format!("src/{chapter}/{old}.md"),
        format!("src/{chapter}/{new}.md"),
    );
    if !moved(house, &from, &to)? {
        bail!("there is no page {from}");
    }
    let (old_file, new_file) = (house.root.join(&from), house.root.join(&to));
    for path in texts(house) {
        let folder = house
            .root
            .join(&path)
            .parent()
            .map(Path::to_owned)
            .unwrap_or_default();
        change(house, &path, |text| {
            // By its whole path, from the root or from src/.
            let text = replaced(text, &from, &to);
            Ok(relinked(&text, &folder, &old_file, &new_file))
        })?;
    }
    if Path::new(old).parent() != Path::new(new).parent() {
        println!("it stands in another folder now: correct the links inside {to}");
    }
    Ok(())
}

/// Returns a text of a folder with each link to `old` leading to `new`.
fn relinked(text: &str, folder: &Path, old: &Path, new: &Path) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        let (before, link) = rest.split_at(at + 2);
        out.push_str(before);
        let end = link.find([')', '#', ' ']).unwrap_or(link.len());
        let (target, after) = link.split_at(end);
        if target.ends_with(".md") && flat(&folder.join(target)) == flat(old) {
            out.push_str(&relative(folder, new));
        } else {
            out.push_str(target);
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_follow_a_page() {
        let (old, new) = (Path::new("/b/src/a/x.md"), Path::new("/b/src/a/y.md"));
        let text = "[one](x.md#top) [two](../a/x.md) [other](../c/x.md) [out](https://x.md)";
        assert_eq!(
            relinked(text, Path::new("/b/src/a"), old, new),
            "[one](y.md#top) [two](y.md) [other](../c/x.md) [out](https://x.md)"
        );
        assert_eq!(
            relinked("[g](a/x.md)", Path::new("/b/src"), old, new),
            "[g](a/y.md)"
        );
        assert_eq!(
            relinked("[g](../a/x.md)", Path::new("/b/src/c"), old, new),
            "[g](../a/y.md)"
        );
    }
}
