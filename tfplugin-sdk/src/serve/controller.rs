//! `plugin.GRPCController`: Terraform ends the process through this. A plugin without it costs two seconds per start.

use std::sync::Arc;

use tonic::{Request, Response, Status};

use crate::generated::goplugin::Empty;
use crate::generated::goplugin::grpc_controller_server::GrpcController;

/// Calls `on_shutdown` when Terraform has no more use for the process.
pub(super) struct Controller {
    pub(super) on_shutdown: Arc<dyn Fn() + Send + Sync>,
}

#[tonic::async_trait]
impl GrpcController for Controller {
    /// Where it ends the process it does so before answering: nobody waits for the answer, and everybody for the end.
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        (self.on_shutdown)();
        Ok(Response::new(Empty {}))
    }
}
