//! A person in front of a screen: the chapter's windows under Xvfb, with a real mouse and a real keyboard (xdotool).
//!
//! This program is started a second time for each window. That one runs the window's loop, on the screen; this one looks,
//! clicks and types. It needs Xvfb and xdotool, on Linux (`ci/needs` knows them); other systems have no X11, and the checks
//! with synthesised clicks in `widgets.rs` and `host.rs` have to do there.
#[path = "../examples/poems.rs"]
#[allow(dead_code)] // its `main`
mod poems;
#[path = "../examples/site.rs"]
#[allow(dead_code)]
mod site;

use qt::{Application, Shown};
use std::{
    cell::RefCell,
    error::Error,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, ExitCode, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

type Tested = Result<(), Box<dyn Error>>;
type Case = (&'static str, fn(&Screen) -> Tested);

/// Nothing here takes so long; what does hangs.
const PATIENCE: Duration = Duration::from_secs(60);

fn main() -> ExitCode {
    let tested = match std::env::args().nth(1).as_deref() {
        Some("poems") => window(|application| poems::read(application, Duration::from_secs(60))),
        Some("site") => window(site::browse),
        _ if cfg!(target_os = "linux") => with_a_screen(),
        _ => {
            println!("no X11 on this system: the windows were not looked at");
            Ok(())
        }
    };
    match tested {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("clicks: {error}");
            ExitCode::FAILURE
        }
    }
}

// --- the window ------------------------------------------------------------------------------------------------------

thread_local! {
    static APPLICATION: RefCell<Option<Application>> = const { RefCell::new(None) };
}

/// Runs a window. At each line of its standard input it tells what is on the screen, or ends: without a window manager,
/// windows have no cross to click on.
fn window(run: impl FnOnce(&Application) -> Tested) -> Tested {
    let application = Application::new()?;
    APPLICATION.set(Some(application.clone()));
    std::thread::spawn(|| {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            qt::post(move || {
                APPLICATION.with_borrow(|application| {
                    if line == "end" {
                        application.iter().for_each(Application::quit);
                        return;
                    }
                    for it in application.iter().flat_map(Application::shown) {
                        let ((x, y), (width, height)) = (it.corner, it.size);
                        let grey = u8::from(!it.enabled);
                        println!(
                            "{x}\t{y}\t{width}\t{height}\t{grey}\t{}\t{:?}",
                            it.kind, it.text
                        );
                    }
                    println!("."); // that is all
                });
            });
        }
    });
    let ran = run(&application);
    APPLICATION.take();
    ran
}

// --- the person ------------------------------------------------------------------------------------------------------

fn with_a_screen() -> Tested {
    let screen = Screen::new()?;
    let tests: [Case; 2] = [
        ("poems are cancelled by clicks", reads_poems),
        (
            "a site is searched by typing, and read by clicks",
            reads_a_site,
        ),
    ];
    for (name, test) in tests {
        test(&screen).map_err(|error| format!("{name}: {error}"))?;
        println!("{name}: ok");
    }
    println!("{} passed, 0 failed", tests.len());
    Ok(())
}

fn reads_poems(screen: &Screen) -> Tested {
    let mut desk = Desk::new(screen, "poems")?;
    // Refused at once; the other three would take hours at this pace.
    let shown = desk.until("nobody's poem is refused", |it| {
        it.iter().any(|it| it.text.contains("Connection refused"))
    })?;
    let buttons: Vec<Shown> = shown.into_iter().filter(|it| it.kind == "button").collect();
    let grey: Vec<bool> = buttons.iter().map(|it| !it.enabled).collect();
    assert_eq!(
        grey,
        [false, false, false, true],
        "the refused one has nothing to cancel"
    );
    for (number, button) in buttons.iter().enumerate() {
        desk.click(button.middle())?; // the last one is grey: nothing happens
        let cancelled = (number + 1).min(3);
        desk.until(&format!("{cancelled} poems are cancelled"), |it| {
            it.iter().filter(|it| it.text == "cancelled").count() == cancelled
        })?;
    }
    let said = desk.close()?;
    assert_eq!(
        said.matches(": cancelled").count(),
        3,
        "each was told once: {said}"
    );
    assert!(said.ends_with("the window is closed\n"), "{said}");
    Ok(())
}

fn reads_a_site(screen: &Screen) -> Tested {
    let mut desk = Desk::new(screen, "site")?;
    let eight = |it: &Shown| it.kind == "list" && it.text.lines().count() == 8;
    desk.until("eight poems are in the list", |it| it.iter().any(eight))?;
    let line = desk.find("line edit")?;
    desk.click(line.middle())?;
    desk.xdotool(&["type", "tennyson"])?;
    desk.until("the letters are in the line", |it| {
        it.iter()
            .any(|it| it.kind == "line edit" && it.text == "tennyson")
    })?;
    desk.xdotool(&["key", "Return"])?;
    let one = |it: &Shown| it.kind == "list" && it.text == "The Eagle, by Alfred, Lord Tennyson";
    desk.until("one poem is left in the list", |it| it.iter().any(one))?;
    let (left, top) = desk.find("list")?.corner;
    desk.click((left + 30, top + 10))?; // the first row
    desk.until("the poem is in the window", |it| {
        let eagle = |it: &Shown| it.kind == "text view" && it.text.contains("crooked hands");
        it.iter().any(eagle)
    })?;
    let said = desk.close()?;
    assert!(said.contains("/poems/eagle: 7 lines"), "{said}");
    Ok(())
}

