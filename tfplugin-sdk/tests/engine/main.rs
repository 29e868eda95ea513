//! The engine, met as Terraform's core meets it.
#![allow(missing_docs, clippy::unwrap_used, clippy::float_cmp)]

mod garden;

#[test]
fn the_sample_provider_is_declared_soundly() {
    garden::provider(&std::sync::Arc::default()).assert_valid();
}
