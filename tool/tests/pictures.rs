//! Every committed picture is what is drawn of its committed trace today: a change to the writers
//! shows at once, without a run.
use book::{house::House, manifest, record::picture};
use std::{fs, path::Path};
use trace::read::Trace;

#[test]
fn the_traces_of_the_book_give_its_pictures_byte_for_byte() {
    let house = House::find(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let (mut pictures, mut wrong) = (0, Vec::new());
    let listings = manifest::all(&house).unwrap();
    for listing in listings.values().filter(|one| !one.diagrams().is_empty()) {
        let folder = house.root.join("diagrams").join(listing.chapter());
        let file = |ending: &str| folder.join(format!("{}.{ending}", listing.name));
        let Ok(text) = fs::read_to_string(file("ndjson")) else {
            continue;
        };
        let trace = Trace::parse(&text).unwrap();
        for (ending, drawn) in picture::drawn(&house, listing, &trace).unwrap() {
            let file = file(ending);
            pictures += 1;
            if fs::read_to_string(&file).ok().as_ref() != Some(&drawn) {
                wrong.push(file.display().to_string());
            }
        }
    }
    assert!(pictures > 100, "only {pictures} files were compared");
    assert!(
        wrong.is_empty(),
        "the traces give other pictures; if that is meant, `cargo book record` writes them:\n{}",
        wrong.join("\n")
    );
}
