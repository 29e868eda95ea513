//! The machine the data plane runs on: UDP ports for clients, TCP connections to backends, nothing else.
//!
//! ```text
//!  listener ──► Host::open     ──► UdpPort          below quinn and the layers between (firewall)
//!  connection, probe ──► Host::connect ──► TcpConnection    bytes cross it in the bridge
//! ```
//!
//! [`ThisMachine`] is the real one. Tests put a simulated one in its place and run the whole data plane on virtual time.
//! Which one it is, is known when the data plane is compiled: bytes cross no `dyn` on the TCP side. Time is not here: the
//! data plane has tokio's, which can be paused. Which backend is dialled, and when, is decided elsewhere.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use quinn::AsyncUdpSocket;
use tokio::io::{AsyncRead, AsyncWrite, Interest};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

use super::client_address;
use super::socket::ClosableSocket;

/// A machine.
pub trait Host: Send + Sync + 'static {
    /// A UDP port of it.
    type Udp: UdpPort;
    /// A TCP connection from it.
    type Tcp: TcpConnection;

    /// Opens a UDP port for this address alone; a taken one is an error. Called within a tokio runtime.
    fn open(&self, address: SocketAddr) -> io::Result<Arc<Self::Udp>>;

    /// Connects to `destination` from `source`, or from any address if `source` cannot be bound on this machine.
    fn connect(
        &self,
        source: IpAddr,
        destination: SocketAddr,
    ) -> impl Future<Output = io::Result<Dialled<Self::Tcp>>> + Send;

    /// What the QUIC endpoint of the next port draws its chances from; `None` is the machine's own randomness. Keys
    /// never come from it.
    fn endpoint_seed(&self) -> Option<[u8; 32]> {
        None
    }
}

/// A UDP port that can be closed while there are still holders of it: from then on it swallows what is sent and
/// receives nothing.
pub trait UdpPort: AsyncUdpSocket {
    /// Closes the port. When this returns, the address can be opened again.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// A TCP connection that is broken off with RST when it is dropped, at whatever moment that is, until
/// [`TcpConnection::end_cleanly`] is called.
pub trait TcpConnection: AsyncRead + AsyncWrite + Unpin + Send + Sync + 'static {
    /// The reading half, while the connection is split.
    type Reading<'a>: AsyncRead + Unpin + Send
    where
        Self: 'a;
    /// The writing half, while the connection is split. Its shutdown sends FIN; its drop does nothing.
    type Writing<'a>: AsyncWrite + AsRef<Self> + Unpin + Send + Sync
    where
        Self: 'a;

    /// Both halves, to be used side by side.
    fn split(&mut self) -> (Self::Reading<'_>, Self::Writing<'_>);

    /// From now on a drop delivers what was written, and ends with FIN.
    fn end_cleanly(&self);

    /// Bytes that were written and not acknowledged by the other machine; 0 where that cannot be asked.
    fn unacknowledged(&self) -> io::Result<usize>;

    /// Ends when the connection is broken (RST, or an error of the network), whatever is still unread. Takes nothing
    /// away: the next read or write reports the error.
    fn broken(&self) -> impl Future<Output = io::Result<()>> + Send;
}

/// A connection to a backend, and why it does not come from the client's address if it does not.
#[derive(Debug)]
pub struct Dialled<T> {
    /// The connection.
    pub stream: T,
    /// Why the source is another address than asked for.
    pub unbound: Option<io::Error>,
}

/// The machine this program runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct ThisMachine;

impl Host for ThisMachine {
    type Udp = ClosableSocket;
    type Tcp = TcpStream;

    fn open(&self, address: SocketAddr) -> io::Result<Arc<ClosableSocket>> {
        ClosableSocket::bind(address)
    }

    fn connect(
        &self,
        source: IpAddr,
        destination: SocketAddr,
    ) -> impl Future<Output = io::Result<Dialled<TcpStream>>> + Send {
        client_address::connect(source, destination)
    }
}

impl UdpPort for ClosableSocket {
    async fn close(&self) {
        Self::close(self).await;
    }
}

impl TcpConnection for TcpStream {
    type Reading<'a> = ReadHalf<'a>;
    type Writing<'a> = WriteHalf<'a>;

    fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
        Self::split(self)
    }

    fn end_cleanly(&self) {
        // Fails only on a connection that is gone already.
        let _ = socket2::SockRef::from(self).set_linger(None);
    }

    #[cfg(target_os = "linux")]
    #[allow(unsafe_code, reason = "there is no safe call for SIOCOUTQ")]
    fn unacknowledged(&self) -> io::Result<usize> {
        use std::os::fd::AsRawFd;
        let mut bytes: libc::c_int = 0;
        // SAFETY: the descriptor is open for the length of the borrow, and the request (Linux calls it SIOCOUTQ on
        // sockets) writes one c_int to the address given.
        let result = unsafe { libc::ioctl(self.as_raw_fd(), libc::TIOCOUTQ, std::ptr::from_mut(&mut bytes)) };
        if result == 0 { usize::try_from(bytes).map_err(io::Error::other) } else { Err(io::Error::last_os_error()) }
    }

    /// Elsewhere the kernel is not asked.
    #[cfg(not(target_os = "linux"))]
    fn unacknowledged(&self) -> io::Result<usize> {
        Ok(0)
    }

    async fn broken(&self) -> io::Result<()> {
        self.ready(Interest::ERROR).await.map(drop)
    }
}
