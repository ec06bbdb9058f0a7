//! The mend: the slot is lent its widget at each call, and keeps nothing.
use qt::{Application, Button};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // ANCHOR: lends
    let application = Application::new()?;
    let button = Button::new(&application, "Once");
    button.on_click(|button| {
        let _ = button.set_enabled(false);
    })?;
    drop(button);
    drop(application);
    match Application::new() {
        Ok(_) => println!("the first application is gone"),
        Err(error) => println!("{error}"),
    }
    // ANCHOR_END: lends
    Ok(())
}
