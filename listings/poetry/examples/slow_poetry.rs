//! A slow poetry server for the terminal: one port for each poem, until you press Ctrl-C.
use poetry::{Action, Server};
use std::{process::ExitCode, thread};

fn main() -> ExitCode {
    match poetry::parse(std::env::args().skip(1)) {
        Ok(Action::Help) => print!("{}", poetry::help()),
        Ok(Action::List) => print!("{}", poetry::list()),
        Ok(Action::Serve { options, time }) => {
            let poems = options.poems.clone();
            let server = match Server::start(options) {
                Ok(server) => server,
                Err(error) => return failed(&error.to_string()),
            };
            for (poem, address) in poems.iter().zip(server.addresses()) {
                println!("{address}  {}, by {}", poem.title, poem.author);
            }
            match time {
                Some(time) => thread::sleep(time),
                None => loop {
                    thread::park();
                },
            }
        }
        Err(message) => return failed(&message),
    }
    ExitCode::SUCCESS
}

fn failed(message: &str) -> ExitCode {
    eprintln!("slow_poetry: {message}");
    ExitCode::from(2)
}
