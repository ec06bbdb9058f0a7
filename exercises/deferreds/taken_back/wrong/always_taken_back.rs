//! Wrong: cleans up on both rails, also when there is nothing to undo.
use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};
use untwisted::{
    deferreds::{Deferred, Failure, Resolver},
    reactor::Handle,
};

/// Takes orders, and serves some time later.
#[derive(Clone, Default)]
pub struct Kitchen {
    orders: Rc<RefCell<BTreeMap<u32, Resolver<String>>>>,
    /// The numbers of the orders that were taken back.
    pub taken_back: Rc<RefCell<Vec<u32>>>,
    pub last: Rc<RefCell<u32>>,
}

impl Kitchen {
    /// Notes the order; `served` is fired when the dish is ready. Returns the number of the order.
    pub fn cook(&self, served: Resolver<String>) -> u32 {
        *self.last.borrow_mut() += 1;
        let number = *self.last.borrow();
        self.orders.borrow_mut().insert(number, served);
        number
    }

    /// The dish of this order is not wanted any more.
    pub fn take_back(&self, number: u32) {
        self.taken_back.borrow_mut().push(number);
        self.orders.borrow_mut().remove(&number);
    }

    /// The dish of this order is ready.
    pub fn serve(&self, number: u32, dish: Result<String, Failure>) {
        let served = self.orders.borrow_mut().remove(&number);
        if let Some(served) = served {
            served.fire(dish);
        }
    }
}

/// Orders, and waits no longer than `patience`.
pub fn order(kitchen: &Kitchen, reactor: &Handle, patience: Duration) -> Deferred<String> {
    let (served, dish) = Deferred::new();
    let number = kitchen.cook(served);
    let kitchen = kitchen.clone();
    dish.add_timeout(reactor, patience).add_both(move |dish| {
        kitchen.take_back(number);
        dish
    })
}
