//! A question to PostgreSQL with tokio-postgres: the connection is a task of its own.
use databases::Server;
use tokio_postgres::NoTls;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::temporary()?;
    let (client, connection) = databases_lab::config(server.settings())
        .connect(NoTls)
        .await?;
    let connection = tokio::spawn(connection);
    println!("connected");
    let sql = "SELECT word, length(word) AS letters
               FROM regexp_split_to_table($1, ' ') AS word";
    let rows = client.query(sql, &[&"Gather ye rosebuds"]);
    println!("asked, with 1 answer to come"); // nothing is sent before the first poll
    for row in rows.await? {
        let (word, letters): (String, i32) = (row.get("word"), row.get("letters"));
        println!("{letters} letters: {word}");
    }
    drop(client);
    connection.await??;
    Ok(())
}
