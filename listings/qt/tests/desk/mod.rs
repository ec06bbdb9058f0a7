//! A virtual screen, a window on it, and a hand with a mouse and a keyboard.
use qt::VisibleWidget;
use std::{
    error::Error,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

type Tested = Result<(), Box<dyn Error>>;

/// Nothing here takes so long; what does hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// An X server of its own, whose screen is not shown.
pub(crate) struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    pub(crate) fn new() -> Result<Screen, Box<dyn Error>> {
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

/// One window on the screen, and a person in front of it.
pub(crate) struct Desk<'a> {
    screen: &'a Screen,
    program: Child,
    asks: Option<ChildStdin>,
    /// A line for each that the program prints.
    lines: Receiver<String>,
    /// What the program has said by itself.
    said: String,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(screen: &'a Screen, words: &[&str]) -> Result<Desk<'a>, Box<dyn Error>> {
        let mut program = Command::new(std::env::current_exe()?)
            .args(words)
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
    pub(crate) fn look(&mut self) -> Result<Vec<VisibleWidget>, Box<dyn Error>> {
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
    pub(crate) fn until(
        &mut self,
        what: &str,
        so: impl Fn(&[VisibleWidget]) -> bool,
    ) -> Result<Vec<VisibleWidget>, Box<dyn Error>> {
        let begun = Instant::now();
        loop {
            let shown = self.look()?;
            if so(&shown) {
                return Ok(shown);
            }
            if begun.elapsed() > PATIENCE {
                let seen: Vec<String> = shown.iter().map(VisibleWidget::to_string).collect();
                return Err(format!("not so: {what}. On the screen: {seen:#?}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn find(&mut self, kind: &str) -> Result<VisibleWidget, Box<dyn Error>> {
        let found = self.look()?.into_iter().find(|it| it.kind == kind);
        found.ok_or_else(|| format!("no {kind} on the screen").into())
    }

    pub(crate) fn click(&self, (x, y): (i32, i32)) -> Tested {
        let (x, y) = (x.to_string(), y.to_string());
        self.xdotool(&["mousemove", "--sync", &x, &y, "click", "1"])
    }

    pub(crate) fn xdotool(&self, words: &[&str]) -> Tested {
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
    pub(crate) fn close(mut self) -> Result<String, Box<dyn Error>> {
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
fn widget(line: &str) -> Option<VisibleWidget> {
    let mut parts = line.splitn(7, '\t');
    let mut number = || parts.next()?.parse::<i32>().ok();
    let (x, y, width, height, grey) = (number()?, number()?, number()?, number()?, number()?);
    let (kind, text) = (parts.next()?, parts.next()?);
    Some(VisibleWidget {
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
