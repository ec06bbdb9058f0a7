//! Arrows from one Deferred to another: it waits and comes back, it fires the other, its result is
//! given on.
use super::{
    draw::{CAPSULE, Draw},
    layout::{BOX, GUTTER, Item, ItemKind, PAIR, WIDE, needs},
    model::Rail,
};
use crate::{facts::StageKind, svg::Pen};

impl Draw<'_> {
    /// Arrows between this item's Deferred and others.
    pub(super) fn links(&mut self, item: &Item) {
        let Some(left) = self.layout.left(item.chain) else {
            return;
        };
        let chain = &self.chains.all[item.chain];
        match item.what {
            ItemKind::Out(at) => {
                let Some(rail) = item.comes else { return };
                let (x, y) = (self.rail(item.chain, rail), item.top + item.solid - 8.0);
                let other = chain.stages[at]
                    .waits
                    .and_then(|(_, on)| self.chains.at(on));
                if other == Some(item.chain) {
                    // Round to its own next stage: `Join` draws the rest.
                    let edge = left + PAIR - 7.0;
                    let pen = Pen::Taken(rail);
                    self.canvas.over(&[(x, item.top), (x, y), (edge, y)], pen);
                    let join = self.layout.item(item.chain, ItemKind::Join(at));
                    if let Some(join) = join {
                        let back = join.top + join.solid - 12.0;
                        self.canvas.line(&[(edge, y - 2.0), (edge, back)], pen);
                    }
                    return;
                }
                let other = other.and_then(|other| self.layout.left(other));
                let (end, way) = edge(left, other.unwrap_or(left + PAIR + GUTTER));
                let end = if other.is_none() {
                    left + PAIR - 6.0
                } else {
                    end
                };
                let pen = Pen::Taken(rail);
                self.canvas
                    .over(&[(x, item.top), (x, y), (end - way * 6.0, y)], pen);
                self.canvas.tip((end, y), (way, 0.0), pen);
            }
            ItemKind::Join(_) => {
                let Some(rail) = item.goes else { return };
                let pen = Pen::Taken(rail);
                let (x, y) = (self.rail(item.chain, rail), item.top + item.solid);
                let other =
                    needs(self.chains, item).filter(|other| self.layout.left(*other).is_some());
                let Some(other) = other else {
                    self.canvas
                        .over(&[(left + PAIR - 5.0, y - 12.0), (x + 6.0, y - 12.0)], pen);
                    self.canvas.tip((x, y - 12.0), (-1.0, 0.0), pen);
                    self.canvas.line(&[(x, y - 12.0), (x, y)], pen);
                    return;
                };
                let from = self.rail(other, rail);
                let bottom = self
                    .layout
                    .item(other, ItemKind::End)
                    .map_or(y, Item::bottom);
                let way = if from > x { -1.0 } else { 1.0 };
                let y = y - 4.0;
                self.canvas
                    .over(&[(from, bottom), (from, y), (x - way * 8.0, y)], pen);
                self.canvas.tip((x, y), (way, 0.0), pen);
                self.canvas
                    .line(&[(x, y - 2.0), (x, item.top + item.solid)], pen);
            }
            ItemKind::Fire => self.fired_by(item, left),
            _ => {}
        }
    }

    /// From the stage that fired it, or from the end of the one whose result it is given.
    fn fired_by(&mut self, item: &Item, left: f64) {
        let y = item.top + item.solid / 2.0;
        if let Some(other) = needs(self.chains, item)
            && let Some(rail) = self.chains.all[other].outcome()
            && let Some(far) = self.layout.left(other)
            && let Some(end) = self.layout.item(other, ItemKind::End)
        {
            let x = self.rail(other, rail);
            let pen = Pen::Taken(rail);
            if (far - left).abs() < 1.0 {
                return;
            }
            let (edge, way) = edge(far, left);
            let edge = edge + way * (PAIR - CAPSULE) / 2.0;
            self.canvas
                .over(&[(x, end.bottom()), (x, y), (edge - way * 8.0, y)], pen);
            self.canvas.tip((edge, y), (way, 0.0), pen);
            return;
        }
        let Some((other, stage)) = self
            .words
            .fired_in(self.chains, &self.chains.all[item.chain])
        else {
            return;
        };
        let (Some(far), Some(from)) = (
            self.layout.left(other),
            self.layout.item(other, ItemKind::Stage(stage)),
        ) else {
            return;
        };
        if (far - left).abs() < 1.0 {
            return;
        }
        let (edge, way) = edge(far, left);
        let narrow = self.chains.all[other].stages[stage].kind != StageKind::Both;
        let rail = from.comes.unwrap_or(Rail::Ok);
        let (middle, half) = if narrow {
            (self.rail(other, rail), BOX / 2.0)
        } else {
            (far + PAIR / 2.0, WIDE / 2.0)
        };
        let gutter = edge - way * GUTTER / 2.0;
        let from_y = from.top + from.solid / 2.0;
        let end = edge + way * (PAIR - CAPSULE) / 2.0;
        let points = [
            (middle + way * half, from_y),
            (gutter, from_y),
            (gutter, y),
            (end - way * 6.0, y),
        ];
        self.canvas.over(&points, Pen::Cause);
        self.canvas.tip((end, y), (way, 0.0), Pen::Cause);
    }
}

/// Returns the near edge of a pair, seen from another one, and the direction there.
fn edge(from: f64, to: f64) -> (f64, f64) {
    if to > from {
        (to, 1.0)
    } else {
        (to + PAIR, -1.0)
    }
}
