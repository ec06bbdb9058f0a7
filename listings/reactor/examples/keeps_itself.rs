//! A mistake: two that hold each other are never dropped.
use std::{
    cell::RefCell,
    rc::{Rc, Weak},
};

// ANCHOR: room
struct Room {
    members: RefCell<Vec<Rc<Member>>>,
}

struct Member {
    name: &'static str,
    _room: Rc<Room>, // so that a member can talk to the others
}
// ANCHOR_END: room

impl Drop for Member {
    fn drop(&mut self) {
        println!("{} is gone", self.name);
    }
}

/// The same with one owner: a guest knows the house as long as there is one.
struct House {
    guests: RefCell<Vec<Rc<Guest>>>,
}

struct Guest {
    name: &'static str,
    _house: Weak<House>,
}

impl Drop for Guest {
    fn drop(&mut self) {
        println!("{} is gone", self.name);
    }
}

fn main() {
    let room = Rc::new(Room {
        members: RefCell::default(),
    });
    for name in ["Ada", "Grace"] {
        let member = Rc::new(Member {
            name,
            _room: Rc::clone(&room),
        });
        room.members.borrow_mut().push(member);
    }
    println!(
        "the room is closed; still held {} times",
        Rc::strong_count(&room) - 1
    );
    drop(room);
    println!("nobody left");

    let house = Rc::new(House {
        guests: RefCell::default(),
    });
    for name in ["Edsger", "Barbara"] {
        let guest = Rc::new(Guest {
            name,
            _house: Rc::downgrade(&house),
        });
        house.guests.borrow_mut().push(guest);
    }
    println!(
        "the house is closed; still held {} times",
        Rc::strong_count(&house) - 1
    );
    drop(house);
}
