//! A slow poetry server for the terminal.
fn main() -> std::io::Result<()> {
    let server = poetry::Server::start(poetry::Options::default())?;
    println!("{:?}", server.addresses());
    std::thread::park();
    Ok(())
}
