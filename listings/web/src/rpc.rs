//! JSON-RPC 2.0: functions by name, called over HTTP. The server's side.
use crate::{
    Answer, Method, Request, Resource, Response, StatusCode, answer::typed, panics::catch_panic,
};
use coroutines::join_all;
use deferreds::{Deferred, Failure, Outcome, maybe_deferred};
use serde::Serialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, error::Error, fmt, rc::Rc};

/// A batch may have so many calls.
const MAX_BATCH: usize = 100;

type Call = Rc<dyn Fn(Value) -> Deferred<Value>>;

/// Functions that can be called by name.
///
/// ```
/// use web::{JsonRpc, RpcError};
///
/// let rpc = JsonRpc::new().method("add", |params| {
///     let numbers: Vec<f64> = serde_json::from_value(params).map_err(RpcError::params)?;
///     Ok(numbers.iter().sum::<f64>().into())
/// });
/// # drop(rpc);
/// ```
///
/// Source: [JSON-RPC 2.0](https://www.jsonrpc.org/specification).
#[derive(Default)]
pub struct JsonRpc {
    methods: BTreeMap<String, Call>,
}

impl JsonRpc {
    /// Returns a server without functions.
    #[must_use]
    pub fn new() -> JsonRpc {
        JsonRpc::default()
    }

    /// Adds a function. It is given the parameters: an array, an object, or null when there are
    /// none.
    ///
    /// Fail with an [`RpcError`] to say something to the client. Of any other failure it learns
    /// that there was one, and the log learns which.
    #[must_use]
    pub fn method<R>(mut self, name: &str, call: impl Fn(Value) -> R + 'static) -> JsonRpc
    where
        R: Outcome<Value = Value>,
    {
        let call = Rc::new(call);
        let boxed: Call = Rc::new(move |params| {
            let call = Rc::clone(&call);
            maybe_deferred(move || call(params))
        });
        self.methods.insert(name.to_owned(), boxed);
        self
    }

    /// Answers one call or a batch; `None` when nothing in it wants an answer.
    async fn answer(methods: Rc<BTreeMap<String, Call>>, text: &[u8]) -> Option<Value> {
        let question: Value = match serde_json::from_slice(text) {
            Ok(question) => question,
            Err(_) => return Some(RpcError::standard(-32700).answer(Value::Null)),
        };
        match question {
            Value::Array(calls) if calls.is_empty() || calls.len() > MAX_BATCH => {
                Some(RpcError::standard(-32600).answer(Value::Null))
            }
            // All at once; each has its own time, and the answers have the order of the questions.
            Value::Array(calls) => {
                let calls = calls
                    .into_iter()
                    .map(|call| Box::pin(answer_one(&methods, call)));
                let answers: Vec<Value> = join_all(calls).await.into_iter().flatten().collect();
                (!answers.is_empty()).then_some(Value::Array(answers))
            }
            call => answer_one(&methods, call).await,
        }
    }
}

// ANCHOR: one
/// Answers one call. Without an `id` it is a notification: done, and not answered, whatever becomes
/// of it.
async fn answer_one(methods: &BTreeMap<String, Call>, call: Value) -> Option<Value> {
    let Some((name, params, id)) = parse_call(&call) else {
        return Some(RpcError::standard(-32600).answer(Value::Null));
    };
    let result = match methods.get(name) {
        None => Err(Failure::new(RpcError::standard(-32601))),
        Some(call) => match catch_panic(|| call(params)) {
            Ok(value) => value.await,
            Err(failure) => Err(failure),
        },
    };
    let id = id?; // a notification ends here, after its call
    Some(match result {
        Ok(value) => json!({ "jsonrpc": "2.0", "result": value, "id": id }),
        Err(failure) => match failure.check::<RpcError>() {
            Some(error) => error.answer(id),
            None => {
                tracing::error!(place = %failure.location(), "{name} failed: {failure}");
                RpcError::standard(-32603).answer(id)
            }
        },
    })
}
// ANCHOR_END: one

/// Returns the name, the parameters and the `id` of a call, if it is one. An `id` of null is an
/// `id`.
fn parse_call(call: &Value) -> Option<(&str, Value, Option<Value>)> {
    let call = call.as_object()?;
    if call.get("jsonrpc")? != "2.0" {
        return None;
    }
    let name = call.get("method")?.as_str()?;
    let params = match call.get("params") {
        None => Value::Null,
        Some(params @ (Value::Array(_) | Value::Object(_))) => params.clone(),
        Some(_) => return None,
    };
    match call.get("id") {
        None => Some((name, params, None)),
        Some(id @ (Value::Null | Value::String(_) | Value::Number(_))) => {
            Some((name, params, Some(id.clone())))
        }
        Some(_) => None,
    }
}

impl Resource for JsonRpc {
    fn methods(&self) -> &[Method] {
        &[Method::POST]
    }

    fn render(&self, request: &Request) -> Answer {
        let (methods, text) = (Rc::new(self.methods.clone()), request.body().clone());
        Answer::Awaited(Box::pin(async move {
            Ok(match JsonRpc::answer(methods, &text).await {
                Some(answer) => json_page(&answer),
                None => {
                    let mut nothing = Response::default();
                    *nothing.status_mut() = StatusCode::NO_CONTENT;
                    nothing
                }
            })
        }))
    }
}

/// Returns a page of JSON. The fields of a structure stand in their order. What cannot be JSON,
/// such as a map whose keys are no text, is a 500 and a line in the log.
#[must_use]
pub fn json_page<T: Serialize + ?Sized>(value: &T) -> Response {
    match serde_json::to_string(value) {
        Ok(text) => typed(StatusCode::OK, "application/json", text),
        Err(error) => {
            tracing::error!(%error, "a page cannot be JSON");
            typed(
                StatusCode::INTERNAL_SERVER_ERROR,
                "application/json",
                "null".to_owned(),
            )
        }
    }
}

/// What went wrong, for the other side.
#[derive(Clone, Debug, PartialEq)]
pub struct RpcError {
    /// −32768 to −32000 are the protocol's own.
    pub code: i64,
    /// One short sentence.
    pub message: String,
}

impl RpcError {
    /// Returns an error of the protocol itself.
    fn standard(code: i64) -> RpcError {
        RpcError::new(
            code,
            match code {
                -32700 => "Parse error",
                -32600 => "Invalid Request",
                -32601 => "Method not found",
                _ => "Internal error",
            },
        )
    }

    /// Returns an error with a code of your own.
    #[must_use]
    pub fn new(code: i64, message: impl Into<String>) -> RpcError {
        RpcError {
            code,
            message: message.into(),
        }
    }

    /// Returns the error of wrong parameters, −32602, and says what is wrong with them.
    #[must_use]
    pub fn params(why: impl fmt::Display) -> RpcError {
        RpcError::new(-32602, format!("Invalid params: {why}"))
    }

    fn answer(&self, id: Value) -> Value {
        json!({ "jsonrpc": "2.0", "error": { "code": self.code, "message": self.message }, "id": id })
    }
}

impl fmt::Display for RpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl Error for RpcError {}
