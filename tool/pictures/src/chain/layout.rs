//! Where everything of a chain figure stands: items in the order of time, columns that are used
//! again once free.
use super::model::{Chain, Chains, Rail};
use crate::{
    facts::StageKind,
    svg::text::{self, Font},
};
use std::collections::BTreeMap;
use trace::read::Event;

/// Width of one Deferred's pair of rails.
pub(super) const PAIR: f64 = 276.0;
/// Room between two columns, for arrows.
pub(super) const GUTTER: f64 = 40.0;
/// Where the two rails stand in their pair.
pub(super) const RAILS: [f64; 2] = [71.0, 205.0];
/// Width of a box on one rail, and of one over both.
pub(super) const BOX: f64 = 126.0;
pub(super) const WIDE: f64 = 260.0;
/// Between the rails there is this much room for words.
pub(super) const BETWEEN: f64 = 114.0;
/// How far down a path needs to cross from rail to rail.
pub(super) const CROSSING: f64 = 26.0;

/// What stands at one place of a Deferred's rails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum ItemKind {
    Head,
    /// One of the chain's marks.
    Mark(usize),
    Fire,
    Stage(usize),
    /// The stage's Deferred leaves the rail to wait for another one, and comes back.
    Out(usize),
    Join(usize),
    End,
}

/// An item in its place. The rail on which the value comes in and goes out; none where there is no
/// value.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) chain: usize,
    pub(super) what: ItemKind,
    pub(super) comes: Option<Rail>,
    pub(super) goes: Option<Rail>,
    pub(super) top: f64,
    pub(super) height: f64,
    /// Height of the box at its top.
    pub(super) solid: f64,
    /// What the value is called from here on.
    pub(super) value: Vec<String>,
    key: u64,
    strict: bool,
}

impl Item {
    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Returns whether the path changes rails below the box.
    pub(super) fn crosses(&self, chain: &Chain<'_>) -> bool {
        let one =
            matches!(self.what, ItemKind::Stage(at) if chain.stages[at].kind != StageKind::Both);
        one && self.goes.is_some() && self.comes != self.goes
    }
}

/// The whole figure.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) items: Vec<Item>,
    /// Column of each shown chain, by index in `shown`.
    pub(super) columns: Vec<usize>,
    pub(super) shown: Vec<usize>,
    pub(super) height: f64,
}

impl Layout {
    pub(super) fn width(&self) -> f64 {
        let columns = self.columns.iter().max().map_or(1, |last| last + 1) as f64;
        columns * PAIR + (columns - 1.0) * GUTTER + 2.0
    }

    pub(super) fn left(&self, chain: usize) -> Option<f64> {
        let at = self.shown.iter().position(|shown| *shown == chain)?;
        Some(1.0 + self.columns[at] as f64 * (PAIR + GUTTER))
    }

    pub(super) fn item(&self, chain: usize, what: ItemKind) -> Option<&Item> {
        self.items
            .iter()
            .find(|item| item.chain == chain && item.what == what)
    }
}

pub(super) fn layout(chains: &Chains<'_>, shown: Vec<usize>) -> Layout {
    let lists = shown.iter().map(|at| items(chains, *at)).collect();
    let mut items = merged(chains, &shown, lists);
    let columns = columns(chains, &shown, &items);
    let height = place(chains, &shown, &columns, &mut items);
    Layout {
        items,
        columns,
        shown,
        height,
    }
}

/// Returns the items of one chain, from top to bottom.
fn items(chains: &Chains<'_>, at: usize) -> Vec<Item> {
    let chain = &chains.all[at];
    let mut list: Vec<Item> = Vec::new();
    let mut unreached = Vec::new();
    if let Some(fire) = chain.fire {
        let goes = chain.path.first().copied();
        let mut fired = item(at, ItemKind::Fire, fire.number, None, goes);
        fired.value = value(fire, fired.goes);
        list.push(fired);
    }
    for level in 0..chain.stages.len() {
        stage_items(chains, at, level, &mut list, &mut unreached);
    }
    let mut key = 0;
    for item in &mut list {
        key = item.key.max(key);
        item.key = key;
    }
    for (number, (_, mark)) in chain.marks.iter().enumerate() {
        let before = list.iter().position(|item| item.key > mark.number);
        let place = before.unwrap_or(list.len());
        let rail = place.checked_sub(1).and_then(|before| list[before].goes);
        let what = ItemKind::Mark(number);
        list.insert(place, item(at, what, mark.number, rail, rail));
    }
    let first = chain.new.map_or(0, |new| new.number);
    list.insert(0, item(at, ItemKind::Head, first, None, None));
    let last = list.last().map_or(0, |item| item.key);
    list.extend(unreached.into_iter().map(|mut stage: Item| {
        stage.key = last;
        stage
    }));
    list.push(end_item(chains, at, last));
    for item in &mut list {
        measure(chain, item);
    }
    list
}

