//! The simulated machine: ports of the fabric, and connections to simulated backends.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use clb_model::chance::Chance;
use clb_simulator::data_plane::host::{Dialled, Host};

use crate::fabric::{Fabric, Port};
use crate::tcp::{Backends, Stream};

pub struct Machine {
    pub fabric: Arc<Fabric>,
    pub backends: Arc<Backends>,
    pub seeds: Mutex<Chance>,
}

/// 32 bytes of chance.
pub fn seed(chance: &mut Chance) -> [u8; 32] {
    let mut seed = [0; 32];
    for part in seed.chunks_mut(8) {
        part.copy_from_slice(&chance.bits().to_be_bytes());
    }
    seed
}

impl Host for Machine {
    type Udp = Port;
    type Tcp = Stream;

    fn open(&self, address: SocketAddr) -> io::Result<Arc<Port>> {
        self.fabric.open(address)
    }

    async fn connect(&self, source: IpAddr, destination: SocketAddr) -> io::Result<Dialled<Stream>> {
        self.backends.connect(source, destination).await
    }

    fn endpoint_seed(&self) -> Option<[u8; 32]> {
        Some(seed(&mut self.seeds.lock().unwrap()))
    }
}
