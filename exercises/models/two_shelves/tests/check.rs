//! Checks `move_poem` by what it returns, what it leaves, and what the shelves' diary says.
use two_shelves::move_poem;
use untwisted::models::shelves::{Entry, Shelf, diary};

/// Moves, and checks in the diary what other threads could have suffered or seen.
fn observed(from: &Shelf, to: &Shelf, title: &str) -> bool {
    let mut poems = [from, to].map(|shelf| (shelf.number(), shelf.lock().len()));
    let total = poems[0].1 + poems[1].1;
    diary();
    let moved = move_poem(from, to, title);

    let mut held: Vec<u32> = Vec::new();
    for entry in diary() {
        match entry {
            Entry::Locked(number) => {
                if let Some(higher) = held.iter().find(|&&other| other > number) {
                    panic!(
                        "held shelf {higher} and asked for shelf {number}: a thread that goes the other way holds {number} and asks for {higher}, and both wait for ever"
                    );
                }
                held.push(number);
            }
            Entry::Unlocked(number, left) => {
                held.retain(|&other| other != number);
                for shelf in &mut poems {
                    if shelf.0 == number {
                        shelf.1 = left;
                    }
                }
                let now = poems[0].1 + poems[1].1;
                if held.is_empty() && from.number() != to.number() {
                    assert!(
                        now >= total,
                        "for a moment no shelf was locked and the poem was on no shelf"
                    );
                    assert!(
                        now <= total,
                        "for a moment no shelf was locked and the poem was on both shelves"
                    );
                }
            }
        }
    }
    moved
}

fn on(shelf: &Shelf) -> Vec<String> {
    shelf.lock().clone()
}

#[test]
fn a_poem_moves_to_the_end() {
    let (a, b) = (Shelf::new(1, ["Tyger", "Eagle"]), Shelf::new(2, ["Hope"]));
    assert!(observed(&a, &b, "Tyger"), "it was on `from`: that is true");
    assert_eq!(
        (on(&a), on(&b)),
        (
            vec!["Eagle".to_owned()],
            vec!["Hope".to_owned(), "Tyger".to_owned()]
        ),
        "(on `from`, on `to`) it leaves one shelf and stands at the end of the other"
    );
}

#[test]
fn back_again_in_the_same_order_of_locks() {
    let (a, b) = (Shelf::new(1, ["Eagle"]), Shelf::new(2, ["Hope", "Tyger"]));
    assert!(observed(&b, &a, "Tyger"), "it was on `from`: that is true");
    assert_eq!(
        (on(&a), on(&b)),
        (
            vec!["Eagle".to_owned(), "Tyger".to_owned()],
            vec!["Hope".to_owned()]
        ),
        "(on `to`, on `from`) it leaves one shelf and stands at the end of the other"
    );
}

#[test]
fn only_the_first_of_two_moves() {
    let a = Shelf::new(1, ["Tyger", "Eagle", "Tyger"]);
    let b = Shelf::new(2, []);
    assert!(observed(&a, &b, "Tyger"), "it was on `from`: that is true");
    assert_eq!(
        (on(&a).len(), on(&b).len()),
        (2, 1),
        "one poem moves, not each that is called so"
    );
    assert_eq!(
        on(&a),
        ["Eagle", "Tyger"],
        "two are called so: the first of them moves, and the others keep their order"
    );
}

#[test]
fn what_is_not_there_does_not_move() {
    let (a, b) = (Shelf::new(1, ["Eagle"]), Shelf::new(2, ["Tyger"]));
    assert!(
        !observed(&a, &b, "Tyger"),
        "it is on the other shelf, not on `from`"
    );
    assert_eq!(
        (on(&a), on(&b)),
        (vec!["Eagle".to_owned()], vec!["Tyger".to_owned()]),
        "(on `from`, on `to`) what is not there does not move, and nothing else does"
    );
}

#[test]
fn a_shelf_and_itself() {
    let a = Shelf::new(1, ["Tyger", "Eagle"]);
    assert!(
        observed(&a, &a, "Tyger"),
        "`from` and `to` are one shelf, and the poem is there: that is true"
    );
    assert!(
        !observed(&a, &a, "Hope"),
        "`from` and `to` are one shelf, and the poem is not there: that is false"
    );
    assert_eq!(
        on(&a),
        ["Tyger", "Eagle"],
        "nothing changes, not even the order"
    );
}
