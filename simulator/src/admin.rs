//! The admin door: gRPC for the simulator's own levers (`proto/clbsim/v1/admin.proto`). It changes the weather, never
//! the land: nothing here creates, changes or deletes what the cloud API does.

mod calls;
mod connections;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use prost_types::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{Request, Response, Status};

use crate::call_journal::CallJournal;
use crate::control::Control;
use crate::data_plane::journal::Journal;
use crate::generated::clbsim::admin_server::{Admin as AdminService, AdminServer};
use crate::generated::clbsim::{
    HealthReply, HealthRequest, ListCallsReply, ListCallsRequest, ListConnectionsReply, ListConnectionsRequest,
    ResetReply, ResetRequest,
};

/// How long a reset waits for the data plane to close what is gone.
const RESET_WITHIN: Duration = Duration::from_secs(10);
/// How long one call may take, and calls at a time on one connection.
const CALL_WITHIN: Duration = Duration::from_secs(30);
const CALLS_PER_CONNECTION: usize = 32;
/// How long calls may still run when the simulator stops.
const ENDING_WITHIN: Duration = Duration::from_secs(5);

/// What the admin door answers from.
#[derive(Clone)]
pub struct Admin {
    control: Arc<Control>,
    connections: Arc<Journal>,
    calls: Arc<CallJournal>,
}

impl Admin {
    /// A door to these.
    pub fn new(control: Arc<Control>, connections: Arc<Journal>, calls: Arc<CallJournal>) -> Self {
        Self { control, connections, calls }
    }
}

/// Serves until `stop` says so (or its sender is gone); then lets calls end.
pub async fn serve(listener: TcpListener, admin: Admin, mut stop: watch::Receiver<()>) {
    let mut deadline = stop.clone();
    let ordered = async move {
        let _ = stop.changed().await;
    };
    let serving = tonic::transport::Server::builder()
        .timeout(CALL_WITHIN)
        .concurrency_limit_per_connection(CALLS_PER_CONNECTION)
        .add_service(AdminServer::new(admin))
        .serve_with_incoming_shutdown(TcpListenerStream::new(listener), ordered);
    // A client that keeps its connection open must not keep the simulator from stopping.
    let overdue = async move {
        let _ = deadline.changed().await;
        tokio::time::sleep(ENDING_WITHIN).await;
    };
    tokio::select! {
        served = serving => {
            if let Err(error) = served {
                tracing::error!(%error, "the admin door has failed");
            }
        }
        () = overdue => {}
    }
}

#[tonic::async_trait]
impl AdminService for Admin {
    async fn health(&self, _request: Request<HealthRequest>) -> Result<Response<HealthReply>, Status> {
        let standing = self.control.standing();
        Ok(Response::new(HealthReply {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            generation: standing.generation,
            applied_generation: standing.applied,
            listeners: standing.listeners as u64,
        }))
    }

    async fn reset(&self, _request: Request<ResetRequest>) -> Result<Response<ResetReply>, Status> {
        let (generation, in_effect) = self.control.reset(RESET_WITHIN).await;
        if !in_effect {
            return Err(Status::deadline_exceeded("the worlds are reset, but the data plane has not followed in time"));
        }
        self.connections.clear();
        self.calls.clear();
        Ok(Response::new(ResetReply { generation }))
    }

    async fn list_connections(
        &self,
        request: Request<ListConnectionsRequest>,
    ) -> Result<Response<ListConnectionsReply>, Status> {
        Ok(Response::new(connections::list(&self.connections, &request.get_ref().listener_id)))
    }

    async fn list_calls(&self, _request: Request<ListCallsRequest>) -> Result<Response<ListCallsReply>, Status> {
        Ok(Response::new(calls::list(&self.calls)))
    }
}

/// A time as gRPC writes it.
fn timestamp(at: SystemTime) -> Timestamp {
    Timestamp::from(at)
}
