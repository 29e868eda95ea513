//! All gRPC services of the process: which of them a request is for.
//!
//! One level above HTTP/2 and below the services' own code. tonic's router and transport could do this too; they bring
//! a web framework along that every start of a provider would have to load.

use std::convert::Infallible;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::service::Service as HttpService;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::http::{Request, Response};
use tonic::codegen::{BoxFuture, Service as _};
use tonic::server::NamedService;

use super::controller::Controller;
use super::stdio::Silent;
use super::{Ends, MAX_MESSAGE};
use crate::Engine;
use crate::generated::goplugin::grpc_broker_server::GrpcBrokerServer;
use crate::generated::goplugin::grpc_controller_server::GrpcControllerServer;
use crate::generated::goplugin::grpc_stdio_server::GrpcStdioServer;
use crate::generated::tfplugin6::provider_server::ProviderServer;
use crate::wire::Service;

/// The services of one process. Cheap to clone; clones are the same services.
#[derive(Clone)]
pub(super) struct Services {
    provider: ProviderServer<Service>,
    controller: GrpcControllerServer<Controller>,
    stdio: GrpcStdioServer<Silent>,
    broker: GrpcBrokerServer<Silent>,
}

impl Services {
    /// Calls `on_shutdown` when Terraform has no more use for the process.
    pub(super) fn new(engine: Engine, ends: &Ends, on_shutdown: Arc<dyn Fn() + Send + Sync>) -> Self {
        let silent = Silent { ends: ends.clone() };
        Self {
            provider: ProviderServer::new(Service::new(engine))
                .max_decoding_message_size(MAX_MESSAGE)
                .max_encoding_message_size(MAX_MESSAGE),
            controller: GrpcControllerServer::new(Controller { on_shutdown }),
            stdio: GrpcStdioServer::new(silent.clone()),
            broker: GrpcBrokerServer::new(silent),
        }
    }
}

impl HttpService<Request<Incoming>> for Services {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Self::Error>;

    /// A path is `/service/method`; the services are ready at any time.
    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let service = request.uri().path().split('/').nth(1).unwrap_or_default();
        if service == <ProviderServer<Service>>::NAME {
            self.provider.clone().call(request)
        } else if service == <GrpcControllerServer<Controller>>::NAME {
            self.controller.clone().call(request)
        } else if service == <GrpcStdioServer<Silent>>::NAME {
            self.stdio.clone().call(request)
        } else if service == <GrpcBrokerServer<Silent>>::NAME {
            self.broker.clone().call(request)
        } else {
            let unknown = Status::unimplemented(format!("there is no service {service:?}")).into_http();
            Box::pin(async move { Ok(unknown) })
        }
    }
}
