//! Draws the figure: frames, rails, boxes, then the arrows from one Deferred to another.
use super::{
    layout::{BETWEEN, BOX, CROSSING, Item, ItemKind, Layout, PAIR, RAILS, WIDE, label, needs},
    model::{Chain, Chains, Rail},
    words::Words,
};
use crate::facts::StageKind;
use crate::svg::{
    Canvas, Held, Pen,
    text::{Font, cut},
};

pub(super) struct Draw<'a> {
    pub(super) chains: &'a Chains<'a>,
    pub(super) layout: &'a Layout,
    pub(super) words: &'a Words<'a>,
    pub(super) canvas: Canvas,
}

/// What stands in a capsule across both rails.
pub(super) const CAPSULE: f64 = 232.0;

impl Draw<'_> {
    pub(super) fn all(&mut self) {
        for at in self.layout.shown.clone() {
            self.chain(at);
        }
        for item in &self.layout.items {
            self.links(item);
        }
    }

    pub(super) fn rail(&self, chain: usize, rail: Rail) -> f64 {
        self.layout.left(chain).unwrap_or(0.0) + RAILS[rail as usize]
    }

    fn chain(&mut self, at: usize) {
        let left = self.layout.left(at).unwrap_or(0.0);
        let items: Vec<&Item> = self
            .layout
            .items
            .iter()
            .filter(|item| item.chain == at)
            .collect();
        let (Some(first), Some(last)) = (items.first(), items.last()) else {
            return;
        };
        self.canvas.frame(left, (first.top, last.bottom()), PAIR);
        // The place of one item begins where that of the one before ends, although others come
        // between in time.
        let mut gap = first.bottom();
        let mut now: Option<Rail> = None;
        for item in items {
            if item.what != ItemKind::Head {
                for rail in Rail::BOTH {
                    self.straight(at, rail, (gap, item.top), now == Some(rail));
                }
                self.rails(item);
            }
            self.item(item);
            gap = item.bottom();
            now = item.goes;
        }
    }

    /// A piece of a rail, straight down.
    fn straight(&mut self, chain: usize, rail: Rail, (from, to): (f64, f64), taken: bool) {
        if to - from < 0.5 {
            return;
        }
        let x = self.rail(chain, rail);
        let pen = if taken {
            Pen::Taken(rail)
        } else {
            Pen::Idle(rail)
        };
        self.canvas.line(&[(x, from), (x, to)], pen);
    }

    /// Both rails beside, above and below an item.
    fn rails(&mut self, item: &Item) {
        let chain = item.chain;
        let (top, solid, bottom) = (item.top, item.top + item.solid, item.bottom());
        if item.what == ItemKind::End && item.solid == 0.0 {
            let leads_on = self.leads_on(chain);
            for rail in Rail::BOTH {
                let taken = item.comes == Some(rail);
                self.straight(
                    chain,
                    rail,
                    (
                        top,
                        if taken && leads_on {
                            bottom
                        } else {
                            bottom - 4.0
                        },
                    ),
                    taken,
                );
            }
            return;
        }
        for rail in Rail::BOTH {
            let (comes, goes) = (item.comes == Some(rail), item.goes == Some(rail));
            if item.crosses(&self.chains.all[chain]) {
                let arrives = if goes { solid + CROSSING } else { bottom };
                self.straight(chain, rail, (top, solid), comes);
                self.straight(chain, rail, (solid, arrives), false);
                self.straight(chain, rail, (arrives, bottom), goes);
            } else if let ItemKind::Out(_) | ItemKind::Join(_) = item.what {
                self.straight(chain, rail, (top, solid), comes);
                self.straight(chain, rail, (solid, bottom), goes);
            } else {
                self.straight(chain, rail, (top, solid), comes);
                if item.what != ItemKind::End {
                    self.straight(chain, rail, (solid, bottom), goes);
                }
            }
        }
        if let (true, Some(from), Some(to)) =
            (item.crosses(&self.chains.all[chain]), item.comes, item.goes)
        {
            let (from, x) = (self.rail(chain, from), self.rail(chain, to));
            self.canvas
                .cross((from, solid), (x, solid + CROSSING), Pen::Taken(to));
        }
    }

    fn item(&mut self, item: &Item) {
        let left = self.layout.left(item.chain).unwrap_or(0.0);
        let middle = left + PAIR / 2.0;
        let chain = &self.chains.all[item.chain];
        match item.what {
            ItemKind::Head => self.head(chain, left, item.top),
            ItemKind::Fire => {
                let (first, second) = self.words.fires(chain);
                self.capsule(middle, item, &first, &second, item.goes);
            }
            ItemKind::Mark(at) => {
                let (first, second) = self.words.mark(chain, at);
                self.capsule(middle, item, &first, &second, None);
            }
            ItemKind::Stage(at) => self.stage(chain, item, at),
            ItemKind::Out(at) => {
                let on = chain.stages[at].waits.map_or("", |waits| waits.1);
                let text = if on == chain.object {
                    "waits for itself".to_owned()
                } else {
                    format!("waits for {on}")
                };
                self.between(item.comes, left, item.top + 18.0, &text, Font::Words);
            }
            ItemKind::Join(_) => {}
            ItemKind::End => {
                if let Some(what) = chain.unhandled() {
                    self.capsule(middle, item, "not handled", what, Some(Rail::Err));
                } else if item.comes.is_none() {
                    let text = self.words.unfinished(chain);
                    self.capsule(middle, item, text, "", None);
                } else if let Some(rail) = item.comes.filter(|_| !self.leads_on(item.chain)) {
                    let x = self.rail(item.chain, rail);
                    self.canvas
                        .tip((x, item.bottom()), (0.0, 1.0), Pen::Taken(rail));
                }
            }
        }
        let from = item.bottom() - 15.0 * item.value.len() as f64 - 4.0;
        for (at, line) in item.value.iter().enumerate() {
            let font = if item.goes == Some(Rail::Err) {
                Font::Small
            } else {
                Font::Code
            };
            self.between(
                item.goes,
                left,
                from + 15.0 * (at as f64) + 12.0,
                line,
                font,
            );
        }
    }

    /// Returns whether its result goes on to another Deferred of the figure, in another column.
    fn leads_on(&self, chain: usize) -> bool {
        self.layout.items.iter().any(|item| {
            needs(self.chains, item) == Some(chain)
                && self.layout.left(item.chain) != self.layout.left(chain)
        })
    }

    /// Words beside the rail that is taken, in the room between both.
    fn between(&mut self, rail: Option<Rail>, left: f64, y: f64, text: &str, font: Font) {
        let (x, held) = match rail {
            Some(Rail::Err) => (left + RAILS[1] - 10.0, Held::Right),
            _ => (left + RAILS[0] + 10.0, Held::Left),
        };
        let text = cut(text, font, BETWEEN);
        self.canvas.text((x, y), &text, font, held, "");
    }

    fn head(&mut self, chain: &Chain<'_>, left: f64, top: f64) {
        let (name, made) = self.words.head(chain);
        let name = cut(&name, Font::Words, (PAIR - 24.0) / 1.1);
        let made = cut(&made, Font::Small, PAIR - 24.0);
        self.canvas.text(
            (left + 12.0, top + 18.0),
            &name,
            Font::Words,
            Held::Left,
            "strong",
        );
        self.canvas.text(
            (left + 12.0, top + 34.0),
            &made,
            Font::Small,
            Held::Left,
            "quiet",
        );
        for rail in Rail::BOTH {
            let x = left + RAILS[rail as usize];
            self.canvas.text(
                (x, top + 58.0),
                rail.word(),
                Font::Small,
                Held::Middle,
                "strong",
            );
            let y = top + 64.0;
            self.canvas
                .line(&[(x, y), (x, top + 72.0)], Pen::Idle(rail));
        }
    }

    fn capsule(&mut self, middle: f64, item: &Item, first: &str, second: &str, rail: Option<Rail>) {
        let border = match rail {
            Some(rail) => stroke(rail, true),
            None => "class=\"soft ground\" stroke=\"#57606a\" stroke-width=\"1.5\"".to_owned(),
        };
        let corner = (middle - CAPSULE / 2.0, item.top);
        self.canvas
            .boxed(corner, (CAPSULE, item.solid), 12.0, &border);
        // Bold is wider.
        let first = cut(first, Font::Words, (CAPSULE - 16.0) / 1.1);
        let second = cut(second, Font::Small, CAPSULE - 16.0);
        let y = if second.is_empty() {
            item.solid / 2.0 + 4.5
        } else {
            17.0
        };
        self.canvas.text(
            (middle, item.top + y),
            &first,
            Font::Words,
            Held::Middle,
            "strong",
        );
        self.canvas.text(
            (middle, item.top + 33.0),
            &second,
            Font::Small,
            Held::Middle,
            "quiet",
        );
    }

    fn stage(&mut self, chain: &Chain<'_>, item: &Item, at: usize) {
        let stage = &chain.stages[at];
        let ran = stage.start.is_some();
        let left = self.layout.left(item.chain).unwrap_or(0.0);
        if stage.kind == StageKind::Both {
            let rail = item.comes.filter(|_| ran);
            self.one(
                chain,
                item,
                at,
                (left + PAIR / 2.0, WIDE),
                rail.unwrap_or(Rail::Ok),
                rail.is_some(),
            );
            return;
        }
        for rail in Rail::BOTH.into_iter().filter(|rail| stage.acts_on(*rail)) {
            let runs = ran && item.comes == Some(rail);
            let middle = left + RAILS[rail as usize];
            self.one(chain, item, at, (middle, BOX), rail, runs);
        }
    }

    fn one(
        &mut self,
        chain: &Chain<'_>,
        item: &Item,
        at: usize,
        (middle, width): (f64, f64),
        rail: Rail,
        runs: bool,
    ) {
        let border = stroke(rail, runs);
        self.canvas.boxed(
            (middle - width / 2.0, item.top),
            (width, item.solid),
            5.0,
            &border,
        );
        let quiet = if runs { "" } else { "quiet" };
        let mut y = item.top + 18.0;
        for line in label(chain, at, rail) {
            self.canvas
                .text((middle, y), &line, Font::Code, Held::Middle, quiet);
            y += 15.0;
        }
        let stage = &chain.stages[at];
        let kind = match (stage.kind, rail) {
            (StageKind::Pair, Rail::Ok) => StageKind::Callback.class(),
            (StageKind::Pair, Rail::Err) => StageKind::Errback.class(),
            (kind, _) => kind.class(),
        };
        let mut under = kind.to_owned();
        if let Some(place) = stage
            .place
            .as_deref()
            .filter(|place| stage.label(rail) != *place)
        {
            under = format!("{kind}, {place}");
        }
        if stage.end.is_some_and(|end| end.flag("panic")) {
            "panics".clone_into(&mut under);
        }
        let under = cut(&under, Font::Small, width - 8.0);
        self.canvas.text(
            (middle, item.top + item.solid - 8.0),
            &under,
            Font::Small,
            Held::Middle,
            "quiet",
        );
    }
}

/// Returns a border: thick where something ran, thin and dashed where nothing did.
fn stroke(rail: Rail, taken: bool) -> String {
    let (class, colour) = match rail {
        Rail::Ok => ("result", "#0072B2"),
        Rail::Err => ("failure", "#D55E00"),
    };
    if taken {
        format!("class=\"ground {class}\" stroke=\"{colour}\" stroke-width=\"2.5\"")
    } else {
        format!(
            "class=\"ground {class}\" stroke=\"{colour}\" stroke-width=\"1.5\" stroke-dasharray=\"5 4\""
        )
    }
}