/// Returns an item of chain `at` that has no size yet.
fn item(at: usize, what: ItemKind, key: u64, comes: Option<Rail>, goes: Option<Rail>) -> Item {
    Item {
        chain: at,
        what,
        comes,
        goes,
        top: 0.0,
        height: 0.0,
        solid: 0.0,
        value: Vec::new(),
        key,
        strict: true,
    }
}

/// What one stage shows: that it ran, left for another chain and came back, was passed by, or was
/// never reached.
fn stage_items<'a>(
    chains: &Chains<'a>,
    at: usize,
    level: usize,
    list: &mut Vec<Item>,
    unreached: &mut Vec<Item>,
) {
    let chain = &chains.all[at];
    let stage = &chain.stages[level];
    let comes = chain.path.get(level).copied();
    let goes = chain.path.get(level + 1).copied();
    let now = chain.when.get(level + 1).copied().unwrap_or(u64::MAX);
    match (stage.start, stage.waits) {
        (Some(start), Some((event, on))) => {
            list.push(item(at, ItemKind::Stage(level), start.number, comes, comes));
            list.push(item(at, ItemKind::Out(level), event.number, comes, None));
            if goes.is_some() {
                let mut join = item(at, ItemKind::Join(level), now, None, goes);
                let other = chains.get(on).filter(|on| on.object != chain.object);
                if let Some(last) = other.and_then(|on| last(chains, on, 0)) {
                    join.value = value(last, goes);
                }
                list.push(join);
            }
        }
        (Some(start), None) => {
            let mut runs = item(at, ItemKind::Stage(level), start.number, comes, goes);
            if let Some(end) = stage.end {
                runs.value = value(end, goes);
            }
            list.push(runs);
        }
        (None, _) if goes.is_some() => {
            let mut passed = item(at, ItemKind::Stage(level), now, comes, goes);
            passed.strict = false;
            list.push(passed);
        }
        (None, _) => {
            let mut never = item(at, ItemKind::Stage(level), 0, comes, None);
            never.strict = false;
            unreached.push(never);
        }
    }
}

/// Returns the end of the chain: after its last item, its drop, and whatever waits for it.
fn end_item(chains: &Chains<'_>, at: usize, last: u64) -> Item {
    let chain = &chains.all[at];
    let mut end = item(at, ItemKind::End, last, chain.outcome(), None);
    end.strict = chain.unhandled().is_some();
    if let Some(drop) = chain.drop.filter(|_| end.strict) {
        end.key = drop.number.max(last);
    }
    let waiting = chains.all.iter().flat_map(|other| &other.stages);
    for (event, on) in waiting.filter_map(|stage| stage.waits) {
        if on == chain.object {
            end.key = end.key.max(event.number);
        }
    }
    end
}

/// Returns the event that made a chain's last value.
fn last<'a>(chains: &Chains<'a>, chain: &Chain<'a>, depth: usize) -> Option<&'a Event> {
    let ran = chain
        .stages
        .iter()
        .rev()
        .find(|stage| stage.start.is_some());
    match ran.and_then(|stage| stage.waits) {
        Some((_, on)) if depth < chains.all.len() => last(chains, chains.get(on)?, depth + 1),
        Some(_) => None,
        None => ran.and_then(|stage| stage.end).or(chain.fire),
    }
}

fn value(event: &Event, rail: Option<Rail>) -> Vec<String> {
    let Some(text) = event.text("value") else {
        return Vec::new();
    };
    let font = if rail == Some(Rail::Err) {
        Font::Small
    } else {
        Font::Code
    };
    text::wrap(text, font, BETWEEN, 2)
}

/// Returns the lines of a stage's label in its box.
pub(super) fn label(chain: &Chain<'_>, stage: usize, rail: Rail) -> Vec<String> {
    let stage = &chain.stages[stage];
    let room = if stage.kind == StageKind::Both {
        WIDE
    } else {
        BOX
    } - 8.0;
    text::wrap(stage.label(rail), Font::Code, room, 3)
}

