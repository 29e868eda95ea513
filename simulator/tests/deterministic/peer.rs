//! A simulated client: its QUIC endpoint behind a NAT, one connection, and streams with and without manners.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use clb_model::chance::Chance;
use quinn::{
    ClientConfig, Connection, Endpoint, EndpointConfig, ReadError, RecvStream, SendStream, TokioRuntime, VarInt,
    WriteError,
};
use tokio::time::sleep;

use crate::fabric::{Fabric, Port};
use crate::ledger::{Hearing, Ledger, NAME, content};
use crate::machine::seed;
use crate::trace::Trace;

/// The code with which clients reset and stop.
const OURS: VarInt = VarInt::from_u32(99);

pub struct Peer {
    pub number: usize,
    pub endpoint: Endpoint,
    pub connection: Connection,
    pub port: Arc<Port>,
    /// Which listener it is connected to.
    pub listener: usize,
}

/// An endpoint at that address.
pub fn endpoint(
    fabric: &Arc<Fabric>,
    at: SocketAddr,
    config: ClientConfig,
    chance: &mut Chance,
) -> (Endpoint, Arc<Port>) {
    let port = fabric.open(at).expect("clients have addresses of their own");
    let mut settings = EndpointConfig::default();
    settings.rng_seed(Some(seed(chance)));
    let mut endpoint =
        Endpoint::new_with_abstract_socket(settings, None, port.clone(), Arc::new(TokioRuntime)).unwrap();
    endpoint.set_default_client_config(config);
    (endpoint, port)
}

/// One stream from its opening to its end.
pub async fn stream(connection: Connection, number: usize, ledger: Arc<Ledger>, trace: Arc<Trace>, mut chance: Chance) {
    let Ok((send, recv)) = connection.open_bi().await else { return };
    let is_polite = chance.below(3) > 0;
    let own = ledger.client(number, is_polite);
    trace.event(&format!("connection {number}: stream {own:x}, polite: {is_polite}"));
    let mut other = Chance::seeded(chance.bits());
    tokio::join!(speak(send, own, &ledger, &mut chance, is_polite), listen(recv, own, &ledger, &mut other, is_polite));
}

async fn speak(mut send: SendStream, own: u64, ledger: &Ledger, chance: &mut Chance, is_polite: bool) {
    let length = [NAME, 30, 1_000, 5_000, 20_000, 100_000][usize::try_from(chance.below(6)).unwrap_or(0)];
    let resets_at = if is_polite || chance.below(2) == 0 { u64::MAX } else { chance.below(length + 1) };
    let mut at = 0;
    while at < length {
        if at >= resets_at {
            let _ = send.reset(OURS);
            return;
        }
        let piece = length.min(at + NAME + chance.below(20_000));
        ledger.with(own, |flow| flow.sent = piece);
        match send.write_all(&content(own, at, piece)).await {
            Ok(()) => at = piece,
            Err(WriteError::Stopped(code)) => return ledger.broken_off(own, code.into_inner()),
            Err(_) => return,
        }
        if chance.below(3) == 0 {
            sleep(Duration::from_millis(chance.below(60))).await;
        }
    }
    if resets_at < u64::MAX {
        let _ = send.reset(OURS);
        return;
    }
    ledger.with(own, |flow| flow.is_finished = true);
    let _ = send.finish();
    if let Ok(Some(code)) = send.stopped().await {
        ledger.broken_off(own, code.into_inner());
    }
}

async fn listen(mut recv: RecvStream, own: u64, ledger: &Ledger, chance: &mut Chance, is_polite: bool) {
    let stops_at = if is_polite || chance.below(2) == 0 { u64::MAX } else { chance.below(10_000) };
    let slowness = [0, 0, 0, 5, 40][usize::try_from(chance.below(5)).unwrap_or(0)];
    let mut hearing = Hearing::default();
    let mut buffer = vec![0; 1 + usize::try_from(chance.below(16_000)).unwrap_or(0)];
    loop {
        if hearing.position >= stops_at {
            let _ = recv.stop(OURS);
            return;
        }
        match recv.read(&mut buffer).await {
            Ok(Some(count)) => ledger.hear(own, &mut hearing, &buffer[..count]),
            Ok(None) => return ledger.heard_all(own, &hearing),
            Err(ReadError::Reset(code)) => return ledger.broken_off(own, code.into_inner()),
            Err(_) => return,
        }
        if slowness > 0 && chance.below(4) == 0 {
            sleep(Duration::from_millis(slowness)).await;
        }
    }
}
