//! Wrong: breaks the circle by not ticking.
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
    time::Duration,
};
use untwisted::reactor::{Handle, LoopingCall};

/// How often each member shows that it is still there.
pub const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

/// A room. It owns its members until they leave.
#[derive(Default)]
pub struct Room {
    members: RefCell<Vec<Rc<Member>>>,
}

/// A member of a room.
pub struct Member {
    name: String,
    room: Weak<Room>,
    signs: Cell<u32>,
    ticking: RefCell<Option<LoopingCall>>,
}

impl Room {
    /// Lets a member in. Every 30 s it gives a sign of life.
    pub fn join(self: &Rc<Self>, reactor: &Handle, name: &str) -> Rc<Member> {
        let member = Rc::new(Member {
            name: name.to_owned(),
            room: Rc::downgrade(self),
            signs: Cell::new(0),
            ticking: RefCell::default(),
        });
        let ticking = LoopingCall::start_later(reactor, SIGN_OF_LIFE, |_, ticking| ticking.stop());
        member.ticking.replace(Some(ticking));
        self.members.borrow_mut().push(Rc::clone(&member));
        member
    }

    /// Lets a member out.
    pub fn leave(&self, member: &Rc<Member>) {
        self.members
            .borrow_mut()
            .retain(|other| !Rc::ptr_eq(other, member));
    }

    /// The names of those who are here.
    pub fn names(&self) -> Vec<String> {
        self.members
            .borrow()
            .iter()
            .map(|member| member.name.clone())
            .collect()
    }
}

impl Member {
    /// The members to whom this one speaks: everybody else in the room.
    pub fn listeners(&self) -> Vec<String> {
        let mut names = self
            .room
            .upgrade()
            .map_or_else(Vec::new, |room| room.names());
        names.retain(|name| *name != self.name);
        names
    }

    /// How many signs of life it gave.
    pub fn signs(&self) -> u32 {
        self.signs.get()
    }
}
