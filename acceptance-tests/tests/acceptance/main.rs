//! Acceptance: real Terraform applies, real QUIC clients connect, real backends answer. One file per noun or claim.
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test, which is the point")]

mod api_economy;
mod attributes;
mod backend_binding;
mod certificate;
mod client_address;
mod coverage;
mod data_sources;
mod drain_backend;
mod drift;
mod examples;
mod faults_converge;
mod functions;
mod guides;
mod health_check;
mod hostile_peers;
mod identity;
mod independent_clients;
mod interrupts;
mod list_resources;
mod load_balancer;
mod migration;
mod modules;
mod mutual_tls;
mod observing;
mod official_provider;
mod official_sdk;
mod packaged_provider;
mod plan_bounds;
mod plan_reasons;
mod plan_stage;
mod plan_truth;
mod plan_warnings;
mod plan_words;
mod platform_rules;
mod provider_configuration;
mod quic_listener;
mod real_addresses;
mod rotation;
mod scheduling;
mod secrets;
mod security_group;
mod taking_over;
mod tccli;
mod timeouts;
mod traps;
mod traps_binding;
mod traps_create;
mod traps_drift;
mod traps_missing;
mod traps_retry;
mod traps_secrets;

/// Fails unless every word stands in what was said.
#[track_caller]
fn expect_words(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "{word:?} is not in what was said:\n{said}");
    }
}
