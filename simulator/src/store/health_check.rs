//! Health checks, as they are stored. What they have found is not: it is found out anew.

use clb_model::health::{Check, CheckSource, CustomCheck, HealthCheck, HttpCheck};
use serde::{Deserialize, Serialize};
use serde_with::serde_as;

use super::written::record;

#[derive(Serialize, Deserialize)]
#[serde(remote = "HealthCheck", deny_unknown_fields)]
pub struct HealthCheckRecord {
    enabled: bool,
    #[serde(with = "CheckRecord")]
    check: Check,
    timeout: u8,
    interval: u16,
    healthy_threshold: u8,
    unhealthy_threshold: u8,
    port: Option<u16>,
    #[serde(with = "CheckSourceRecord")]
    source: CheckSource,
}

#[serde_as]
#[derive(Serialize, Deserialize)]
#[serde(remote = "Check", rename_all = "snake_case")]
enum CheckRecord {
    Tcp,
    Http(#[serde_as(as = "HttpCheckRecord")] HttpCheck),
    Ping,
    Custom(#[serde_as(as = "CustomCheckRecord")] CustomCheck),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CustomCheck", deny_unknown_fields)]
struct CustomCheckRecord {
    hexadecimal: bool,
    send: String,
    receive: String,
}
record!(CustomCheckRecord of CustomCheck);

#[derive(Serialize, Deserialize)]
#[serde(remote = "HttpCheck", deny_unknown_fields)]
struct HttpCheckRecord {
    method: String,
    path: String,
    domain: String,
    codes: u8,
    version: String,
}
record!(HttpCheckRecord of HttpCheck);

#[derive(Serialize, Deserialize)]
#[serde(remote = "CheckSource", rename_all = "snake_case")]
enum CheckSourceRecord {
    Vip,
    SharedRange,
}
