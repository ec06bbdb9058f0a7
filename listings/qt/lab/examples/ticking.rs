//! The same label, changed by tokio's timer in another thread, through posted closures.
use qt::{Application, Label, Window, post};
use std::{cell::RefCell, error::Error, thread, time::Duration};
use tokio::{runtime::Builder, time::interval};

thread_local! {
    /// What posted closures find, on the main thread alone.
    static HERE: RefCell<Option<(Application, Label)>> = const { RefCell::new(None) };
}

fn main() -> Result<(), Box<dyn Error>> {
    let application = Application::new()?;
    let window = Window::new(&application, "Ticking");
    let label = Label::new(&application, "no tick yet");
    window.add(&label)?;
    window.show(260, 80)?;
    HERE.set(Some((application.clone(), label)));

    // ANCHOR: thread
    let runtime = Builder::new_current_thread().enable_time().build()?;
    let network = thread::spawn(move || {
        runtime.block_on(async {
            let mut every = interval(Duration::from_millis(100));
            for tick in 1..=10 {
                every.tick().await;
                if !post(move || here(|_, label| show(label, tick))) {
                    return; // there is no application any more
                }
            }
        });
        post(|| here(|application, _| application.quit()));
    });
    application.run();
    let _ = network.join(); // before the application goes
    HERE.set(None);
    // ANCHOR_END: thread
    println!("Qt's loop has ended, and tokio with it");
    Ok(())
}

fn show(label: &Label, tick: u32) {
    if label.set_text(&format!("tick {tick}")).is_ok() {
        println!("tick");
    }
}

/// Calls `call` with the application and the label, if they are still there.
fn here(call: impl FnOnce(&Application, &Label)) {
    HERE.with_borrow(|here| {
        if let Some((application, label)) = here {
            call(application, label);
        }
    });
}
