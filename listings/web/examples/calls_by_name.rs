//! JSON-RPC: one call, one that is wrong, a notification, and a batch.
use coroutines::run;
use reactor::Address;
use serde_json::{Value, json};
use std::process::ExitCode;
use trace::say;
use web::{Client, JsonRpc, RpcClient, RpcError, Site};

// ANCHOR: server
fn functions() -> JsonRpc {
    JsonRpc::new()
        .method("longest", |params: Value| {
            let lines: Vec<String> = serde_json::from_value(params).map_err(RpcError::params)?;
            let longest = lines.into_iter().max_by_key(String::len);
            Ok(json!(longest))
        })
        .method("log", |params| {
            say!("the server notes {params}");
            Ok(Value::Null)
        })
}
// ANCHOR_END: server

fn main() -> ExitCode {
    run(|reactor| async move {
        let site = Site::new(functions()).listen(&reactor, &Address::loopback(0))?;
        let url = format!("http://{}/", site.address());
        // ANCHOR: client
        let rpc = RpcClient::new(&Client::new(&reactor), &url)?;
        say!(
            "{}",
            rpc.call("longest", json!(["hope", "the wind", "fire"]))
                .await?
        );
        if let Err(failure) = rpc.call("longest", json!({ "lines": 3 })).await {
            say!("{failure}");
        }
        rpc.notify("log", json!(["read"])).await?;
        let calls = vec![("longest", json!([])), ("shortest", json!(["a"]))];
        for answer in rpc.batch(calls).await? {
            say!("{answer:?}");
        }
        // ANCHOR_END: client
        Ok(())
    })
}
