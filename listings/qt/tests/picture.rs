//! The picture of the poetry reader in the chapter: drawn again by the program, and compared by
//! what two machines draw alike.
//!
//! Fonts differ from machine to machine, and with them every pixel. The size does not, nor do the
//! widgets and their texts.
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Where the chapter has the picture, and beside it what can be read in it.
fn of_chapter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/qt/poems.png")
}

/// The program: Cargo builds it before the tests, beside the folder in which they are.
fn program() -> PathBuf {
    let own = std::env::current_exe().expect("a test has a file");
    let built = own
        .parent()
        .and_then(Path::parent)
        .expect("target/debug/deps");
    built.join("examples").join("poems")
}

/// Runs the program to its end, without a screen.
fn draw(file: &Path) {
    let mut running = Command::new(program())
        .arg(file)
        .env("QT_QPA_PLATFORM", "offscreen")
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    let begun = Instant::now();
    let ended = loop {
        if let Some(ended) = running.try_wait().expect("it is our child") {
            break ended;
        }
        if begun.elapsed() > Duration::from_secs(60) {
            running.kill().expect("it is our child");
            panic!("the program did not end");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(ended.success(), "{ended}");
}

/// Width, height, and how many colours there are (counted to 1,000).
fn pixels(file: &Path) -> io::Result<(u32, u32, usize)> {
    let decoder = png::Decoder::new(io::BufReader::new(fs::File::open(file)?));
    let mut reader = decoder.read_info()?;
    let mut bytes = vec![
        0;
        reader
            .output_buffer_size()
            .expect("a picture of that size fits")
    ];
    let info = reader.next_frame(&mut bytes)?;
    let mut colours = std::collections::HashSet::new();
    for pixel in bytes[..info.buffer_size()].chunks(info.color_type.samples()) {
        if colours.len() < 1_000 {
            colours.insert(pixel.to_vec());
        }
    }
    Ok((info.width, info.height, colours.len()))
}

/// What can be read in a picture. The port is another one each time, and how far the cancelled poem
/// came depends on the machine.
fn texts(picture: &Path) -> Vec<String> {
    let text =
        fs::read_to_string(picture.with_extension("txt")).expect("the text beside the picture");
    let lines = text.lines().map(|line| {
        let port = line.split_once("127.0.0.1:").map(|(before, after)| {
            let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{before}127.0.0.1:…{rest}")
        });
        let far = line
            .strip_prefix("progress bar \"")
            .filter(|far| *far != "100%\"");
        match (port, far) {
            (Some(line), _) => line,
            (None, Some(_)) => "progress bar, not full".to_owned(),
            (None, None) => line.to_owned(),
        }
    });
    lines.collect()
}

#[test]
fn the_poetry_reader_is_as_the_chapter_shows_it() {
    let folder = std::env::temp_dir().join(format!("untwisted-picture-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let ours = folder.join("poems.png");
    draw(&ours);
    let theirs = of_chapter();
    let again =
        "draw it again: QT_QPA_PLATFORM=offscreen cargo run -p qt --example poems src/qt/poems.png";
    assert_eq!(
        texts(&ours),
        texts(&theirs),
        "(left: now, right: in the chapter) {again}"
    );
    let (now, then) = (pixels(&ours), pixels(&theirs));
    let (now, then) = (now.expect("a picture"), then.expect("a picture"));
    assert_eq!(
        (now.0, now.1),
        (then.0, then.1),
        "(left: now, right: in the chapter) {again}"
    );
    assert!(
        now.2 > 20 && then.2 > 20,
        "an empty picture: {now:?}, {then:?}"
    );
    fs::remove_dir_all(&folder).expect("our folder");
}
