//! A backend server: greets with its name and the peer address it saw, then echoes until the client has finished.
//!
//! It remembers every connection that sent something; health probes connect and leave, and do not count.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

/// A running backend; it stops when dropped.
pub struct Backend {
    /// The name it greets with.
    pub name: String,
    /// Its private address in the cloud's VPC, as bindings name it.
    pub cloud_ip: Ipv4Addr,
    /// Its port, the same in the cloud and on this machine.
    pub port: u16,
    served: Arc<Mutex<Vec<SocketAddr>>>,
    task: JoinHandle<()>,
}

impl Backend {
    /// Starts a backend that stands for `10.0.<third>.<fourth>`; the simulator's address plan dials it at
    /// `127.10.<third>.<fourth>`. The port is free and read back.
    pub fn start(runtime: &Handle, name: &str, third: u8, fourth: u8) -> Self {
        Self::start_on(runtime, name, third, fourth, 0)
    }

    /// Like [`Backend::start`], on a port of the caller's choice: a backend that comes back.
    pub fn start_on(runtime: &Handle, name: &str, third: u8, fourth: u8, port: u16) -> Self {
        let local = SocketAddr::from(([127, 10, third, fourth], port));
        let listener = runtime.block_on(TcpListener::bind(local)).expect("a free port on a loopback address");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let served = Arc::new(Mutex::new(Vec::new()));
        let task = runtime.spawn(serve(listener, name.to_owned(), Arc::clone(&served)));
        Self { name: name.to_owned(), cloud_ip: Ipv4Addr::new(10, 0, third, fourth), port, served, task }
    }

    /// Peer addresses of the connections that sent something, in order.
    pub fn served(&self) -> Vec<SocketAddr> {
        self.served.lock().expect("no holder panics").clone()
    }

    /// Forgets what was served so far.
    pub fn forget(&self) {
        self.served.lock().expect("no holder panics").clear();
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(listener: TcpListener, name: String, served: Arc<Mutex<Vec<SocketAddr>>>) {
    // An accept fails only when this process is out of descriptors; the tests that wait for an answer say so then.
    while let Ok((stream, peer)) = listener.accept().await {
        tokio::spawn(answer(stream, peer, name.clone(), Arc::clone(&served)));
    }
}

async fn answer(mut stream: TcpStream, peer: SocketAddr, name: String, served: Arc<Mutex<Vec<SocketAddr>>>) {
    let mut chunk = vec![0; 16 * 1024];
    let mut is_greeted = false;
    // A peer that resets ends the conversation; there is nobody left to tell.
    while let Ok(length) = stream.read(&mut chunk).await {
        if length == 0 {
            break;
        }
        if !is_greeted {
            is_greeted = true;
            served.lock().expect("no holder panics").push(peer);
            if stream.write_all(format!("{name} {peer}\n").as_bytes()).await.is_err() {
                return;
            }
        }
        if stream.write_all(&chunk[..length]).await.is_err() {
            return;
        }
    }
    let _closed_by_peer = stream.shutdown().await;
}
