//! A table whose rows change between any two steps.
use nothing_missed::{Copy, Database, News, follow};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    rc::Rc,
};
use untwisted::deferreds::{Deferred, Failure, Resolver};

/// A question that has no answer yet.
enum Asked {
    Listen(Resolver<()>),
    All(Resolver<Vec<(u32, String)>>),
    One(u32, Resolver<String>),
}

#[derive(Default)]
struct Table {
    rows: RefCell<BTreeMap<u32, String>>,
    listens: Cell<bool>,
    told: RefCell<VecDeque<News>>,
    reader: RefCell<Option<Resolver<News>>>,
    asked: RefCell<VecDeque<Asked>>,
    log: RefCell<Vec<String>>,
}

impl Table {
    fn ask<T>(&self, what: String, make: impl FnOnce(Resolver<T>) -> Asked) -> Deferred<T> {
        let (resolver, answer) = Deferred::new();
        self.log.borrow_mut().push(what);
        self.asked.borrow_mut().push_back(make(resolver));
        answer
    }

    fn change(&self, row: u32, text: &str) {
        self.rows.borrow_mut().insert(row, text.to_owned());
        self.tell(News::Changed(row));
    }

    fn tell(&self, news: News) {
        if self.listens.get() {
            self.told.borrow_mut().push_back(news);
        }
    }

    /// Answers the oldest question, or tells the oldest piece of news. `false` when there is nothing to do.
    fn step(&self) -> bool {
        let asked = self.asked.borrow_mut().pop_front();
        match asked {
            Some(Asked::Listen(resolver)) => {
                self.listens.set(true);
                resolver.callback(());
            }
            Some(Asked::All(resolver)) => {
                let rows = self.rows.borrow().clone().into_iter().collect();
                resolver.callback(rows);
            }
            Some(Asked::One(row, resolver)) => {
                let text = self.rows.borrow()[&row].clone();
                resolver.callback(text);
            }
            None => {
                if self.told.borrow().is_empty() {
                    return false;
                }
                let Some(reader) = self.reader.take() else {
                    return false;
                };
                let news = self.told.borrow_mut().pop_front();
                reader.callback(news.expect("there is one"));
            }
        }
        true
    }

    fn settle(&self) {
        for _ in 0..1000 {
            if !self.step() {
                return;
            }
        }
        panic!("the program asks for ever: after 1000 steps it is not done");
    }
}

impl Database for Table {
    fn listen(&self) -> Deferred<()> {
        assert!(
            !self.listens.get(),
            "it listens already, and listen was called again"
        );
        self.ask("listen".to_owned(), Asked::Listen)
    }
    fn next(&self) -> Deferred<News> {
        assert!(self.listens.get(), "next was called before it listens");
        let (resolver, news) = Deferred::new();
        let before = self.reader.replace(Some(resolver));
        assert!(
            before.is_none(),
            "next was called while the one before still waits"
        );
        news
    }
    fn read_all(&self) -> Deferred<Vec<(u32, String)>> {
        self.ask("all".to_owned(), Asked::All)
    }
    fn read(&self, row: u32) -> Deferred<String> {
        self.ask(format!("row {row}"), move |resolver| {
            Asked::One(row, resolver)
        })
    }
}

fn begin() -> (Rc<Table>, Copy, Deferred<()>) {
    let table = Rc::new(Table::default());
    table.change(1, "Hope");
    table.change(2, "The Tyger");
    let copy = Copy::default();
    let follows = follow(table.clone(), copy.clone());
    (table, copy, follows)
}

fn is_right(table: &Table, copy: &Copy, when: &str) {
    let rows: Vec<(u32, String)> = table.rows.borrow().clone().into_iter().collect();
    let mut found: Vec<(u32, String)> = copy.borrow().clone();
    found.sort();
    let mut numbers: Vec<u32> = found.iter().map(|row| row.0).collect();
    numbers.dedup();
    assert_eq!(
        numbers.len(),
        found.len(),
        "the copy has more than one row for each number ({when}): {found:?}"
    );
    assert_eq!(
        found, rows,
        "{when}: the copy on the left is not the table on the right"
    );
}

#[test]
fn what_is_there_and_what_changes() {
    let (table, copy, _follows) = begin();
    table.settle();
    is_right(&table, &copy, "nothing has changed");
    table.change(2, "The Lamb");
    table.change(3, "Ozymandias");
    table.settle();
    is_right(&table, &copy, "one row changed and one is new");
    table.change(3, "a");
    table.change(3, "b");
    table.settle();
    is_right(&table, &copy, "a row changed twice before it was read");
    let log = table.log.borrow().join(", ");
    let all = log.matches("all").count();
    assert_eq!(
        all, 1,
        "a change is no reason to read everything again: {log}"
    );
}

#[test]
fn a_change_between_any_two_steps() {
    for steps in 0..8 {
        let (table, copy, _follows) = begin();
        for _ in 0..steps {
            table.step();
        }
        table.change(2, "The Lamb");
        table.change(9, "new");
        table.settle();
        is_right(
            &table,
            &copy,
            &format!("changed after {steps} steps, between reading and listening or around them"),
        );
    }
}

#[test]
fn after_a_gap_everything_is_read() {
    for steps in 0..5 {
        let (table, copy, _follows) = begin();
        table.settle();
        // Away for a moment: the copy hears nothing of this.
        table.rows.borrow_mut().insert(2, "The Lamb".to_owned());
        table.tell(News::Gap);
        for _ in 0..steps {
            table.step();
        }
        table.change(5, "The Fly");
        table.settle();
        is_right(
            &table,
            &copy,
            &format!("after a gap, and a change {steps} steps later"),
        );
    }
}

#[test]
fn a_failure_ends_it() {
    let (table, _copy, follows) = begin();
    table.settle();
    let reader = table
        .reader
        .take()
        .expect("it waits for the next piece of news");
    reader.errback(Failure::new("the listener is broken"));
    match follows.into_result() {
        Ok(Err(failure)) => assert_eq!(
            failure.to_string(),
            "the listener is broken",
            "when anything fails it fails with it, unchanged"
        ),
        Ok(Ok(())) => panic!("when anything fails it fails with it; it ended with a value"),
        Err(_) => panic!("when anything fails it fails with it; it has not fired"),
    }
    let asked = table.asked.borrow().len();
    assert_eq!(asked, 0, "it failed, and asked for more");
}
