//! The words of the figure: what is written at a Deferred's head, at its fire, at its end, and the
//! description.
use super::model::{Chain, Chains, Rail, at, place};
use crate::{facts::Mark, story::Story, text, words};
use std::fmt::Write as _;
use trace::{
    Kind,
    read::{Event, Trace},
};

pub(super) struct Words<'a> {
    pub(super) trace: &'a Trace,
    pub(super) story: &'a Story<'a>,
}

impl Words<'_> {
    /// Its name, and where it was made.
    pub(super) fn head(&self, chain: &Chain<'_>) -> (String, String) {
        let name = match &chain.name {
            Some(name) => format!("{}: {name}", chain.object),
            None => chain.object.to_owned(),
        };
        let made = chain
            .place
            .as_ref()
            .map(|place| format!("made {}", at(place)));
        (name, made.unwrap_or_default())
    }

    fn at(&self, event: &Event) -> String {
        if self.trace.header.clock == "virtual" && event.turn > 0 {
            format!(" at {}", words::time(event.time))
        } else {
            String::new()
        }
    }

    /// Returns what it fires with and when; by whom and where.
    pub(super) fn fires(&self, chain: &Chain<'_>) -> (String, String) {
        let Some(fire) = chain.fire else {
            return (String::new(), String::new());
        };
        let what = match chain.path.first() {
            Some(Rail::Err) => "fires with a failure",
            _ => "fires with a result",
        };
        let at = self.at(fire);
        let born = chain
            .new
            .is_some_and(|new| new.site == fire.site && new.number + 1 == fire.number);
        let first = match chain.path.first() {
            Some(rail) if born => format!("has its {} at once", rail.word()),
            _ => format!("{what}{at}"),
        };
        let mut by: Vec<String> = Vec::new();
        if let Some((_, on)) = chain.given {
            by.push(format!("is given the result of {on}"));
        } else if chain
            .marks
            .iter()
            .any(|(mark, event)| *mark == Mark::Cancelled && event.number < fire.number)
        {
            by.push("because it is cancelled".to_owned());
        } else if let Some(by_whom) = self.by(chain, fire) {
            by.push(by_whom);
        }
        let site = self.trace.site(fire);
        // Where a library fires what it made is its business.
        let ours = site.filter(|site| by.is_empty() || !site.in_library());
        let place = ours.map(|site| place(self.trace, site));
        by.extend(place.filter(|place| !born && chain.place.as_ref() != Some(place)));
        (first, by.join(", "))
    }

    fn ancestors<'e>(&'e self, event: &'e Event) -> impl Iterator<Item = &'e Event> {
        let up = |event: &&'e Event| self.trace.event(event.parent?);
        std::iter::successors(self.trace.event(event.parent.unwrap_or(0)), up)
    }

    /// On whose stack an event happened.
    fn by(&self, chain: &Chain<'_>, event: &Event) -> Option<String> {
        self.ancestors(event).find_map(|up| {
            if let Some(job) = self.story.job(up) {
                return Some(format!("by the result of {}", self.story.the(job)));
            }
            if up.is(Kind::CallRun) && up.object.is_none() {
                return Some("by a call from a thread".to_owned());
            }
            let object = up.object.as_deref()?;
            let holds = [
                Kind::TimerFire,
                Kind::IoReady,
                Kind::CallRun,
                Kind::TaskPoll,
            ];
            if up.is(Kind::CbStart) && object != chain.object {
                Some(format!("by a stage of {object}"))
            } else if holds.iter().any(|kind| up.is(*kind)) {
                Some(format!("by {}", self.story.the(object)))
            } else {
                None
            }
        })
    }

    /// Returns the chain and the stage in which it was fired.
    pub(super) fn fired_in(
        &self,
        chains: &Chains<'_>,
        chain: &Chain<'_>,
    ) -> Option<(usize, usize)> {
        let up = self
            .ancestors(chain.fire?)
            .find(|up| up.is(Kind::CbStart))?;
        let at = chains.at(up.object.as_deref()?)?;
        Some((at, usize::try_from(up.count("i")?).ok()?))
    }

    /// Cancelled, paused, going on.
    pub(super) fn mark(&self, chain: &Chain<'_>, at: usize) -> (String, String) {
        let (mark, event) = chain.marks[at];
        let at = self.at(event);
        match mark {
            Mark::Paused => (format!("paused{at}"), String::new()),
            Mark::Resumed => (format!("goes on{at}"), String::new()),
            Mark::Cancelled => self.cancelled(chain, event),
        }
    }

    /// By whom it is cancelled, and what that does.
    fn cancelled(&self, chain: &Chain<'_>, event: &Event) -> (String, String) {
        let at = self.at(event);
        let timer = self.ancestors(event).find(|up| up.is(Kind::TimerFire));
        let set = timer.and_then(|timer| self.trace.event(*timer.causes.first()?));
        let own = set.is_some_and(|set| {
            let here = |stage: &super::model::Stage<'_>| {
                stage.times && stage.add.site.is_some() && stage.add.site == set.site
            };
            chain.stages.iter().any(here)
        });
        let waits = chain.stages.iter().enumerate().find_map(|(at, stage)| {
            let (waited, on) = stage.waits?;
            let until = chain.when.get(at + 1).copied().unwrap_or(u64::MAX);
            (waited.number < event.number && event.number < until).then_some(on)
        });
        let first = if own {
            format!("timed out{at}")
        } else {
            format!("cancelled{at}")
        };
        let by = timer
            .filter(|_| !own)
            .and_then(|timer| timer.object.as_deref());
        let second = match (waits, chain.fire, by) {
            (Some(on), ..) => format!("goes to {on}, which it waits for"),
            (None, Some(fire), _) if fire.number < event.number => {
                "too late, it has its result".to_owned()
            }
            (None, _, Some(timer)) => format!("by {}", self.story.named(timer)),
            _ => String::new(),
        };
        (first, second)
    }

    /// Returns why its rails end without a value.
    pub(super) fn unfinished(&self, chain: &Chain<'_>) -> &'static str {
        let paused = chain.marks.iter().fold(0_i32, |count, (mark, _)| {
            count + i32::from(*mark == Mark::Paused) - i32::from(*mark == Mark::Resumed)
        });
        let waits = chain
            .stages
            .iter()
            .rev()
            .find(|stage| stage.start.is_some());
        let panicked = waits
            .and_then(|stage| stage.end)
            .is_some_and(|end| end.flag("panic"));
        match chain.fire {
            None => "never fired",
            Some(_) if paused > 0 => "still paused at the end",
            Some(_) if panicked => "a panic ends it",
            Some(_) => "still waits at the end",
        }
    }

    /// Returns one Deferred's path in a sentence.
    pub(super) fn told(&self, chain: &Chain<'_>) -> String {
        let (name, made) = self.head(chain);
        let mut text = name;
        if !made.is_empty() {
            let _ = write!(text, ", {made},");
        }
        for at in 0..chain.marks.len() {
            let (what, more) = self.mark(chain, at);
            let more = if more.is_empty() {
                more
            } else {
                format!(" ({more})")
            };
            let _ = write!(text, " {what}{more},");
        }
        let Some(first) = chain.path.first() else {
            text.push_str(" never fires.");
            return text;
        };
        let _ = write!(text, " {}", self.fires(chain).0);
        if let Some((_, on)) = chain.given {
            let _ = write!(text, ", the one of {on}");
        }
        let mut rail = *first;
        for (at, stage) in chain.stages.iter().enumerate() {
            let label = stage.named(rail);
            match (stage.start.is_some(), chain.path.get(at + 1)) {
                (true, next) => {
                    let _ = write!(text, "; {label} runs on the {} rail", rail.word());
                    if let Some((_, on)) = stage.waits {
                        let on = if on == chain.object { "itself" } else { on };
                        let _ = write!(text, " and waits for {on}");
                    }
                    if let Some(next) = next.filter(|next| **next != rail) {
                        let _ = write!(
                            text,
                            ", and from there the path goes on the {} rail",
                            next.word()
                        );
                    }
                }
                (false, Some(_)) => {
                    let _ = write!(text, "; {label} is passed by");
                }
                (false, None) => {
                    let _ = write!(text, "; {label} is not reached");
                }
            }
            rail = chain.path.get(at + 1).copied().unwrap_or(rail);
        }
        match (chain.unhandled(), chain.outcome()) {
            (Some(what), _) => {
                let _ = write!(
                    text,
                    "; no stage handles the failure: {}",
                    text::short(what, 80)
                );
            }
            (None, None) => {
                let _ = write!(text, "; {}", self.unfinished(chain));
            }
            _ => {}
        }
        text.push('.');
        text
    }
}
