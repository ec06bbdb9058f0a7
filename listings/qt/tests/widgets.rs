//! Widgets, and what happens when one is gone. One process has one application, so the checks run
//! in order.
use qt::{
    Application, ApplicationError, Button, Label, LineEdit, List, ProgressBar, Row, TextView,
    Window,
};
use std::{cell::Cell, error::Error, rc::Rc};

fn main() -> Result<(), Box<dyn Error>> {
    // Under Xvfb, or on a desk: `QT_QPA_PLATFORM=xcb cargo test -p qt`.
    let application = match std::env::var_os("QT_QPA_PLATFORM") {
        Some(_) => Application::new()?,
        None => Application::offscreen()?,
    };
    println!("platform {}", application.platform());
    assert_eq!(
        Application::new().err(),
        Some(ApplicationError::Second),
        "a second application"
    );
    let elsewhere = std::thread::spawn(|| Application::new().err()).join();
    assert_eq!(elsewhere.ok(), Some(Some(ApplicationError::NotMainThread)));

    texts(&application)?;
    plain(&application)?;
    events(&application)?;
    gone(&application)?;
    shown(&application)?;
    of_window(&application)?;
    inside_itself(&application)?;
    panics(&application)?;
    posts(application)?;
    println!("9 passed, 0 failed");
    Ok(())
}

fn texts(application: &Application) -> Result<(), Box<dyn Error>> {
    let window = Window::new(application, "A title");
    assert_eq!(window.text()?, "A title");
    window.set_text("Größe 詩 🦀")?;
    assert_eq!(window.text()?, "Größe 詩 🦀", "text crosses as it is");
    let view = TextView::new(application, "one\n");
    view.append("two")?;
    assert_eq!(view.text()?, "one\ntwo");
    let bar = ProgressBar::new(application, "%v of %m");
    bar.set(3, 7)?;
    assert_eq!(bar.text()?, "3 of 7");
    let list = List::new(application, "");
    assert_eq!(list.chosen()?, None);
    list.push("first")?;
    list.set_row(0, "the first")?;
    list.choose(0)?;
    assert_eq!(
        (list.chosen()?, list.text()?),
        (Some(0), "the first".to_owned())
    );
    let error = list.set_row(1, "none").unwrap_err();
    assert_eq!(error.to_string(), "the list has no row 1");
    Ok(())
}

/// Left to itself, Qt draws nothing of the first: it looks like HTML.
fn plain(application: &Application) -> Result<(), Box<dyn Error>> {
    let file = std::env::temp_dir().join(format!("untwisted-plain-{}.png", std::process::id()));
    let mut drawn = Vec::new();
    for text in ["<i></i>", ""] {
        let window = Window::new(application, "one label");
        window.add(&Label::new(application, text))?;
        window.show(200, 60)?;
        window.picture(&file)?;
        window.close()?;
        drawn.push(std::fs::read(&file)?);
    }
    std::fs::remove_file(&file)?;
    assert_ne!(drawn[0], drawn[1], "a label shows `<i></i>` as it is");
    Ok(())
}

fn events(application: &Application) -> Result<(), Box<dyn Error>> {
    let count = Rc::new(Cell::new(0));
    let button = Button::new(application, "Go");
    let (first, second) = (Rc::clone(&count), Rc::clone(&count));
    button.on_click(move |_| first.set(first.get() + 1))?;
    button.click()?;
    assert_eq!(count.get(), 1);
    button.on_click(move |_| second.set(second.get() + 10))?;
    button.click()?;
    assert_eq!(count.get(), 11, "the second callback replaces the first");
    button.set_enabled(false)?;
    button.click()?;
    assert_eq!(count.get(), 11, "a grey button is not clicked");

    let line = LineEdit::new(application, "");
    let heard = Rc::new(Cell::new(0));
    let hears = Rc::clone(&heard);
    line.on_enter(move |line| hears.set(line.text().unwrap_or_default().len()))?;
    line.enter("poem")?;
    assert_eq!(heard.get(), 4);
    Ok(())
}

fn gone(application: &Application) -> Result<(), Box<dyn Error>> {
    let window = Window::new(application, "short-lived");
    let row = Row::new(application, "");
    let label = Label::new(application, "in a row in a window");
    row.add(&label)?;
    window.add(&row)?;
    let other = window.clone();
    window.destroy()?;
    assert!(
        !other.is_alive() && !label.is_alive(),
        "a window takes along what is in it"
    );
    assert_eq!(
        label.set_text("late").unwrap_err().to_string(),
        "the label is gone"
    );
    assert_eq!(
        window.destroy().unwrap_err().to_string(),
        "the window is gone"
    );
    assert_eq!(
        other.show(10, 10).unwrap_err().to_string(),
        "the window is gone"
    );

    let window = Window::new(application, "dropped");
    let label = Label::new(application, "inside");
    window.add(&label)?;
    drop(window);
    assert!(
        !label.is_alive(),
        "dropping the last name of a window destroys it"
    );

    let label = Label::new(application, "nowhere");
    assert!(label.is_alive(), "a widget without a window is its owner's");
    let window = Window::new(application, "late");
    window.destroy()?;
    assert!(window.add(&label).is_err());
    assert!(label.is_alive());
    Ok(())
}

