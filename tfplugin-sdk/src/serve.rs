//! Being a plugin process: found, reached and ended by Terraform.
//!
//! ```text
//! environment ─ handshake line ─ socket ─ mutual_tls ─ connections ─ services ─┬─ wire::Service       tfplugin6.Provider
//!                                         process, log                         └─ controller, stdio   plugin.*
//! ```
//!
//! Not here: what the calls mean (`wire`) and do (`engine`).

mod connections;
mod controller;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzzing;
mod handshake;
mod log;
mod mutual_tls;
mod process;
mod reattach;
mod services;
mod socket;
mod stdio;

use std::env;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;
use tokio::sync::watch;

pub use reattach::{Reattach, reattach};

use crate::{Engine, Provider};
use connections::Open;
use handshake::{Environment, Refusal};
use mutual_tls::MutualTls;
use process::{Ending, Signals};
use services::Services;
use socket::SocketPlace;

/// Bytes of one message, both ways: what Terraform itself allows.
const MAX_MESSAGE: usize = 256 << 20;

/// An abandoned process (Terraform was killed) ends this long after its last connection was closed.
const ABANDONED_AFTER: Duration = Duration::from_secs(30);

/// Serves `provider` to the Terraform that started this process, until Terraform ends it. The whole of a provider's
/// `main`.
///
/// With the argument `-debug` it serves without being started by Terraform, and prints the environment variable by
/// which Terraform finds it.
pub fn serve<A: Send + Sync + 'static>(provider: Provider<A>) -> ExitCode {
    if env::args().skip(1).any(|argument| argument == "-debug" || argument == "--debug") {
        return debug(provider);
    }
    let environment = match Environment::read(variable) {
        Ok(environment) => environment,
        Err(refusal @ Refusal::NotStartedByTerraform) => {
            eprintln!("{refusal}");
            return ExitCode::FAILURE;
        }
        Err(refusal) => return failed_to_start(&refusal.to_string()),
    };
    process::show_panics();
    log::install(provider.address(), variable);
    let engine = provider.into_engine();
    match run(plugin(engine, environment)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => failed_to_start(&reason),
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// Says why on stdout, in one line: Terraform shows what stands there instead of a handshake, and no stderr.
fn failed_to_start(reason: &str) -> ExitCode {
    println!("{}", reason.replace('\n', " "));
    ExitCode::FAILURE
}

/// Two threads: one that an author's code blocks must not keep `StopProvider` from being heard. A single thread was
/// measured to be no faster.
fn run(work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| format!("cannot start the runtime: {error}"))?;
    let result = runtime.block_on(work);
    // Who is told to end does so, whatever an author's code is doing.
    runtime.shutdown_background();
    result
}

/// From the handshake to the end.
async fn plugin(engine: Engine, environment: Environment) -> Result<(), String> {
    let mut signals = Signals::take().map_err(|error| format!("cannot handle signals: {error}"))?;
    let tls = environment.client_certificate.as_deref().map(MutualTls::pinned_to).transpose()?;
    let parent = environment.socket_folder.unwrap_or_else(env::temp_dir);
    let (listener, place) = SocketPlace::bind(&parent)?;
    let place = Arc::new(place);
    let certificate = tls.as_ref().map_or("", |tls| &tls.certificate);
    announce(&handshake::line(&place.path().to_string_lossy(), certificate))
        .map_err(|error| format!("cannot write the handshake: {error}"))?;

    let (ends, open) = (Ends::new(), Open::none());
    let on_shutdown = {
        let place = Arc::clone(&place);
        Arc::new(move || {
            place.remove();
            std::process::exit(0);
        })
    };
    let services = Services::new(engine.clone(), &ends, on_shutdown);
    let mut serving = {
        let (open, ends) = (open.clone(), ends.clone());
        let acceptor = tls.map(|tls| tls.acceptor);
        tokio::spawn(async move { connections::serve(&listener, acceptor, &open, &services, &ends).await })
    };
    tokio::select! {
        _ = &mut serving => {}
        () = open.left_alone_for(ABANDONED_AFTER) => {}
        ending = signals.reason_to_end() => {
            if ending == Ending::Asked {
                engine.stop();
                ends.end();
                // Ends when what is under way has been answered, or when the process is told a second time.
                tokio::select! {
                    _ = &mut serving => {}
                    _ = signals.reason_to_end() => {}
                }
            }
        }
    }
    // Not left to the last owner of the place: that is the server, which may not come to its end any more.
    place.remove();
    Ok(())
}

/// Prints in one piece: who reads may stop reading when they have what they need.
fn announce(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(format!("{text}\n").as_bytes())?;
    out.flush()
}

/// `-debug`: serves until it is interrupted.
fn debug<A: Send + Sync + 'static>(provider: Provider<A>) -> ExitCode {
    log::install(provider.address(), variable);
    let engine = provider.into_engine();
    let served = run(async {
        let provider = Reattach::serve(engine)?;
        let found_by = format!("TF_REATTACH_PROVIDERS='{}'", provider.env_value());
        announce(&format!("Serving until Ctrl-C. Terraform finds this process with:\n\n\t{found_by}\n"))
            .map_err(|error| format!("cannot say where it serves: {error}"))?;
        process::interrupted().await.map_err(|error| format!("cannot handle signals: {error}"))
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// The end of a server, which everything that would otherwise stay open watches.
#[derive(Clone, Debug)]
struct Ends(watch::Sender<bool>);

impl Ends {
    fn new() -> Self {
        Self(watch::Sender::new(false))
    }

    fn end(&self) {
        self.0.send_replace(true);
    }

    /// Waits for it.
    async fn reached(&self) {
        // `self` holds the sender, so waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|ended| *ended).await;
    }
}
