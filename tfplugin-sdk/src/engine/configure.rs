//! Configure: the provider block becomes the connection all resources use.

use super::{ConnectionState, Engine};
use crate::{Dynamic, Report};

impl Engine {
    /// Makes the connection. While part of the configuration is unknown there may be none: plans then work without,
    /// and everything else says why it cannot.
    pub async fn configure(&self, config: Dynamic) -> Report {
        match self.0.handlers.provider.configure(&config).await {
            Ok(connection) => {
                self.set_connection(connection.map_or(ConnectionState::Deferred, ConnectionState::Connected));
                Report::new()
            }
            Err(report) => {
                self.set_connection(ConnectionState::NotConfigured);
                report
            }
        }
    }
}
