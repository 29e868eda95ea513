//! A running simulator: starts the control plane, the data plane and both doors, and stops them in order.
//!
//! The only place that knows all parts; they know each other only as far as ARCHITECTURE.md says.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use clb_model::vip_pool::VipPool;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

use crate::admin::{Admin, FOLLOWERS};
use crate::call_journal::CallJournal;
use crate::cloud_api::https::{self, HttpsError};
use crate::cloud_api::{CloudApi, server};
use crate::config::{Config, ConfigError};
use crate::control::{Beginning, Control, OBSERVATIONS_WAITING, OpenError};
use crate::data_plane::DataPlane;
use crate::data_plane::journal::Journal;
use crate::data_plane::traces::{KeyLogFile, QlogFolder, Traces};
use crate::endpoints::{Endpoints, EndpointsError};
use crate::faults::{Faults, TrafficFaults};
use crate::snapshots::Snapshots;

/// How long the data plane may take to open the ports of a state file.
const PORTS_OPEN_WITHIN: Duration = Duration::from_secs(30);

/// A running simulator. It stops when it is dropped; [`Simulator::stop`] also waits until every port is closed.
#[must_use = "the simulator stops when this is dropped"]
pub struct Simulator {
    endpoints: Endpoints,
    api: SocketAddr,
    admin: SocketAddr,
    /// Dropping it is the order to stop.
    stop: watch::Sender<()>,
    doors: [JoinHandle<()>; 2],
    observing: JoinHandle<()>,
    data_plane: DataPlane,
    control: Arc<Control>,
}

/// Why a simulator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// It is set up in a way that is not allowed.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The address of a door cannot be had.
    #[error("cannot listen on TCP {address} ({door}): {source}")]
    Listen {
        /// Which door.
        door: &'static str,
        /// Its address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The state cannot be kept in the file, or not be had from it.
    #[error(transparent)]
    State(#[from] OpenError),
    /// The cloud API cannot be served over HTTPS.
    #[error(transparent)]
    Https(#[from] HttpsError),
    /// The file of TLS secrets or the folder of qlog files cannot be used.
    #[error("cannot use {}, where connections are to be written down: {source}", path.display())]
    Traces {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The endpoints file cannot be written.
    #[error(transparent)]
    Endpoints(#[from] EndpointsError),
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulator").field("endpoints", &self.endpoints).finish_non_exhaustive()
    }
}

impl Simulator {
    /// Starts a simulator; both doors are open when this returns. Must be called within a tokio runtime.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        config.check()?;
        let (api_listener, api) = listen("cloud API", config.api).await?;
        let (admin_listener, admin) = listen("admin door", config.admin).await?;

        let tls = config.https_ca_file.as_deref().map(|file| https::start(api, file)).transpose()?;

        let traces = traces(&config)?;
        let control = match &config.state {
            None => Control::new(beginning(&config), config.clock.clone()),
            Some(path) => Control::opened(path, beginning(&config), config.clock.clone())?,
        };
        let clock = config.clock.clone();
        let journal = Arc::new(Journal::new(config.journal_capacity, move || clock.system_time()));
        let faults = Arc::new(Faults::default());
        let traffic_faults = Arc::new(TrafficFaults::default());
        let calls = Arc::new(CallJournal::new(config.journal_capacity));

        let (observed, observations) = mpsc::channel(OBSERVATIONS_WAITING);
        let data_plane = DataPlane::start_traced(
            control.tables(),
            observed,
            config.address_plan.clone(),
            Arc::clone(&journal),
            Arc::clone(&traffic_faults),
            config.data_plane,
            traces,
        );
        let (stop, stopped) = watch::channel(());
        let observing = Arc::clone(&control);
        let cloud_api =
            Arc::new(CloudApi::new(Arc::clone(&control), &config, api, Arc::clone(&calls), Arc::clone(&faults)));
        let admin_door = Admin {
            control: Arc::clone(&control),
            connections: journal,
            calls,
            faults,
            traffic_faults,
            snapshots: Arc::new(Snapshots::new(config.snapshots.clone())),
            started: SystemTime::now(),
            followers: Arc::new(Semaphore::new(FOLLOWERS)),
            stop: stopped.clone(),
        };
        let observing = tokio::spawn(async move { observing.observe(observations).await });
        tokio::spawn(run_timer(Arc::clone(&control), stopped.clone()));
        // Ports that were open when the state was kept are open again before anybody can ask for them.
        let generation = control.standing().generation;
        if !control.wait_until_applied(generation, PORTS_OPEN_WITHIN).await {
            tracing::warn!("the listeners of the state file are not all open yet");
        }
        let doors = [
            tokio::spawn(server::serve(api_listener, tls, cloud_api, config.limits.clone(), stopped)),
            tokio::spawn(crate::admin::serve(admin_listener, admin_door)),
        ];

        let endpoints = Endpoints::new(api, admin, &config);
        if let Some(file) = &config.endpoints_file {
            endpoints.write(file)?;
        }
        if let Some(file) = &config.env_file {
            endpoints.write_environment(file)?;
        }
        Ok(Self { endpoints, api, admin, stop, doors, observing, data_plane, control })
    }

    /// Where the cloud API is.
    pub fn api_address(&self) -> SocketAddr {
        self.api
    }

    /// Where the admin door is.
    pub fn admin_address(&self) -> SocketAddr {
        self.admin
    }

    /// Where everything is, and the key pair to use it with.
    pub fn endpoints(&self) -> &Endpoints {
        &self.endpoints
    }

    /// Closes both doors, lets the calls that are being answered end, then closes every connection and port.
    pub async fn stop(self) {
        drop(self.stop);
        // Calls that are being answered may wait for the data plane, so it goes on until the doors are closed. An error
        // would be a panic, which has been reported where it happened.
        for door in self.doors {
            let _ = door.await;
        }
        self.data_plane.stop().await;
        let _ = self.observing.await;
        // Joins the thread that writes.
        let _ = tokio::task::spawn_blocking(move || self.control.close()).await;
    }
}

/// Ends tasks when their time has come, until the simulator stops.
async fn run_timer(control: Arc<Control>, mut stopped: watch::Receiver<()>) {
    tokio::select! {
        () = control.run_timer() => {}
        _ = stopped.changed() => {}
    }
}

async fn listen(door: &'static str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |source| StartError::Listen { door, address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

fn traces(config: &Config) -> Result<Traces, StartError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |source| StartError::Traces { path, source }
    };
    let mut traces = Traces::default();
    if let Some(path) = &config.tls_key_log {
        traces.key_log = Some(Arc::new(KeyLogFile::open(path).map_err(failed(path))?));
        tracing::warn!(file = %path.display(), "the secrets of TLS are written down: connections are not secret any more");
    }
    if let Some(path) = &config.qlog {
        traces.qlog = Some(Arc::new(QlogFolder::open(path).map_err(failed(path))?));
    }
    Ok(traces)
}

fn beginning(config: &Config) -> Beginning {
    let pool = VipPool::new(config.vip_pool.network(), config.vip_pool.prefix_len());
    Beginning {
        worlds: Arc::clone(&config.worlds),
        vips: match config.ipv6_prefix {
            Some(prefix) => pool.with_ipv6(prefix),
            None => pool,
        },
        seed: config.seed.unwrap_or_else(random_seed),
        weather: config.weather.clone(),
    }
}

/// Another number each time, from the keys that the standard library draws for its hash maps. Good for ids, no secret.
fn random_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(PathBuf::new())
}
