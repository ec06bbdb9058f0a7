//! What `cargo book check` compiles and runs once it has looked at the text.
use super::{Checked, Options, blocks, front};
use crate::{
    exercise::{layout::Exercise, prove},
    expand::{Page, slashed},
    finding::Findings,
    house::House,
    manifest::Listing,
    needs::Missing,
    record,
};
use anyhow::{Result, anyhow};
use std::{collections::BTreeMap, time::Duration};

/// What all runs need to know.
pub(super) struct Runs<'a> {
    pub(super) house: &'a House,
    pub(super) options: &'a Options,
    pub(super) missing: &'a Missing,
    pub(super) listings: &'a BTreeMap<String, Listing>,
}

impl Runs<'_> {
    /// The blocks of one page.
    pub(super) fn page(
        &self,
        page: &str,
        pages: Option<Vec<Page>>,
        checked: &mut Checked,
    ) -> Result<()> {
        let pages = pages.map(|mut pages| {
            pages.retain(|known| slashed(&known.file) == page);
            pages
        });
        let own = pages.iter().flatten().next();
        let chapter = own.and_then(front::chapter).unwrap_or_default();
        let all = self.missing.packages();
        let of_chapter = all.filter(|package| package.trim_end_matches("-lab") == chapter);
        let said = of_chapter.map(|package| (package, " (the blocks of this page)".to_owned()));
        checked.not_looked_at = self.missing.said(said);
        self.test(pages, None, checked)
    }

    /// The blocks of all pages.
    pub(super) fn blocks(
        &self,
        pages: Option<Vec<Page>>,
        exercises: &[Exercise],
        checked: &mut Checked,
    ) -> Result<()> {
        checked.not_looked_at = self.left_out(pages.as_deref(), exercises);
        self.test(pages, None, checked)
    }

    /// The listings, the blocks of all pages, and the exercises.
    pub(super) fn everything(
        &self,
        pages: Option<Vec<Page>>,
        mut exercises: Vec<Exercise>,
        checked: &mut Checked,
    ) -> Result<()> {
        checked.not_looked_at = self.left_out(pages.as_deref(), &exercises);
        let all = record::Options {
            check: true,
            linted: true,
            ..record::Options::default()
        };
        let recorded = record::record(self.house, &all)?;
        checked.found.append(recorded.found);
        exercises.retain(|exercise| !self.missing.concerns_chapter(&exercise.chapter));
        // Side by side, for neither keeps all processors busy: rustdoc compiles a chapter after the
        // other, and of an exercise's tests some wait. Recording is over by now: what it compares
        // are runs in real time, too, which want a quiet machine.
        let (proven, found) = std::thread::scope(|scope| {
            let prove = scope.spawn(|| {
                let mut found = Findings::default();
                let everything = self.options.everything;
                let proven = prove::prove(self.house, &exercises, everything, &mut found)?;
                anyhow::Ok((proven, found))
            });
            let tested = self.test(pages, Some(recorded.seen), checked);
            let proved = prove
                .join()
                .map_err(|_| anyhow!("the thread that proves exercises panicked"))?;
            tested.and(proved)
        })?;
        checked.proven = Some(proven);
        checked.found.append(found);
        Ok(())
    }

    /// Compiles and runs the blocks of these pages.
    fn test(
        &self,
        pages: Option<Vec<Page>>,
        record: blocks::Record,
        checked: &mut Checked,
    ) -> Result<()> {
        let Some(pages) = pages else {
            return Ok(());
        };
        checked.table = Some(blocks::test(
            self.house,
            &pages,
            self.listings,
            &record,
            self.missing,
            Duration::from_secs(self.options.limit),
            &mut checked.found,
        )?);
        Ok(())
    }

    /// What a whole check leaves out, a line for each package.
    fn left_out(&self, pages: Option<&[Page]>, exercises: &[Exercise]) -> String {
        self.missing.said(self.missing.packages().map(|package| {
            let programs = self
                .listings
                .values()
                .filter(|listing| listing.package == package)
                .count();
            let of_chapter = |page: &&Page| front::chapter(page).as_deref() == Some(package);
            let blocks: usize = pages
                .into_iter()
                .flatten()
                .filter(of_chapter)
                .map(|page| page.blocks.len())
                .sum();
            let tasks = exercises
                .iter()
                .filter(|exercise| exercise.chapter == package)
                .count();
            let counts = [
                (programs, "listings"),
                (blocks, "blocks"),
                (tasks, "exercises"),
            ];
            let some: Vec<String> = counts
                .iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect();
            (
                package,
                if some.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", some.join(", "))
                },
            )
        }))
    }
}
