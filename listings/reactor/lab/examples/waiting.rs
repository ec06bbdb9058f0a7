//! The twin of `reactor/waiting`: `join!` waits for three things at once.
use std::{io, sync::Arc, thread, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    time::sleep,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let call = Arc::new(Notify::new());
    let remote = call.clone();
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(250));
        remote.notify_one();
    });
    let _peer = tokio::spawn(async move {
        sleep(Duration::from_millis(50)).await;
        let mut stream = TcpStream::connect(address).await?;
        sleep(Duration::from_millis(100)).await;
        stream.write_all(b"good morning").await?;
        io::Result::Ok(stream)
    });

    let time = async {
        for ms in [100, 200, 300] {
            sleep(Duration::from_millis(100)).await;
            println!("time passed: {ms}ms");
        }
    };
    let connections = async {
        let (mut stream, _) = listener.accept().await?;
        println!("somebody connected");
        let mut bytes = [0; 64];
        let n = stream.read(&mut bytes).await?;
        println!("data arrived: {n} bytes");
        io::Result::Ok(stream)
    };
    let calls = async {
        call.notified().await;
        println!("another thread called");
    };
    let (_, stream, _) = tokio::join!(time, connections, calls);
    stream.map(drop)
}
