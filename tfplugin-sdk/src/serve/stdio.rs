//! `plugin.GRPCStdio` and `plugin.GRPCBroker`: streams that Terraform opens at once and that never carry anything.
//!
//! A provider's output is its stderr, which Terraform reads as the log, and it needs no side connections. The streams
//! stay open until the server ends, as they do in every other plugin.

use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use super::Ends;
use crate::generated::goplugin::grpc_broker_server::GrpcBroker;
use crate::generated::goplugin::grpc_stdio_server::GrpcStdio;
use crate::generated::goplugin::{ConnInfo, StdioData};

/// Both services.
#[derive(Clone)]
pub(super) struct Silent {
    /// The end of the server.
    pub(super) ends: Ends,
}

impl Silent {
    fn stream<T: Send + 'static>(&self) -> Response<BoxStream<T>> {
        let (held, stream) = mpsc::channel(1);
        let ends = self.ends.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = ends.reached() => {}
                () = held.closed() => {}
            }
        });
        Response::new(Box::pin(ReceiverStream::new(stream)))
    }
}

#[tonic::async_trait]
impl GrpcStdio for Silent {
    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(self.stream())
    }
}

#[tonic::async_trait]
impl GrpcBroker for Silent {
    async fn start_stream(&self, _: Request<Streaming<ConnInfo>>) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        Ok(self.stream())
    }
}
