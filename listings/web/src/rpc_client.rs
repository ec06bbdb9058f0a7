//! JSON-RPC 2.0: the side that calls.
use crate::{
    Bytes, Client, Method, RpcError, StatusCode,
    header::{CONTENT_TYPE, HeaderValue},
};
use deferreds::{Deferred, Failure};
use hyper::Uri;
use serde_json::{Map, Value, json};
use std::{cell::Cell, rc::Rc};

/// Calls the functions of one server.
#[derive(Clone)]
pub struct RpcClient {
    client: Client,
    url: Uri,
    last_id: Rc<Cell<u64>>,
}

impl RpcClient {
    /// Returns a client for the server at that address.
    ///
    /// # Errors
    /// When it is no address.
    pub fn new(client: &Client, url: &str) -> Result<RpcClient, Failure> {
        Ok(RpcClient {
            client: client.clone(),
            url: url.parse()?,
            last_id: Rc::default(),
        })
    }

    /// Calls one function. What the server says went wrong is an [`RpcError`].
    #[track_caller]
    pub fn call(&self, method: &str, params: Value) -> Deferred<Value> {
        let id = self.next_id();
        let question = call_object(method, params, Some(id));
        self.post(&question)
            .add_callback(move |answer| parse_answer(&answer?, id)?.map_err(Failure::new))
    }

    /// Calls a function and wants no answer, not even that there is no such function. Fires when
    /// the server has it.
    #[track_caller]
    pub fn notify(&self, method: &str, params: Value) -> Deferred<()> {
        self.post(&call_object(method, params, None))
            .add_callback(|_| Ok(()))
    }

    /// Calls many functions with one request. The results have the order of the calls, in whatever
    /// order they come.
    #[track_caller]
    pub fn batch(&self, calls: Vec<(&str, Value)>) -> Deferred<Vec<Result<Value, RpcError>>> {
        if calls.is_empty() {
            return Deferred::succeed(Vec::new()); // an empty batch is an error of the protocol
        }
        let calls: Vec<(u64, Value)> = calls
            .into_iter()
            .map(|(method, params)| {
                let id = self.next_id();
                (id, call_object(method, params, Some(id)))
            })
            .collect();
        let ids: Vec<u64> = calls.iter().map(|(id, _)| *id).collect();
        let questions = calls.into_iter().map(|(_, question)| question).collect();
        self.post(&Value::Array(questions))
            .add_callback(move |answer| {
                let Value::Array(answers) = answer? else {
                    return Err(Failure::new(
                        "the server answered a batch with something else",
                    ));
                };
                ids.into_iter()
                    .map(|id| {
                        let found = answers.iter().find(|answer| answer["id"] == id);
                        parse_answer(
                            found.ok_or_else(|| Failure::new("the server left out an answer"))?,
                            id,
                        )
                    })
                    .collect()
            })
    }

    fn next_id(&self) -> u64 {
        self.last_id.set(self.last_id.get() + 1);
        self.last_id.get()
    }

    /// Fires with the answer, or with why there is none that can be read.
    fn post(&self, question: &Value) -> Deferred<Result<Value, Failure>> {
        let mut request = hyper::Request::new(Bytes::from(question.to_string()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.clone();
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        self.client.request(request).add_callback(|answer| {
            let status = answer.status();
            if status == StatusCode::NO_CONTENT {
                return Ok(Err(Failure::new("the server gave no answer")));
            }
            if !status.is_success() {
                return Err(Failure::new(format!("the server answered {status}")));
            }
            Ok(serde_json::from_slice(answer.body()).map_err(Failure::new))
        })
    }
}

/// Returns a call as JSON-RPC writes it; without an `id` it is a notification.
fn call_object(method: &str, params: Value, id: Option<u64>) -> Value {
    let mut question = Map::new();
    question.insert("jsonrpc".into(), "2.0".into());
    question.insert("method".into(), method.into());
    if !params.is_null() {
        question.insert("params".into(), params);
    }
    if let Some(id) = id {
        question.insert("id".into(), json!(id));
    }
    Value::Object(question)
}

/// Reads an answer to that question. An error whose `id` is null is about the whole request.
fn parse_answer(answer: &Value, id: u64) -> Result<Result<Value, RpcError>, Failure> {
    let strange = || Failure::new(format!("this is no answer to call {id}: {answer}"));
    if answer["jsonrpc"] != "2.0" || (answer["id"] != id && !answer["id"].is_null()) {
        return Err(strange());
    }
    match (answer.get("result"), answer.get("error")) {
        (Some(value), None) if answer["id"] == id => Ok(Ok(value.clone())),
        (None, Some(error)) => {
            let (code, message) = (error["code"].as_i64(), error["message"].as_str());
            let (Some(code), Some(message)) = (code, message) else {
                return Err(strange());
            };
            Ok(Err(RpcError::new(code, message)))
        }
        _ => Err(strange()),
    }
}
