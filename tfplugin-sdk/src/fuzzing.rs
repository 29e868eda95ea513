//! What must hold of bytes from outside, whatever they are: one function for each way in.
//!
//! Compiled for tests, which run every function on made-up and on recorded input, and for the fuzzer (`fuzz/`), which
//! looks for input of its own. What is promised in each lies beside the code that promises it: values and messages in
//! `wire`, the handshake in `serve`, the rest here.

mod harbour;
mod lifecycle;
mod ship;
mod text;

#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::LazyLock;

use tokio::runtime::{Builder, Runtime};

/// Bytes for one function.
pub type Input = [u8];

/// A type as JSON, a line feed, a value as msgpack: what decodes encodes again, and is then the same.
pub fn msgpack(input: &Input) {
    crate::wire::fuzzing_values::msgpack(input);
}

/// A type as JSON, a line feed, a value as JSON; or JSON of no known type: what decodes encodes, and is then the same.
pub fn json(input: &Input) {
    crate::wire::fuzzing_values::json(input);
}

/// A call, and what Terraform sends with it: it is answered, and every answer can be read.
pub fn call(input: &Input) {
    let engine = harbour::provider().into_engine();
    run(crate::wire::fuzzing_calls::call(&engine, input));
}

/// Two configurations for one resource: what is valid can be planned, applied, read, changed and destroyed without
/// breaking a rule of Terraform's core.
pub fn lifecycle(input: &Input) {
    run(lifecycle::walk(input));
}

/// An environment as a process has it: the handshake is made or refused.
pub fn handshake(input: &Input) {
    crate::serve::fuzzing::handshake(input);
}

/// A certificate (DER): it is pinned or refused, and signs nothing.
pub fn certificate(input: &Input) {
    crate::serve::fuzzing::certificate(input);
}

/// A text for everything that reads texts: numbers, durations, types, addresses, PEM, import ids.
pub fn text(input: &Input) {
    text::text(input);
}

/// Runs async code to its end.
fn run<T>(work: impl Future<Output = T>) -> T {
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime needs nothing"));
    RUNTIME.block_on(work)
}
