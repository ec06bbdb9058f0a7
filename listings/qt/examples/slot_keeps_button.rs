//! A mistake: a slot that keeps the widget it belongs to, and both stay for ever.
use qt::{Application, Button};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // ANCHOR: keeps
    let application = Application::new()?;
    let button = Button::new(&application, "Once");
    let same = button.clone();
    button.on_click(move |_| {
        let _ = same.set_enabled(false); // the button keeps its slot, and the slot the button
    })?;
    drop(button);
    drop(application);
    match Application::new() {
        Ok(_) => println!("the first application is gone"),
        Err(error) => println!("{error}"),
    }
    // ANCHOR_END: keeps
    Ok(())
}