/// What a person would see, as values.
fn shown(application: &Application) -> Result<(), Box<dyn Error>> {
    let said = |application: &Application| -> Vec<String> {
        application
            .shown()
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    assert!(said(application).is_empty(), "nothing is on the screen");
    let (second, first) = (
        Window::new(application, "Two"),
        Window::new(application, "One"),
    );
    let row = Row::new(application, "");
    let (go, line, list) = (
        Button::new(application, "Go"),
        LineEdit::new(application, ""),
        List::new(application, ""),
    );
    row.add(&go)?;
    row.add(&line)?;
    first.add(&row)?;
    first.add(&list)?;
    list.push("a \"b\"")?;
    list.push("c")?;
    go.set_enabled(false)?;
    first.show(200, 120)?;
    assert_eq!(
        said(application),
        [
            "window \"One\"",
            "box",
            "button \"Go\", grey",
            "line edit",
            "list \"a \\\"b\\\"\\nc\""
        ],
        "a window that is not open is not seen"
    );
    second.show(200, 120)?;
    let all = application.shown();
    assert_eq!(
        all.last().map(|it| it.text.as_str()),
        Some("Two"),
        "windows by their titles"
    );
    let (window, button) = (&all[0], &all[2]);
    assert_eq!(window.size, (200, 120));
    let (x, y) = button.middle();
    let ((left, top), (wide, high)) = (window.corner, window.size);
    assert!(
        (left..left + wide).contains(&x) && (top..top + high).contains(&y),
        "{button:?} is in {window:?}"
    );
    list.clear()?;
    assert_eq!((list.chosen()?, list.text()?), (None, String::new()));
    first.close()?;
    second.destroy()?;
    assert!(
        said(application).is_empty(),
        "nothing is on the screen any more"
    );
    Ok(())
}

/// A widget knows its window, and does not keep it.
fn of_window(application: &Application) -> Result<(), Box<dyn Error>> {
    let label = Label::new(application, "alone");
    let error = label.window().err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some("the label stands in no window"));
    let window = Window::new(application, "A title");
    let row = Row::new(application, "");
    row.add(&label)?;
    window.add(&row)?;
    let found = label.window()?;
    assert_eq!(
        (found.text()?, found.window()?.text()?),
        ("A title".into(), "A title".into())
    );
    drop(found);
    assert!(
        window.is_alive(),
        "a name that was asked for keeps nothing, and ends nothing"
    );
    let found = label.window()?;
    drop(window);
    assert!(!found.is_alive() && !label.is_alive());
    let error = label.window().err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some("the label is gone"));
    Ok(())
}

/// A callback that destroys what called it, or replaces itself.
fn inside_itself(application: &Application) -> Result<(), Box<dyn Error>> {
    let window = Window::new(application, "");
    let button = Button::new(application, "Remove me");
    window.add(&button)?;
    let result = Rc::new(Cell::new(None));
    let told = Rc::clone(&result);
    button.on_click(move |same| {
        let destroyed = same.destroy().is_ok();
        told.set(Some((
            destroyed,
            same.is_alive(),
            same.on_click(|_| ()).is_err(),
        )));
    })?;
    window.show(100, 100)?;
    let (clicked, quits) = (button.clone(), application.clone());
    application.call_soon(move || {
        let _ = clicked.click();
        quits.call_soon({
            let quits = quits.clone();
            move || quits.quit()
        });
    });
    application.run();
    assert_eq!(result.get(), Some((true, false, true)));

    let closed = Rc::new(Cell::new(0));
    let counts = Rc::clone(&closed);
    window.on_close(move |_| counts.set(counts.get() + 1))?;
    window.show(100, 100)?; // Qt's `quit` has closed it
    window.close()?;
    window.close()?;
    assert_eq!(closed.get(), 1, "a closed window is not closed again");
    Ok(())
}

fn panics(application: &Application) -> Result<(), Box<dyn Error>> {
    application.call_soon(|| panic!("on purpose"));
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| application.run()));
    let said = result.expect_err("the panic of a callback goes on in run");
    assert_eq!(said.downcast_ref::<&str>(), Some(&"on purpose"));
    application.call_soon({
        let quits = application.clone();
        move || quits.quit()
    });
    application.run(); // and the application runs again
    Ok(())
}

fn posts(application: Application) -> Result<(), Box<dyn Error>> {
    let poster = std::thread::spawn(|| qt::post(|| println!("posted")));
    assert_eq!(poster.join().ok(), Some(true));
    application.call_soon({
        let quits = application.clone();
        move || quits.quit()
    });
    application.run();
    drop(application);
    let dropped = Rc::new(());
    drop(dropped);
    assert!(!qt::post(|| unreachable!()), "nobody is there to call it");
    let again = Application::offscreen()?;
    drop(again);
    Ok(())
}
