//! The actions: what is asked for by name, beside creating and deleting (Terraform 1.14).

pub mod drain_backend;

pub use drain_backend::DrainBackend;
