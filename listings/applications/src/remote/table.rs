//! Which objects the two sides of a connection know of each other.
use super::{Callable, NoObject, NotPassed, Reference, Value, Values, errors::Errors};
use deferreds::{Deferred, Failure, maybe_deferred};
use protocols::{Asker, KeyValues};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    rc::{Rc, Weak},
};

/// How many objects of one side the other may hold at once, over one connection.
pub(super) const MOST_OBJECTS: usize = 10_000;
/// The number of the object that each side begins with.
pub(super) const FIRST: u64 = 0;

/// The table of one connection.
pub(super) struct Table {
    /// None before the connection is made and after it is lost.
    asker: RefCell<Option<Asker>>,
    first: RefCell<Option<Rc<dyn Callable>>>,
    exports: RefCell<BTreeMap<u64, Export>>,
    /// The numbers of those, so that an object that is sent twice is one reference.
    numbers: RefCell<HashMap<*const (), u64>>,
    imports: RefCell<HashMap<u64, Weak<Import>>>,
    next: Cell<u64>,
    errors: Errors,
}

/// An object of this side that the other side holds.
struct Export {
    object: Rc<dyn Callable>,
    /// How often it was sent. It is let go when the other side has given back as many.
    sent: u64,
}

/// An object of the other side that this side holds: what all clones of a reference share.
pub(super) struct Import {
    pub(super) number: u64,
    /// How often the other side has sent it.
    received: Cell<u64>,
    pub(super) table: Rc<Table>,
}

impl Import {
    fn new(number: u64, table: &Rc<Table>) -> Rc<Import> {
        Rc::new(Import {
            number,
            received: Cell::new(0),
            table: Rc::clone(table),
        })
    }

    fn received(&self) {
        self.received.set(self.received.get() + 1);
    }
}

impl Drop for Import {
    fn drop(&mut self) {
        self.table.forget(self.number);
        if self.number != FIRST
            && let Some(asker) = self.table.asker()
        {
            let times = self.received.get();
            let values = KeyValues::from([
                (b"object".to_vec(), self.number.to_string().into_bytes()),
                (b"times".to_vec(), times.to_string().into_bytes()),
            ]);
            let _ = asker.tell("release", &values); // it fits
        }
    }
}

impl Table {
    pub(super) fn new(first: Option<Rc<dyn Callable>>, errors: Errors) -> Rc<Table> {
        Rc::new(Table {
            asker: RefCell::default(),
            first: RefCell::new(first),
            exports: RefCell::default(),
            numbers: RefCell::default(),
            imports: RefCell::default(),
            next: Cell::new(FIRST),
            errors,
        })
    }

    pub(super) fn made(&self, asker: &Asker) {
        self.asker.replace(Some(asker.clone()));
    }

    /// Lets go of the objects of this side, when the connection is lost.
    pub(super) fn lost(&self) {
        let asker = self.asker.take();
        let first = self.first.take();
        let exports = self.exports.take();
        self.numbers.take();
        drop((asker, first, exports)); // no borrow is left: a destructor may call anything
    }

    pub(super) fn asker(&self) -> Option<Asker> {
        self.asker.borrow().clone()
    }

    pub(super) fn errors(&self) -> &Errors {
        &self.errors
    }

    /// Returns how many objects of this side the other side holds.
    pub(super) fn exported(&self) -> usize {
        self.exports.borrow().len()
    }

    // ANCHOR: export
    /// Returns the number under which the other side calls this object.
    fn export(&self, object: &Rc<dyn Callable>) -> Result<u64, NotPassed> {
        let at = Rc::as_ptr(object).cast::<()>();
        let known = self.numbers.borrow().get(&at).copied();
        if let Some(number) = known
            && let Some(export) = self.exports.borrow_mut().get_mut(&number)
        {
            export.sent += 1;
            return Ok(number);
        }
        if self.exported() >= MOST_OBJECTS {
            return Err(NotPassed(format!(
                "the other side holds {MOST_OBJECTS} objects of this one"
            )));
        }
        // Never a number that was used before: a call of the old object may be under way.
        let number = self.next.get() + 1;
        self.next.set(number);
        let object = Rc::clone(object);
        self.numbers.borrow_mut().insert(at, number);
        let export = Export { object, sent: 1 };
        self.exports.borrow_mut().insert(number, export);
        Ok(number)
    }

    /// Counts that the other side has let go of a reference that it was sent so many times.
    pub(super) fn release(&self, number: u64, times: u64) {
        let mut exports = self.exports.borrow_mut();
        let Some(export) = exports.get_mut(&number) else {
            return;
        };
        export.sent = export.sent.saturating_sub(times);
        if export.sent > 0 {
            return; // it was sent again meanwhile
        }
        let gone = exports.remove(&number);
        drop(exports);
        if let Some(export) = &gone {
            let at = Rc::as_ptr(&export.object).cast::<()>();
            self.numbers.borrow_mut().remove(&at);
        }
        drop(gone); // its destructor may call anything
    }
    // ANCHOR_END: export

