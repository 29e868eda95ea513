//! Bindings, as they are stored: without their health.

use std::net::IpAddr;

use clb_model::binding::{BackendRef, Binding, BindingKey};
use clb_model::forwarding::BackendAddress;
use clb_model::health::Health;
use clb_model::id::InstanceId;
use clb_model::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use super::written::{Text, Time, record};

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Binding", deny_unknown_fields)]
pub struct BindingRecord {
    #[serde(with = "BindingKeyRecord")]
    key: BindingKey,
    #[serde(with = "BackendAddressRecord")]
    address: BackendAddress,
    weight: u8,
    tag: Option<String>,
    #[serde_as(as = "Time")]
    registered_at: Timestamp,
    #[serde(skip)]
    health: Health,
}
record!(BindingRecord of Binding);

#[derive(Serialize, Deserialize)]
#[serde(remote = "BindingKey", deny_unknown_fields)]
struct BindingKeyRecord {
    #[serde(with = "BackendRefRecord")]
    backend: BackendRef,
    port: u16,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "BackendRef", rename_all = "snake_case")]
enum BackendRefRecord {
    Instance(#[serde_as(as = "Text")] InstanceId),
    Address(IpAddr),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "BackendAddress", deny_unknown_fields)]
struct BackendAddressRecord {
    ip: IpAddr,
    port: u16,
}
