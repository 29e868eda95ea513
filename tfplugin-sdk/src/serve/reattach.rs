//! Serving without being started by Terraform: in a test's own process, or by hand under a debugger.
//!
//! Terraform finds such a provider through `TF_REATTACH_PROVIDERS`, starts nothing and stops nothing. There is no TLS:
//! the socket lies in a folder that only this user can enter.

use std::env;
use std::process;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::Ends;
use super::connections::{self, Open};
use super::services::Services;
use super::socket::SocketPlace;
use crate::{Engine, Provider};

/// A provider that serves in this process until it is dropped.
#[derive(Debug)]
pub struct Reattach {
    address: String,
    engine: Engine,
    ends: Ends,
    place: SocketPlace,
}

/// Serves `provider` in tasks of the running tokio runtime, for tests. One of these answers any number of Terraform
/// runs, one after the other or at once; each run configures it anew.
///
/// # Panics
///
/// When no socket can be made in the folder for temporary files.
// Async although nothing is awaited: it must run inside the runtime that serves.
#[allow(clippy::unused_async, reason = "see above")]
pub async fn reattach<A: Send + Sync + 'static>(provider: Provider<A>) -> Reattach {
    Reattach::serve(provider.into_engine()).unwrap_or_else(|reason| panic!("{reason}"))
}

impl Reattach {
    /// Serves in tasks of the running tokio runtime. The error is a whole sentence, with what to do.
    pub(crate) fn serve(engine: Engine) -> Result<Self, String> {
        let (listener, place) = SocketPlace::bind(&env::temp_dir())?;
        let ends = Ends::new();
        let services = Services::new(engine.clone(), &ends, Arc::new(|| {}));
        let served = ends.clone();
        tokio::spawn(async move { connections::serve(&listener, None, &Open::none(), &services, &served).await });
        Ok(Self { address: engine.address().to_owned(), engine, ends, place })
    }

    /// The value of `TF_REATTACH_PROVIDERS`: `{"namespace/name": …}`.
    pub fn env_value(&self) -> String {
        Self::env_value_of(std::slice::from_ref(self))
    }

    /// The same for several providers.
    pub fn env_value_of(providers: &[Self]) -> String {
        let entry = |provider: &Self| {
            let found_at = json!({
                "Protocol": "grpc",
                "ProtocolVersion": 6,
                "Pid": process::id(),
                "Test": true,
                "Addr": { "Network": "unix", "String": provider.place.path().to_string_lossy() },
            });
            (provider.address.clone(), found_at)
        };
        Json::Object(providers.iter().map(entry).collect()).to_string()
    }
}

/// Calls under way are asked to end; the socket is gone at once.
impl Drop for Reattach {
    fn drop(&mut self) {
        self.engine.stop();
        self.ends.end();
    }
}
