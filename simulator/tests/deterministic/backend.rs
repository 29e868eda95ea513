//! What a simulated backend does with a connection: some have manners, some have not.

use std::sync::Arc;
use std::time::Duration;

use clb_model::chance::Chance;
use clb_simulator::data_plane::host::TcpConnection;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::ledger::{Hearing, Ledger, NAME, content};
use crate::tcp::Stream;
use crate::trace::Trace;

/// The first byte of a PROXY protocol header, version 2; no flow's name begins with it.
const PROXY: u8 = b'\r';
const PROXY_HEADER: usize = 28;

/// Serves one connection. `kill` changes when every connection of the backend is to be reset.
pub async fn serve(
    stream: Stream,
    ledger: Arc<Ledger>,
    trace: Arc<Trace>,
    mut chance: Chance,
    mut kill: watch::Receiver<u64>,
) {
    let is_polite = chance.below(3) > 0;
    let own = ledger.backend(is_polite);
    trace.event(&format!("{}: backend {own:x}, polite: {is_polite}", stream.name()));
    let mut stream = stream;
    let closes = tokio::select! {
        biased;
        _ = kill.changed() => {
            ledger.with(own, |flow| flow.is_disturbed = true);
            false
        }
        keep = converse(&mut stream, own, &ledger, &mut chance, is_polite) => keep,
    };
    if closes {
        ledger.with(own, |flow| flow.is_finished |= stream.would_close_cleanly());
    } else {
        stream.reset();
    }
}

/// Whether the connection is to be closed after it, rather than reset.
async fn converse(stream: &mut Stream, own: u64, ledger: &Ledger, chance: &mut Chance, is_polite: bool) -> bool {
    let answer = [0, NAME, 100, 1_000, 20_000, 100_000][usize::try_from(chance.below(6)).unwrap_or(0)];
    let mut other = Chance::seeded(chance.bits());
    let manner = chance.below(if is_polite { 3 } else { 9 });
    let (mut reading, mut writing) = stream.split();
    match manner {
        // The request first, then the answer.
        0 => {
            listen(&mut reading, own, ledger, chance, u64::MAX).await && {
                speak(&mut writing, own, ledger, &mut other, answer).await && end(&mut writing, own, ledger).await
            }
        }
        // The answer first.
        1 => {
            speak(&mut writing, own, ledger, &mut other, answer).await
                && end(&mut writing, own, ledger).await
                && listen(&mut reading, own, ledger, chance, u64::MAX).await
        }
        // Both at once.
        2 => {
            let speaking = async {
                speak(&mut writing, own, ledger, &mut other, answer).await && end(&mut writing, own, ledger).await
            };
            let (heard, said) = tokio::join!(listen(&mut reading, own, ledger, chance, u64::MAX), speaking);
            heard && said
        }
        // Closes in the middle of the request, or before it.
        3 => {
            let some = chance.below(2_000);
            listen(&mut reading, own, ledger, chance, some).await
        }
        // Resets in the middle of the request.
        4 => {
            listen(&mut reading, own, ledger, chance, 3_000).await;
            false
        }
        // Resets in the middle of its answer.
        5 => {
            speak(&mut writing, own, ledger, &mut other, answer).await;
            sleep(Duration::from_millis(chance.below(50))).await;
            false
        }
        // Ends its answer and goes.
        6 => speak(&mut writing, own, ledger, &mut other, answer).await && end(&mut writing, own, ledger).await,
        // Ends its answer and then resets.
        7 => {
            speak(&mut writing, own, ledger, &mut other, answer).await;
            end(&mut writing, own, ledger).await;
            sleep(Duration::from_millis(chance.below(300))).await;
            false
        }
        // Says something and takes nothing for a long time.
        _ => {
            speak(&mut writing, own, ledger, &mut other, answer).await;
            sleep(Duration::from_secs(20)).await;
            false
        }
    }
}

/// Reads up to so many bytes; whether the connection still works.
async fn listen(
    from: &mut (impl AsyncRead + Unpin),
    own: u64,
    ledger: &Ledger,
    chance: &mut Chance,
    most: u64,
) -> bool {
    let slowness = [0, 0, 0, 5, 40][usize::try_from(chance.below(5)).unwrap_or(0)];
    let mut hearing = Hearing::default();
    let mut head = vec![0];
    match from.read(&mut head).await {
        Ok(0) => {
            ledger.heard_all(own, &hearing);
            return true;
        }
        Ok(_) if head[0] == PROXY => {
            let mut rest = [0; PROXY_HEADER - 1];
            if from.read_exact(&mut rest).await.is_err() {
                return false;
            }
        }
        Ok(_) => ledger.hear(own, &mut hearing, &head),
        Err(_) => return false,
    }
    let mut buffer = vec![0; 1 + usize::try_from(chance.below(16_000)).unwrap_or(0)];
    while hearing.position < most {
        match from.read(&mut buffer).await {
            Ok(0) => {
                ledger.heard_all(own, &hearing);
                return true;
            }
            Ok(count) => ledger.hear(own, &mut hearing, &buffer[..count]),
            Err(_) => return false,
        }
        if slowness > 0 && chance.below(4) == 0 {
            sleep(Duration::from_millis(slowness)).await;
        }
    }
    true
}

/// Sends so many bytes in pieces; whether the connection still works.
async fn speak(
    to: &mut (impl AsyncWrite + Unpin),
    own: u64,
    ledger: &Ledger,
    chance: &mut Chance,
    length: u64,
) -> bool {
    let mut at = 0;
    while at < length {
        let piece = length.min(at + NAME + chance.below(12_000));
        ledger.with(own, |flow| flow.sent = piece);
        if to.write_all(&content(own, at, piece)).await.is_err() {
            return false;
        }
        at = piece;
        if chance.below(3) == 0 {
            sleep(Duration::from_millis(chance.below(30))).await;
        }
    }
    true
}

async fn end(to: &mut (impl AsyncWrite + Unpin), own: u64, ledger: &Ledger) -> bool {
    ledger.with(own, |flow| flow.is_finished = true);
    to.shutdown().await.is_ok()
}
