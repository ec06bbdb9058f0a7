//! JSON-RPC: what each kind of question is answered, and a client that sorts the answers.
use coroutines::{block_on, sleep, spawn};
use deferreds::{Deferred, Failure};
use reactor::{Address, Handle, Reactor, Sim};
use serde_json::{Value, json};
use std::{cell::RefCell, rc::Rc, time::Duration};
use web::{
    Branch, Client, JsonRpc, Method, Page, Request, RpcClient, RpcError, Served, Site, json_page,
    plain,
};

fn functions(reactor: &Handle, log: &Rc<RefCell<Vec<Value>>>) -> JsonRpc {
    let (reactor, log) = (reactor.clone(), Rc::clone(log));
    JsonRpc::new()
        .method("subtract", |params: Value| {
            let numbers: Result<[i64; 2], _> = match &params {
                Value::Object(named) => Ok([
                    named["minuend"].as_i64().unwrap(),
                    named["subtrahend"].as_i64().unwrap(),
                ]),
                _ => serde_json::from_value(params),
            };
            let [a, b] = numbers.map_err(RpcError::params)?;
            Ok(json!(a - b))
        })
        .method("late", move |params: Value| -> Deferred<Value> {
            let reactor = reactor.clone();
            spawn(&reactor.clone(), async move {
                sleep(&reactor, Duration::from_millis(params[0].as_u64().unwrap())).await;
                Ok(params[0].clone())
            })
        })
        .method("note", move |params: Value| {
            log.borrow_mut().push(params);
            Ok(Value::Null)
        })
        .method("panics", |_| -> Result<Value, Failure> {
            panic!("in a function")
        })
        .method("fails", |_| Err::<Value, _>(Failure::new("a secret")))
        .method("teapot", |_| {
            Err::<Value, _>(Failure::new(RpcError::new(418, "short and stout")))
        })
}

struct Asking {
    reactor: Reactor,
    served: Served,
    log: Rc<RefCell<Vec<Value>>>,
}

impl Asking {
    fn new() -> Asking {
        let (reactor, log) = (Reactor::new(Sim::new(1)), Rc::default());
        let handle = reactor.handle();
        let root = Branch::new().put("rpc", Rc::new(functions(&handle, &log)));
        let served = Site::new(root)
            .listen(&handle, &Address::loopback(0))
            .unwrap();
        Asking {
            reactor,
            served,
            log,
        }
    }

    /// Posts a text, and returns the status and the answer.
    fn post(&mut self, text: &str) -> (u16, Value) {
        let client = Client::new(&self.reactor.handle());
        let url = format!("http://{}/rpc", self.served.address());
        let request = hyper::Request::post(url)
            .body(text.to_owned().into())
            .unwrap();
        let answer = block_on(
            &mut self.reactor,
            async move { client.request(request).await },
        )
        .unwrap();
        let value = serde_json::from_slice(answer.body()).unwrap_or(Value::Null);
        (answer.status().as_u16(), value)
    }

    fn error(&mut self, text: &str) -> (Value, Value) {
        let (status, answer) = self.post(text);
        assert_eq!(
            (status, &answer["jsonrpc"]),
            (200, &json!("2.0")),
            "{text}: {answer}"
        );
        (answer["error"]["code"].clone(), answer["id"].clone())
    }
}

#[test]
fn one_call_has_one_answer() {
    let mut asking = Asking::new();
    let call = r#"{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}"#;
    assert_eq!(
        asking.post(call),
        (200, json!({"jsonrpc": "2.0", "result": 19, "id": 1}))
    );
    let call = r#"{"jsonrpc": "2.0", "method": "subtract", "params": {"subtrahend": 23, "minuend": 42}, "id": "a"}"#;
    assert_eq!(
        asking.post(call),
        (200, json!({"jsonrpc": "2.0", "result": 19, "id": "a"}))
    );
}

#[test]
fn an_id_of_null_is_answered_and_none_at_all_is_not() {
    let mut asking = Asking::new();
    let call = r#"{"jsonrpc": "2.0", "method": "note", "params": [1], "id": null}"#;
    assert_eq!(
        asking.post(call),
        (200, json!({"jsonrpc": "2.0", "result": null, "id": null}))
    );
    for silent in [
        r#"{"jsonrpc": "2.0", "method": "note", "params": [2]}"#,
        r#"{"jsonrpc": "2.0", "method": "no such function"}"#,
        r#"{"jsonrpc": "2.0", "method": "fails"}"#,
        r#"[{"jsonrpc": "2.0", "method": "note", "params": [3]}, {"jsonrpc": "2.0", "method": "panics"}]"#,
    ] {
        assert_eq!(asking.post(silent), (204, Value::Null), "{silent}");
    }
    assert_eq!(*asking.log.borrow(), [json!([1]), json!([2]), json!([3])]);
}

#[test]
fn an_empty_batch_is_one_error() {
    let mut asking = Asking::new();
    assert_eq!(asking.error("[]"), (json!(-32600), Value::Null));
    let many = format!("[{}]", vec!["1"; 101].join(","));
    assert_eq!(
        asking.error(&many),
        (json!(-32600), Value::Null),
        "and so is one that is too long"
    );
}

