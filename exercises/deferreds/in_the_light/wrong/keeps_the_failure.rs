//! Wrong: the failure becomes another one.
use std::{cell::Cell, rc::Rc};
use untwisted::deferreds::{Deferred, Failure};

/// It must be turned off in the end.
#[derive(Clone, Default)]
pub struct Lamp(Rc<Cell<bool>>);

impl Lamp {
    pub fn turn(&self, on: bool) {
        self.0.set(on);
    }

    pub fn is_on(&self) -> bool {
        self.0.get()
    }
}

/// Has the lamp on as long as the work lasts, and returns what becomes of the work.
pub fn in_the_light<T: 'static>(lamp: &Lamp, work: impl FnOnce() -> Deferred<T>) -> Deferred<T> {
    lamp.turn(true);
    let (ok, err) = (lamp.clone(), lamp.clone());
    work().add_callbacks(
        move |value| {
            ok.turn(false);
            Ok(value)
        },
        move |failure| {
            err.turn(false);
            Err::<T, _>(Failure::new(format!("in the light: {failure}")))
        },
    )
}
