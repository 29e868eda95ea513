//! The admin door: gRPC for the simulator's own levers (`proto/clbsim/v1/admin.proto`), and at the same port `GET
//! /metrics`. It changes the weather, never the land: nothing here creates, changes or deletes what the cloud API does.
//!
//! A file per noun, each with functions from request to reply; this one only lists them, in the order of the contract.
//! `ctl` has the same files on the other side of the door.

mod backend_faults;
mod calls;
mod clock;
mod connections;
mod datagram_faults;
mod exposition;
mod faults;
mod forwarding_table;
mod health;
mod metrics;
mod pace;
mod quota;
mod rate_limit;
mod snapshots;
mod worlds;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::http::{StatusCode, Version};
use axum::middleware::Next;
use axum::response::IntoResponse;
use prost_types::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::codegen::BoxStream;
use tonic::service::Routes;
use tonic::{Request, Response, Status};
use tonic_health::pb::health_server::{Health, HealthServer};

use crate::call_journal::CallJournal;
use crate::control::Control;
use crate::data_plane::journal::Journal;
use crate::faults::{Faults, TrafficFaults};
use crate::generated::clbsim::admin_server::{Admin as AdminService, AdminServer};
use crate::generated::{DESCRIPTORS, clbsim as wire};
use crate::snapshots::Snapshots;

/// How long one call may take, and calls at a time on one connection.
const CALL_WITHIN: Duration = Duration::from_secs(30);
/// The most bytes of a request: a snapshot is large.
const LONGEST_REQUEST: usize = 64 * 1024 * 1024;
const CALLS_PER_CONNECTION: usize = 32;
/// How long calls may still run when the simulator stops.
const ENDING_WITHIN: Duration = Duration::from_secs(5);

/// How many clients may follow the calls or the connections at a time.
pub const FOLLOWERS: usize = 16;

/// What the admin door answers from.
#[derive(Clone)]
pub struct Admin {
    /// The worlds.
    pub control: Arc<Control>,
    /// What the data plane remembers.
    pub connections: Arc<Journal>,
    /// What the cloud API remembers.
    pub calls: Arc<CallJournal>,
    /// When the simulator started.
    pub started: SystemTime,
    /// What goes wrong on request.
    pub faults: Arc<Faults>,
    /// The same for traffic.
    pub traffic_faults: Arc<TrafficFaults>,
    /// Snapshots under their names.
    pub snapshots: Arc<Snapshots>,
    /// Room for clients that follow a journal.
    pub followers: Arc<Semaphore>,
    /// Says when to stop, or its sender is gone.
    pub stop: watch::Receiver<()>,
}

/// Serves until it is told to stop; then lets calls end.
pub async fn serve(listener: TcpListener, admin: Admin) {
    let (mut stop, mut deadline) = (admin.stop.clone(), admin.stop.clone());
    let ordered = async move {
        let _ = stop.changed().await;
    };
    let (reporter, health) = tonic_health::server::health_reporter();
    reporter.set_serving::<AdminServer<Admin>>().await;
    let serving = tonic::transport::Server::builder()
        .accept_http1(true)
        .timeout(CALL_WITHIN)
        .concurrency_limit_per_connection(CALLS_PER_CONNECTION)
        .add_routes(routes(admin, health))
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

/// gRPC, over HTTP/2 only, and beside it the page for Prometheus over either version. A web page that a browser shows can
/// make it send HTTP/1.1 to this door, and nothing but reading the counts may come of that.
fn routes(admin: Admin, health: HealthServer<impl Health>) -> Routes {
    let mut services = Routes::builder();
    services.add_service(AdminServer::new(admin.clone()).max_decoding_message_size(LONGEST_REQUEST));
    services.add_service(health);
    if let Ok(reflection) = reflection().build_v1() {
        services.add_service(reflection);
    }
    if let Ok(reflection) = reflection().build_v1alpha() {
        services.add_service(reflection);
    }
    let grpc = services.routes().into_axum_router().layer(axum::middleware::from_fn(over_http_2));
    let page = axum::routing::get(async move || metrics::answer(&admin));
    grpc.route("/metrics", page).into()
}

async fn over_http_2(request: axum::extract::Request, next: Next) -> axum::response::Response {
    if request.version() == Version::HTTP_2 {
        return next.run(request).await;
    }
    (StatusCode::NOT_FOUND, "This is the admin door of clb-simulator: gRPC, and GET /metrics.\n").into_response()
}

/// Tells clients such as grpcurl what can be asked. It is there in two versions, as clients differ in which they ask.
fn reflection() -> tonic_reflection::server::Builder<'static> {
    tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(DESCRIPTORS)
        .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
}

