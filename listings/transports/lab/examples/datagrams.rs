//! A quote for every datagram, on tokio.
use std::io;
use tokio::net::UdpSocket;

// ANCHOR: server
async fn quotes(socket: UdpSocket) -> io::Result<()> {
    let mut buffer = [0; 65_536];
    loop {
        let (count, from) = socket.recv_from(&mut buffer).await?;
        println!("server: {}", String::from_utf8_lossy(&buffer[..count]));
        socket.send_to(b"Old Time is still a-flying", from).await?;
    }
}
// ANCHOR_END: server

// ANCHOR: client
#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let server = UdpSocket::bind("127.0.0.1:0").await?;
    let at = server.local_addr()?;
    let nobody = UdpSocket::bind("127.0.0.1:0").await?.local_addr()?; // closed at once
    tokio::spawn(quotes(server));

    let client = UdpSocket::bind("127.0.0.1:0").await?;
    client.connect(nobody).await?;
    println!(
        "client: sends to nobody: {}",
        client.send(b"Anybody?").await.is_ok()
    );
    let mut buffer = [0; 65_536];
    if let Err(error) = client.recv(&mut buffer).await {
        println!("client: {}", error.kind());
    }
    client.connect(at).await?;
    client.send(b"A quote, please").await?;
    let count = client.recv(&mut buffer).await?;
    println!("client: {}", String::from_utf8_lossy(&buffer[..count]));
    println!("client: closed in good order");
    Ok(())
}
// ANCHOR_END: client