#[test]
fn each_mistake_has_its_number() {
    let mut asking = Asking::new();
    for (text, code, id) in [
        (
            r#"{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]"#,
            -32700,
            json!(null),
        ),
        ("", -32700, json!(null)),
        ("1", -32600, json!(null)),
        (r#"{"method": "note", "id": 1}"#, -32600, json!(null)),
        (
            r#"{"jsonrpc": "1.0", "method": "note", "id": 1}"#,
            -32600,
            json!(null),
        ),
        (
            r#"{"jsonrpc": "2.0", "method": 1, "id": 1}"#,
            -32600,
            json!(null),
        ),
        (
            r#"{"jsonrpc": "2.0", "method": "note", "params": "bar", "id": 1}"#,
            -32600,
            json!(null),
        ),
        (
            r#"{"jsonrpc": "2.0", "method": "note", "id": {}}"#,
            -32600,
            json!(null),
        ),
        (
            r#"{"jsonrpc": "2.0", "method": "foobar", "id": 1}"#,
            -32601,
            json!(1),
        ),
        (
            r#"{"jsonrpc": "2.0", "method": "subtract", "params": [1], "id": 2}"#,
            -32602,
            json!(2),
        ),
        (
            r#"{"jsonrpc": "2.0", "method": "fails", "id": 3}"#,
            -32603,
            json!(3),
        ),
        (
            r#"{"jsonrpc": "2.0", "method": "panics", "id": 4}"#,
            -32603,
            json!(4),
        ),
        (
            r#"{"jsonrpc": "2.0", "method": "teapot", "id": 5}"#,
            418,
            json!(5),
        ),
    ] {
        assert_eq!(asking.error(text), (json!(code), id), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(
        asking.error(&deep),
        (json!(-32700), Value::Null),
        "brackets without end are no reason to overflow"
    );
    let (_, answer) = asking.post(r#"{"jsonrpc": "2.0", "method": "fails", "id": 3}"#);
    assert!(!answer.to_string().contains("secret"), "{answer}");
}

#[test]
fn a_batch_is_answered_at_once_and_in_the_order_of_its_questions() {
    let mut asking = Asking::new();
    let (status, answer) = asking.post(
        r#"[{"jsonrpc": "2.0", "method": "late", "params": [3000], "id": "a"},
            {"jsonrpc": "2.0", "method": "note", "params": [7]},
            1,
            {"jsonrpc": "2.0", "method": "late", "params": [1000], "id": "b"},
            {"jsonrpc": "2.0", "method": "foobar", "id": "c"}]"#,
    );
    let ids: Vec<&Value> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert_eq!(
        (status, ids),
        (
            200,
            vec![&json!("a"), &json!(null), &json!("b"), &json!("c")]
        )
    );
    let millis = asking.reactor.handle().now().as_millis();
    assert!((3_000..3_500).contains(&millis), "all at once: {millis} ms");
}

#[test]
fn a_client_calls_notifies_and_sends_batches() {
    let mut asking = Asking::new();
    let client = Client::new(&asking.reactor.handle());
    let url = format!("http://{}/rpc", asking.served.address());
    let rpc = RpcClient::new(&client, &url).unwrap();
    block_on(&mut asking.reactor, async move {
        assert_eq!(rpc.call("subtract", json!([5, 3])).await?, json!(2));
        let failure = rpc.call("teapot", Value::Null).await.unwrap_err();
        assert_eq!(
            failure.check(),
            Some(&RpcError::new(418, "short and stout"))
        );
        rpc.notify("note", json!(["told"])).await?;
        rpc.notify("no such function", Value::Null).await?;
        let calls = vec![
            ("late", json!([500])),
            ("teapot", Value::Null),
            ("late", json!([100])),
        ];
        let answers = rpc.batch(calls).await?;
        assert_eq!(answers[0], Ok(json!(500)));
        assert_eq!(answers[1].as_ref().unwrap_err().code, 418);
        assert_eq!(answers[2], Ok(json!(100)));
        assert_eq!(rpc.batch(Vec::new()).await?, []);
        Ok(())
    })
    .unwrap();
    assert_eq!(*asking.log.borrow(), [json!(["told"])]);
}

#[test]
fn a_client_believes_no_answer_to_another_question() {
    let mut reactor = Reactor::new(Sim::new(1));
    let handle = reactor.handle();
    let answers = |text: &'static str| Page::of(&[Method::POST], move |_: &Request| plain(text));
    let turned = Page::of(&[Method::POST], |request: &Request| {
        let Ok(Value::Array(calls)) = serde_json::from_slice(request.body()) else {
            return plain("?");
        };
        let back = calls.iter().rev();
        let back =
            back.map(|call| json!({"jsonrpc": "2.0", "result": call["params"], "id": call["id"]}));
        json_page(&back.collect::<Value>())
    });
    let root = Branch::new()
        .put("other", answers(r#"{"jsonrpc": "2.0", "result": 1, "id": 99}"#))
        .put("both", answers(r#"{"jsonrpc": "2.0", "result": 1, "error": {"code": 1, "message": ""}, "id": 1}"#))
        .put("text", answers("hello"))
        .put("all", answers(r#"{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}"#))
        .put("turned", turned);
    let served = Site::new(root)
        .listen(&handle, &Address::loopback(0))
        .unwrap();
    block_on(&mut reactor, async move {
        let client = Client::new(&handle);
        let rpc = |path| RpcClient::new(&client, &format!("http://{}/{path}", served.address()));
        for path in ["other", "both", "text", "nowhere"] {
            let failure = rpc(path)?.call("x", Value::Null).await.unwrap_err();
            assert!(failure.check::<RpcError>().is_none(), "{path}: {failure}");
        }
        let failure = rpc("all")?.call("x", Value::Null).await.unwrap_err();
        assert_eq!(failure.check::<RpcError>().unwrap().code, -32700);
        let answers = rpc("turned")?
            .batch(vec![("a", json!([1])), ("b", json!([2]))])
            .await?;
        assert_eq!(
            answers,
            [Ok(json!([1])), Ok(json!([2]))],
            "sorted by their ids"
        );
        Ok(())
    })
    .unwrap();
}