/// What a call of the door comes to.
type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl AdminService for Admin {
    // Health

    async fn health(&self, _: Request<wire::HealthRequest>) -> Answer<wire::HealthReply> {
        Ok(Response::new(health::show(self)))
    }

    async fn wait_until_applied(
        &self,
        request: Request<wire::WaitUntilAppliedRequest>,
    ) -> Answer<wire::WaitUntilAppliedReply> {
        Ok(Response::new(health::wait_until_applied(self, request.into_inner()).await?))
    }

    // Worlds

    async fn list_worlds(&self, _: Request<wire::ListWorldsRequest>) -> Answer<wire::ListWorldsReply> {
        Ok(Response::new(worlds::list(self)))
    }

    async fn reset(&self, request: Request<wire::ResetRequest>) -> Answer<wire::ResetReply> {
        Ok(Response::new(worlds::reset(self, &request.into_inner()).await?))
    }

    // Connections

    async fn list_connections(
        &self,
        request: Request<wire::ListConnectionsRequest>,
    ) -> Answer<wire::ListConnectionsReply> {
        Ok(Response::new(connections::list(self, &request.into_inner())))
    }

    async fn follow_connections(
        &self,
        request: Request<wire::ListConnectionsRequest>,
    ) -> Answer<BoxStream<wire::ConnectionEvent>> {
        Ok(Response::new(Box::pin(connections::follow(self, request.into_inner())?)))
    }

    // Calls

    async fn list_calls(&self, request: Request<wire::ListCallsRequest>) -> Answer<wire::ListCallsReply> {
        Ok(Response::new(calls::list(self, request.into_inner())))
    }

    async fn follow_calls(&self, request: Request<wire::ListCallsRequest>) -> Answer<BoxStream<wire::Call>> {
        Ok(Response::new(Box::pin(calls::follow(self, request.into_inner())?)))
    }

    async fn list_not_simulated(
        &self,
        _: Request<wire::ListNotSimulatedRequest>,
    ) -> Answer<wire::ListNotSimulatedReply> {
        Ok(Response::new(calls::list_not_simulated(self)))
    }

    // Clock

    async fn show_clock(&self, _: Request<wire::ShowClockRequest>) -> Answer<wire::ClockReading> {
        Ok(Response::new(clock::show(self)))
    }

    async fn freeze_clock(&self, _: Request<wire::FreezeClockRequest>) -> Answer<wire::ClockReading> {
        Ok(Response::new(clock::freeze(self)))
    }

    async fn advance_clock(&self, request: Request<wire::AdvanceClockRequest>) -> Answer<wire::ClockReading> {
        Ok(Response::new(clock::advance(self, request.into_inner())?))
    }

    async fn resume_clock(&self, _: Request<wire::ResumeClockRequest>) -> Answer<wire::ClockReading> {
        Ok(Response::new(clock::resume(self)))
    }

    // Faults

    async fn add_fault(&self, request: Request<wire::Fault>) -> Answer<wire::AddFaultReply> {
        Ok(Response::new(faults::add(self, request.into_inner())?))
    }

    async fn list_faults(&self, _: Request<wire::ListFaultsRequest>) -> Answer<wire::ListFaultsReply> {
        Ok(Response::new(faults::list(self)))
    }

    async fn remove_fault(&self, request: Request<wire::RemoveFaultRequest>) -> Answer<wire::RemoveFaultReply> {
        Ok(Response::new(faults::remove(self, request.into_inner())?))
    }

    async fn clear_faults(&self, _: Request<wire::ClearFaultsRequest>) -> Answer<wire::ClearFaultsReply> {
        Ok(Response::new(faults::clear(self)))
    }

    // Datagram faults

    async fn add_datagram_fault(&self, request: Request<wire::DatagramFault>) -> Answer<wire::AddDatagramFaultReply> {
        Ok(Response::new(datagram_faults::add(self, request.into_inner())?))
    }

    async fn list_datagram_faults(
        &self,
        _: Request<wire::ListDatagramFaultsRequest>,
    ) -> Answer<wire::ListDatagramFaultsReply> {
        Ok(Response::new(datagram_faults::list(self)))
    }

    async fn remove_datagram_fault(
        &self,
        request: Request<wire::RemoveDatagramFaultRequest>,
    ) -> Answer<wire::RemoveDatagramFaultReply> {
        Ok(Response::new(datagram_faults::remove(self, request.into_inner())?))
    }

    async fn clear_datagram_faults(
        &self,
        _: Request<wire::ClearDatagramFaultsRequest>,
    ) -> Answer<wire::ClearDatagramFaultsReply> {
        Ok(Response::new(datagram_faults::clear(self)))
    }

    // Backend faults

    async fn add_backend_fault(&self, request: Request<wire::BackendFault>) -> Answer<wire::AddBackendFaultReply> {
        Ok(Response::new(backend_faults::add(self, request.into_inner())?))
    }

    async fn list_backend_faults(
        &self,
        _: Request<wire::ListBackendFaultsRequest>,
    ) -> Answer<wire::ListBackendFaultsReply> {
        Ok(Response::new(backend_faults::list(self)))
    }

    async fn remove_backend_fault(
        &self,
        request: Request<wire::RemoveBackendFaultRequest>,
    ) -> Answer<wire::RemoveBackendFaultReply> {
        Ok(Response::new(backend_faults::remove(self, request.into_inner())?))
    }

    async fn clear_backend_faults(
        &self,
        _: Request<wire::ClearBackendFaultsRequest>,
    ) -> Answer<wire::ClearBackendFaultsReply> {
        Ok(Response::new(backend_faults::clear(self)))
    }

    // Snapshots

    async fn save_snapshot(&self, request: Request<wire::SaveSnapshotRequest>) -> Answer<wire::SaveSnapshotReply> {
        Ok(Response::new(snapshots::save(self, request.into_inner()).await?))
    }

    async fn list_snapshots(&self, _: Request<wire::ListSnapshotsRequest>) -> Answer<wire::ListSnapshotsReply> {
        Ok(Response::new(snapshots::list(self).await?))
    }

    async fn load_snapshot(&self, request: Request<wire::LoadSnapshotRequest>) -> Answer<wire::LoadSnapshotReply> {
        Ok(Response::new(snapshots::load(self, request.into_inner()).await?))
    }

    async fn delete_snapshot(
        &self,
        request: Request<wire::DeleteSnapshotRequest>,
    ) -> Answer<wire::DeleteSnapshotReply> {
        Ok(Response::new(snapshots::delete(self, request.into_inner()).await?))
    }

    async fn diff_snapshots(&self, request: Request<wire::DiffSnapshotsRequest>) -> Answer<wire::DiffSnapshotsReply> {
        Ok(Response::new(snapshots::diff(self, request.into_inner()).await?))
    }

    // Paces

    async fn show_paces(&self, _: Request<wire::ShowPacesRequest>) -> Answer<wire::Paces> {
        Ok(Response::new(pace::show(self)))
    }

    async fn set_pace(&self, request: Request<wire::SetPaceRequest>) -> Answer<wire::Paces> {
        Ok(Response::new(pace::set(self, &request.into_inner())?))
    }

    // Rate limits

    async fn show_rate_limits(&self, _: Request<wire::ShowRateLimitsRequest>) -> Answer<wire::RateLimits> {
        Ok(Response::new(rate_limit::show(self)))
    }

    async fn set_rate_limit(&self, request: Request<wire::SetRateLimitRequest>) -> Answer<wire::RateLimits> {
        Ok(Response::new(rate_limit::set(self, &request.into_inner())?))
    }

    // Quotas

    async fn list_quotas(&self, request: Request<wire::ListQuotasRequest>) -> Answer<wire::ListQuotasReply> {
        Ok(Response::new(quota::list(self, &request.into_inner().world)?))
    }

    async fn set_quota(&self, request: Request<wire::SetQuotaRequest>) -> Answer<wire::ListQuotasReply> {
        Ok(Response::new(quota::set(self, &request.into_inner())?))
    }

    // Forwarding table

    async fn show_forwarding_table(
        &self,
        _: Request<wire::ShowForwardingTableRequest>,
    ) -> Answer<wire::ForwardingTable> {
        Ok(Response::new(forwarding_table::show(self)))
    }
}

/// A time as gRPC writes it.
fn timestamp(at: SystemTime) -> Timestamp {
    Timestamp::from(at)
}
