//! What the data plane holds for clients that send and are not read, in bytes of its process.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::Duration;

use clb_simulator::data_plane::transport::{HELD_PER_CONNECTION, MAX_STREAMS};
use tokio::net::{TcpListener, TcpSocket};

use crate::sandbox::{Sandbox, backend};

const CONNECTIONS: u64 = 3;
/// Bytes that a client keeps until they are acknowledged.
const CLIENT_WINDOW: u64 = 256 * 1024;
/// A write that has not gone on for so long is taken to be blocked.
const BLOCKED: Duration = Duration::from_millis(1500);

/// Memory of this process, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

/// Runs the test below in a process of its own, where no other test allocates.
#[cfg(target_os = "linux")]
#[test]
fn what_is_held_for_a_connection_that_sends_and_is_not_read_is_bounded() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "memory::sends_and_is_not_read", "--ignored", "--nocapture"]);
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures its whole process: run by what_is_held_for_a_connection_that_sends_and_is_not_read_is_bounded"]
async fn sends_and_is_not_read() {
    let (server, address) = server_with_little_room();
    let sandbox = Sandbox::with(vec![backend(address)]).await;
    // It accepts and reads nothing.
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = server.accept().await {
            held.push(stream);
        }
    });
    let before = resident();
    let mut connections = Vec::new();
    let mut writing = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let connection = sandbox.connect().await;
        // The client is in this process, too: what it keeps until it is acknowledged is not the data plane's.
        connection.set_send_window(CLIENT_WINDOW);
        for _ in 0..MAX_STREAMS {
            let (mut send, recv) = connection.open_bi().await.unwrap();
            writing.spawn(async move {
                let chunk = vec![7; 16 * 1024];
                while tokio::time::timeout(BLOCKED, send.write(&chunk)).await.is_ok() {}
                (send, recv)
            });
        }
        connections.push(connection);
    }
    let _streams = writing.join_all().await;
    let taken = resident().saturating_sub(before);
    println!("{} MiB for {CONNECTIONS} connections of {MAX_STREAMS} streams", taken >> 20);
    assert!(taken > HELD_PER_CONNECTION / 4, "what is measured is not there: {taken} bytes");
    assert!(taken < 2 * CONNECTIONS * HELD_PER_CONNECTION, "{taken} bytes are more than was promised");
    assert!(connections.iter().all(|connection| connection.close_reason().is_none()));
}

/// A server whose kernel takes little of what it does not read.
fn server_with_little_room() -> (TcpListener, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let server = socket.listen(1024).unwrap();
    let address = server.local_addr().unwrap();
    (server, address)
}