fn measure(chain: &Chain<'_>, item: &mut Item) {
    let below = 15.0 * item.value.len() as f64;
    let crossing = if item.crosses(chain) { CROSSING } else { 0.0 };
    (item.solid, item.height) = match item.what {
        ItemKind::Head => (62.0, 72.0),
        ItemKind::Mark(..) => (40.0, 52.0),
        ItemKind::Fire => (40.0, 54.0 + below),
        ItemKind::Stage(at) => {
            let lines = Rail::BOTH.map(|rail| label(chain, at, rail).len());
            let solid = 28.0 + 15.0 * lines[0].max(lines[1]) as f64;
            let waits = chain.stages[at].waits.is_some() && item.goes.is_some();
            (
                solid,
                solid + if waits { 0.0 } else { 14.0 } + crossing + below,
            )
        }
        ItemKind::Out(_) => (34.0, 42.0),
        ItemKind::Join(_) => (16.0, 30.0 + below),
        ItemKind::End if chain.unhandled().is_some() => (40.0, 52.0),
        ItemKind::End if item.comes.is_none() => (24.0, 34.0),
        ItemKind::End => (0.0, 16.0),
    };
}

/// Returns the items of all chains in the order of time; what depends on another chain comes after
/// it.
fn merged<'a>(chains: &Chains<'a>, shown: &[usize], lists: Vec<Vec<Item>>) -> Vec<Item> {
    let mut queues: Vec<_> = lists
        .into_iter()
        .map(|list| list.into_iter().peekable())
        .collect();
    let mut out: Vec<Item> = Vec::new();
    loop {
        let mut best: Option<(bool, u64, u8, usize)> = None;
        for (at, queue) in queues.iter_mut().enumerate() {
            let Some(item) = queue.peek() else { continue };
            let after = needs(chains, item).filter(|on| shown.contains(on));
            let blocked = after.is_some_and(|on| {
                !out.iter()
                    .any(|item| item.chain == on && item.what == ItemKind::End)
            });
            let rank = u8::from(item.what == ItemKind::End);
            let this = (blocked, item.key, rank, at);
            if best.is_none_or(|best| this < best) {
                best = Some(this);
            }
        }
        let Some(item) = best.and_then(|best| queues[best.3].next()) else {
            return out;
        };
        out.push(item);
    }
}

/// Returns the chain that must have ended before this item.
pub(super) fn needs(chains: &Chains<'_>, item: &Item) -> Option<usize> {
    let chain = &chains.all[item.chain];
    match item.what {
        ItemKind::Join(stage) => chains.at(chain.stages[stage].waits?.1),
        ItemKind::Fire => chains.at(chain.given?.1),
        _ => None,
    }
    .filter(|other| *other != item.chain)
}

/// Returns the lowest column that is free while a chain has items, for each chain.
fn columns(chains: &Chains<'_>, shown: &[usize], items: &[Item]) -> Vec<usize> {
    let spans: Vec<(usize, usize)> = shown
        .iter()
        .map(|at| {
            let mine = |item: &&Item| item.chain == *at || needs(chains, item) == Some(*at);
            let all: Vec<usize> = (0..items.len()).filter(|i| mine(&&items[*i])).collect();
            (
                all.first().copied().unwrap_or(0),
                all.last().copied().unwrap_or(0),
            )
        })
        .collect();
    let mut order: Vec<usize> = (0..shown.len()).collect();
    order.sort_by_key(|at| spans[*at].0);
    let mut columns = vec![0; shown.len()];
    let mut busy: Vec<usize> = Vec::new();
    for at in order {
        let (first, last) = spans[at];
        let free = busy.iter().position(|until| *until < first);
        let column = free.unwrap_or(busy.len());
        if column == busy.len() {
            busy.push(last);
        } else {
            busy[column] = last;
        }
        columns[at] = column;
    }
    columns
}

/// Puts each item in its place from the top. Returns the height of all.
fn place(chains: &Chains<'_>, shown: &[usize], columns: &[usize], items: &mut [Item]) -> f64 {
    let mut ends: BTreeMap<usize, f64> = BTreeMap::new();
    let mut bottoms = vec![1.0; columns.len()];
    let mut height: f64 = 0.0;
    let mut before: Option<(bool, f64, f64)> = None;
    for item in items {
        let column = shown
            .iter()
            .position(|at| *at == item.chain)
            .map_or(0, |at| columns[at]);
        let head = item.what == ItemKind::Head;
        let own: f64 = bottoms[column];
        item.top = match before {
            // Made one after the other, side by side.
            Some((true, top, _)) if head => own.max(top),
            Some((_, _, bottom)) if item.strict => own.max(bottom),
            _ => own,
        };
        // What comes from another Deferred comes out below it.
        if let Some(end) = needs(chains, item).and_then(|other| ends.get(&other)) {
            item.top = item.top.max(*end);
        }
        if item.what == ItemKind::End {
            ends.insert(item.chain, item.bottom());
        }
        if item.strict {
            before = Some((head, item.top, item.bottom()));
        }
        bottoms[column] = item.bottom()
            + if item.what == ItemKind::End {
                22.0
            } else {
                0.0
            };
        height = height.max(item.bottom());
    }
    height + 1.0
}
