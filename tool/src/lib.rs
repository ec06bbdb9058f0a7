//! The parts of `cargo book`, one module a job, so that tests can call them too.
mod archive;
pub mod build;
pub mod cargo;
pub mod check;
pub mod exercise;
pub mod expand;
mod extras;
pub mod finding;
#[doc(hidden)]
pub mod fixture;
mod heard;
pub mod held;
pub mod house;
pub mod limit;
pub mod manifest;
pub mod needs;
pub mod new;
pub mod packages;
pub mod parallel;
pub mod preprocess;
pub mod problem;
pub mod progress;
pub mod record;
pub mod serve;
pub mod steps;
pub mod tidy;
