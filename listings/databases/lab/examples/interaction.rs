//! A loan that needs two changes, with deadpool: a transaction that is dropped is rolled back.
use databases::Server;
use deadpool_postgres::{Manager, Pool, Transaction};
use tokio_postgres::NoTls;

async fn lend(
    tx: &Transaction<'_>,
    poem: &str,
    reader: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let sql = "UPDATE shelf SET copies = copies - 1 WHERE poem = $1";
    if tx.execute(sql, &[&poem]).await? == 0 {
        return Err(format!("no poem \"{poem}\"").into());
    }
    tx.execute("INSERT INTO loans VALUES ($1, $2)", &[&poem, &reader])
        .await?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::temporary()?;
    let manager = Manager::new(databases_lab::config(server.settings()), NoTls);
    let pool = Pool::builder(manager).build()?;
    let mut client = pool.get().await?;
    let made = "CREATE TABLE loans (poem text, reader text);
                CREATE TABLE shelf (poem text, copies int CHECK (copies >= 0));
                INSERT INTO shelf VALUES ('Hope', 1)";
    client.batch_execute(made).await?;

    for reader in ["Ann", "Bob"] {
        let tx = client.transaction().await?;
        match lend(&tx, "Hope", reader).await {
            Ok(()) => {
                tx.commit().await?;
                println!("{reader} has it");
            }
            Err(error) => {
                tx.rollback().await?;
                let error = error.downcast::<tokio_postgres::Error>()?;
                let error = error.as_db_error().ok_or("no error of the database")?;
                let code = error.code().code();
                println!(
                    "{reader} has not: {} {code}: {}",
                    error.severity(),
                    error.message()
                );
            }
        }
    }
    let sql = "SELECT copies, (SELECT count(*) FROM loans) AS loans FROM shelf";
    let row = client.query_one(sql, &[]).await?;
    let (copies, loans): (i32, i64) = (row.get("copies"), row.get("loans"));
    println!("copies on the shelf: {copies}, loans: {loans}");
    Ok(())
}
