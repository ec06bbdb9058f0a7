//! A person in front of a screen: the chapter's windows under Xvfb, with a real mouse and a real
//! keyboard (xdotool).
//!
//! This program is started a second time for each window. That one runs the window's loop, on the
//! screen; this one looks, clicks and types. Once more it is the program `poetry_site`, as in the
//! chapter “Web”, for the window that asks it.
//!
//! It needs Xvfb and xdotool, on Linux (`ci/needs` knows them); other systems have no X11, and the
//! checks with synthesised clicks in `widgets.rs` and `host.rs` have to do there.
#[path = "../examples/poems.rs"]
#[allow(dead_code)] // its `main`
mod poems;
#[path = "../../web/examples/poetry_site.rs"]
#[allow(dead_code)]
mod poetry_site;
#[path = "../examples/site.rs"]
#[allow(dead_code)]
mod site;

mod desk;

use desk::{Desk, Screen};
use qt::{Application, VisibleWidget};
use std::{
    cell::RefCell,
    error::Error,
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, ExitCode, Stdio},
    time::Duration,
};

type Tested = Result<(), Box<dyn Error>>;
type Case = (&'static str, fn(&Screen) -> Tested);

fn main() -> ExitCode {
    let tested = match std::env::args().nth(1).as_deref() {
        Some("poems") => window(|application| poems::read(application, Duration::from_secs(60))),
        Some("site") => window(|application| site::browse(application, std::env::args().nth(2))),
        Some(endpoint) if endpoint.starts_with("tcp:") => {
            return poetry_site::serve(vec![endpoint.to_owned()]);
        }
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

// --- the window ----------------------------------------------------------------------------------

thread_local! {
    static APPLICATION: RefCell<Option<Application>> = const { RefCell::new(None) };
}

/// Runs a window. At each line of its standard input it tells what is on the screen, or ends:
/// without a window manager, windows have no cross to click on.
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

// --- the person ----------------------------------------------------------------------------------

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
    let mut desk = Desk::new(screen, &["poems"])?;
    // Refused at once; the other three would take hours at this pace.
    let shown = desk.until("nobody's poem is refused", |it| {
        it.iter().any(|it| it.text.contains("Connection refused"))
    })?;
    let buttons: Vec<VisibleWidget> = shown.into_iter().filter(|it| it.kind == "button").collect();
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
    let site = PoetrySite::new()?;
    let mut desk = Desk::new(screen, &["site", &site.url])?;
    let nine = |it: &VisibleWidget| it.kind == "list" && it.text.lines().count() == 9;
    let shown = desk.until("nine poems are in the list", |it| it.iter().any(nine))?;
    let titles = shown.iter().find(|it| nine(it)).map(|it| it.text.as_str());
    assert!(
        titles.is_some_and(|it| it.contains("<script>alert('read me')</script>, by a stranger")),
        "a title is shown as it is: {titles:?}"
    );
    let line = desk.find("line edit")?;
    desk.click(line.middle())?;
    desk.xdotool(&["type", "tennyson"])?;
    desk.until("the letters are in the line", |it| {
        it.iter()
            .any(|it| it.kind == "line edit" && it.text == "tennyson")
    })?;
    desk.xdotool(&["key", "Return"])?;
    let one =
        |it: &VisibleWidget| it.kind == "list" && it.text == "The Eagle, by Alfred, Lord Tennyson";
    desk.until("one poem is left in the list", |it| it.iter().any(one))?;
    let (left, top) = desk.find("list")?.corner;
    desk.click((left + 30, top + 10))?; // the first row
    desk.until("the poem has been read out", |it| {
        let eagle =
            |it: &VisibleWidget| it.kind == "text view" && it.text.contains("crooked hands");
        let whole = |it: &VisibleWidget| it.kind == "label" && it.text == "eagle: 7 lines";
        it.iter().any(eagle) && it.iter().any(whole)
    })?;
    let said = desk.close()?;
    assert!(said.contains("eagle: 7 lines"), "{said}");
    let asked = site.stop()?;
    for line in ["POST /rpc", "GET /slowly/eagle"] {
        assert!(
            asked.contains(line),
            "the site was asked for {line}: {asked}"
        );
    }
    Ok(())
}

/// The program `poetry_site`, in a process of its own.
struct PoetrySite {
    program: Child,
    said: BufReader<ChildStdout>,
    url: String,
}

impl PoetrySite {
    fn new() -> Result<PoetrySite, Box<dyn Error>> {
        let mut program = Command::new(std::env::current_exe()?)
            .arg("tcp:0:interface=127.0.0.1")
            .stdout(Stdio::piped())
            .spawn()?;
        let out = program.stdout.take().ok_or("no pipe")?;
        let mut site = PoetrySite {
            program,
            said: BufReader::new(out),
            url: String::new(),
        };
        let mut line = String::new();
        site.said.read_line(&mut line)?;
        let address = line.trim().strip_prefix("serving at ");
        site.url = format!("http://{}", address.ok_or("it does not say where it is")?);
        Ok(site)
    }

    /// Ends it, and returns its access log.
    fn stop(mut self) -> Result<String, Box<dyn Error>> {
        self.program.kill()?;
        let mut log = String::new();
        self.said.read_to_string(&mut log)?;
        Ok(log)
    }
}

impl Drop for PoetrySite {
    fn drop(&mut self) {
        let _ = self.program.kill(); // an error when it has ended
        let _ = self.program.wait();
    }
}
