//! The twin of `reactor/four_events`: each event is the next line after an `await`.
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;

    let connection = async {
        let (mut stream, _peer) = listener.accept().await?;
        println!("a connection was accepted");
        let mut bytes = [0; 64];
        loop {
            match stream.read(&mut bytes).await? {
                0 => break,
                n => println!("data arrived: {n} bytes"),
            }
        }
        println!("the connection was dropped");
        io::Result::Ok(())
    };
    let time = async {
        sleep(Duration::from_millis(300)).await;
        println!("time passed");
        Ok(())
    };
    let peer = async {
        let mut stream = TcpStream::connect(address).await?;
        sleep(Duration::from_millis(200)).await;
        stream.write_all(b"good morning").await?;
        sleep(Duration::from_millis(200)).await;
        Ok(())
    };
    tokio::try_join!(connection, time, peer).map(drop)
}
