//! What pages can have done while the book is served: a program run, an answer tested, an answer
//! kept.
use super::guard::{Guard, trusted};
use crate::run::{Order, Runner};
use anyhow::Result;
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::post,
};
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// How long a request may be: a program whose every character JSON writes as two.
const MOST: usize = 2 * crate::run::MOST + 4096;

/// One program at a time.
struct Desk {
    runner: Runner,
    free: Semaphore,
}

/// Returns the routes below `/__book/`, all of them guarded.
pub(super) fn routes(guard: &Arc<Guard>, runner: Runner) -> Router {
    let desk = Arc::new(Desk {
        runner,
        free: Semaphore::new(1),
    });
    Router::new()
        .route("/__book/source", post(source))
        .route("/__book/run", post(run))
        .route("/__book/answer", post(answer))
        .route("/__book/grade", post(grade))
        .route("/__book/keep", post(keep))
        .layer(DefaultBodyLimit::max(MOST))
        .layer(middleware::from_fn_with_state(Arc::clone(guard), trusted))
        .with_state(desk)
}

async fn source(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    ask(desk, body, |runner, order| runner.source(&order.path)).await
}

async fn run(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    ask(desk, body, Runner::run).await
}

async fn answer(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    ask(desk, body, |runner, order| runner.answer(&order.path)).await
}

async fn grade(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    ask(desk, body, Runner::grade).await
}

async fn keep(State(desk): State<Arc<Desk>>, body: Bytes) -> Response {
    ask(desk, body, Runner::keep).await
}

/// Does one thing, on a thread that may wait, unless another one is being done.
async fn ask<T: Serialize + Send + 'static>(
    desk: Arc<Desk>,
    body: Bytes,
    work: fn(&Runner, &Order) -> Result<T>,
) -> Response {
    let order: Order = match serde_json::from_slice(&body) {
        Ok(order) => order,
        Err(error) => return say(StatusCode::BAD_REQUEST, format!("not an order: {error}")),
    };
    let done = tokio::task::spawn_blocking(move || {
        let Ok(_one) = desk.free.try_acquire() else {
            return Err((
                StatusCode::TOO_MANY_REQUESTS,
                "another program is running: one at a time".to_owned(),
            ));
        };
        work(&desk.runner, &order)
            .map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, format!("{error:#}")))
    });
    match done.await {
        Ok(Ok(done)) => ([(header::CACHE_CONTROL, "no-store")], axum::Json(done)).into_response(),
        Ok(Err((status, why))) => say(status, why),
        Err(_) => say(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the tool broke off: its terminal says why".to_owned(),
        ),
    }
}

fn say(status: StatusCode, why: String) -> Response {
    (status, [(header::CACHE_CONTROL, "no-store")], why).into_response()
}