/// An X server of its own, whose screen nobody sees.
struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    fn new() -> Result<Screen, Box<dyn Error>> {
        let mut server = Command::new("Xvfb")
            // It finds a number that is free, and says it when clients may come.
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1024x768x24",
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("Xvfb: {error} (Debian: apt-get install xvfb xdotool)"))?;
        let mut number = String::new();
        let said = server.stdout.take().ok_or("no pipe")?;
        BufReader::new(said).read_line(&mut number)?;
        let display = format!(":{}", number.trim());
        let screen = Screen { server, display };
        match number.trim() {
            "" => Err("Xvfb ended before it had a screen".into()),
            _ => Ok(screen),
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// One window on the screen, and somebody in front of it.
struct Desk<'a> {
    screen: &'a Screen,
    program: Child,
    asks: Option<ChildStdin>,
    /// A line for each that the program prints.
    lines: Receiver<String>,
    /// What the program has said by itself.
    said: String,
}

impl<'a> Desk<'a> {
    fn new(screen: &'a Screen, which: &str) -> Result<Desk<'a>, Box<dyn Error>> {
        let mut program = Command::new(std::env::current_exe()?)
            .arg(which)
            .env("DISPLAY", &screen.display)
            .env("QT_QPA_PLATFORM", "xcb")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = BufReader::new(program.stdout.take().ok_or("no pipe")?);
        let asks = program.stdin.take();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Ok(Desk {
            screen,
            program,
            asks,
            lines,
            said: String::new(),
        })
    }

    /// What is on the screen now.
    fn look(&mut self) -> Result<Vec<Shown>, Box<dyn Error>> {
        writeln!(self.asks.as_mut().ok_or("it is closed")?, "look")?;
        let mut shown = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE)?;
            if line == "." {
                return Ok(shown);
            }
            match widget(&line) {
                Some(it) => shown.push(it),
                None => self.said += &format!("{line}\n"),
            }
        }
    }

    /// Looks until something is so.
    fn until(
        &mut self,
        what: &str,
        so: impl Fn(&[Shown]) -> bool,
    ) -> Result<Vec<Shown>, Box<dyn Error>> {
        let begun = Instant::now();
        loop {
            let shown = self.look()?;
            if so(&shown) {
                return Ok(shown);
            }
            if begun.elapsed() > PATIENCE {
                let seen: Vec<String> = shown.iter().map(Shown::to_string).collect();
                return Err(format!("not so: {what}. On the screen: {seen:#?}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn find(&mut self, kind: &str) -> Result<Shown, Box<dyn Error>> {
        let found = self.look()?.into_iter().find(|it| it.kind == kind);
        found.ok_or_else(|| format!("no {kind} on the screen").into())
    }

    fn click(&self, (x, y): (i32, i32)) -> Tested {
        let (x, y) = (x.to_string(), y.to_string());
        self.xdotool(&["mousemove", "--sync", &x, &y, "click", "1"])
    }

    fn xdotool(&self, words: &[&str]) -> Tested {
        let done = Command::new("xdotool")
            .args(words)
            .env("DISPLAY", &self.screen.display)
            .output()
            .map_err(|error| format!("xdotool: {error} (Debian: apt-get install xdotool)"))?;
        match done.status.success() {
            true => Ok(()),
            false => Err(format!(
                "xdotool {words:?}: {}",
                String::from_utf8_lossy(&done.stderr)
            )
            .into()),
        }
    }

    /// Ends the program, and returns all that it has said.
    fn close(mut self) -> Result<String, Box<dyn Error>> {
        writeln!(self.asks.take().ok_or("it is closed")?, "end")?;
        while let Ok(line) = self.lines.recv_timeout(PATIENCE) {
            self.said += &format!("{line}\n");
        }
        // Its output has ended, so it does.
        match self.program.wait()? {
            ended if ended.success() => Ok(std::mem::take(&mut self.said)),
            ended => Err(format!("the program: {ended}").into()),
        }
    }
}

impl Drop for Desk<'_> {
    fn drop(&mut self) {
        let _ = self.program.kill(); // an error when it has ended
        let _ = self.program.wait();
    }
}

/// One line of [`window`].
fn widget(line: &str) -> Option<Shown> {
    let mut parts = line.splitn(7, '\t');
    let mut number = || parts.next()?.parse::<i32>().ok();
    let (x, y, width, height, grey) = (number()?, number()?, number()?, number()?, number()?);
    let (kind, text) = (parts.next()?, parts.next()?);
    Some(Shown {
        kind: kind.to_owned(),
        text: text
            .strip_prefix('"')?
            .strip_suffix('"')?
            .replace("\\n", "\n"),
        corner: (x, y),
        size: (width, height),
        enabled: grey == 0,
    })
}