    fn own(&self, number: u64) -> Option<Rc<dyn Callable>> {
        if number == FIRST {
            return self.first.borrow().clone();
        }
        let exports = self.exports.borrow();
        exports.get(&number).map(|export| Rc::clone(&export.object))
    }

    /// Returns the reference to an object of the other side, which has been sent once more.
    pub(super) fn import(self: &Rc<Table>, number: u64) -> Reference {
        let known = self.imports.borrow().get(&number).and_then(Weak::upgrade);
        let import = known.unwrap_or_else(|| {
            let import = Import::new(number, self);
            let weak = Rc::downgrade(&import);
            self.imports.borrow_mut().insert(number, weak);
            import
        });
        import.received();
        Reference::new(import)
    }

    /// Returns the same reference, without it having been sent.
    pub(super) fn import_again(self: &Rc<Table>, number: u64) -> Option<Reference> {
        let known = self.imports.borrow().get(&number).and_then(Weak::upgrade);
        known.map(Reference::new)
    }

    /// Answers `release`, by which the other side lets go of one of ours.
    pub(super) fn released(&self, asked: &KeyValues) -> Deferred<KeyValues> {
        let said = |key: &str| asked.get(key.as_bytes()).and_then(|bytes| number(bytes));
        if let (Some(object), Some(times)) = (said("object"), said("times")) {
            self.release(object, times);
        }
        Deferred::succeed(KeyValues::new())
    }

    pub(super) fn forget(&self, number: u64) {
        self.imports.borrow_mut().remove(&number);
    }

    /// Writes values as they are sent: a name has `=` before it for bytes, `&` for an object of the
    /// sender, `*` for one of the receiver. Either all of it can be sent, or nothing was exported
    /// for it.
    pub(super) fn written(self: &Rc<Table>, values: &Values) -> Result<KeyValues, NotPassed> {
        values.check()?;
        let mut written = KeyValues::new();
        for (name, value) in values.iter() {
            let (sign, bytes) = match value {
                Value::Bytes(bytes) => ('=', Ok(bytes.clone())),
                Value::Other(reference) if reference.is_of(self) => {
                    ('*', Ok(digits(reference.number())))
                }
                // One of a third process: called there by way of this one.
                Value::Other(reference) => {
                    let object: Rc<dyn Callable> = reference.as_object();
                    ('&', self.export(&object).map(digits))
                }
                Value::Own(object) => ('&', self.export(object).map(digits)),
            };
            match bytes {
                Ok(bytes) => written.insert(format!("{sign}{name}").into_bytes(), bytes),
                Err(error) => {
                    self.undo_exports(&written);
                    return Err(error);
                }
            };
        }
        Ok(written)
    }

    /// Takes back the exports of what was written and is not sent after all.
    pub(super) fn undo_exports(&self, written: &KeyValues) {
        for (name, bytes) in written {
            if let (Some(b'&'), Some(number)) = (name.first(), number(bytes)) {
                self.release(number, 1);
            }
        }
    }

    /// Reads what the other side has sent.
    pub(super) fn read(self: &Rc<Table>, written: KeyValues) -> Result<Values, Failure> {
        let mut values = Values::new();
        for (name, bytes) in written {
            let (sign, name) = name.split_first().ok_or(NoObject)?;
            let value = match sign {
                b'=' => Value::Bytes(bytes),
                b'&' => Value::Other(self.import(number(&bytes).ok_or(NoObject)?)),
                b'*' => {
                    let number = number(&bytes).ok_or(NoObject)?;
                    Value::Own(self.own(number).ok_or(NoObject)?)
                }
                _ => continue, // a later version's business
            };
            values.insert(String::from_utf8_lossy(name).into_owned(), value);
        }
        Ok(values)
    }

    // ANCHOR: answer
    /// Answers a call that has come.
    pub(super) fn answer(self: &Rc<Table>, mut asked: KeyValues) -> Deferred<KeyValues> {
        let take = |asked: &mut KeyValues, key: &str| asked.remove(key.as_bytes());
        let object = take(&mut asked, "object").and_then(|bytes| number(&bytes));
        let method = take(&mut asked, "method").unwrap_or_default();
        let object = object.and_then(|number| self.own(number));
        let table = Rc::clone(self);
        let values = self.read(asked);
        let answer = maybe_deferred(move || match (object, values) {
            (Some(object), Ok(values)) => object.call(&String::from_utf8_lossy(&method), values),
            (None, _) => Deferred::fail(NoObject),
            (_, Err(failure)) => Deferred::fail(failure),
        });
        answer.add_both(move |result| {
            let written = result.and_then(|values| Ok(table.written(&values)?));
            written.map_err(|failure| table.errors.written(failure))
        })
    }
    // ANCHOR_END: answer
}

fn digits(number: u64) -> Vec<u8> {
    number.to_string().into_bytes()
}

pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}
