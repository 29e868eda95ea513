//! Protocols of listeners, and which of them share ports.
//!
//! Only QUIC listeners forward here; those of the other protocols are objects of the control plane. HTTP and HTTPS, which
//! have rules of layer 7, are not made.

use std::fmt;

/// What a listener speaks with its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP, passed through.
    Tcp,
    /// UDP, passed through.
    Udp,
    /// TLS over TCP, ended here.
    TcpSsl,
    /// QUIC, ended here.
    Quic,
}

/// Protocols of one class share the ports of a load balancer (QD; TKE).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PortClass {
    /// TCP and TCP_SSL.
    Tcp,
    /// UDP and QUIC.
    Udp,
}

impl Protocol {
    /// Those that listeners here can have.
    pub const ALL: [Self; 4] = [Self::Tcp, Self::Udp, Self::TcpSsl, Self::Quic];

    /// The word for it, as the API writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::TcpSsl => "TCP_SSL",
            Self::Quic => "QUIC",
        }
    }

    /// Reads its word; `None` for any other.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.word() == word)
    }

    /// Whose ports it shares.
    pub const fn class(self) -> PortClass {
        match self {
            Self::Tcp | Self::TcpSsl => PortClass::Tcp,
            Self::Udp | Self::Quic => PortClass::Udp,
        }
    }

    /// Whether TLS ends at the load balancer, so that it needs a certificate.
    pub const fn ends_tls(self) -> bool {
        matches!(self, Self::TcpSsl | Self::Quic)
    }

    /// Whether what clients send is passed through as it is: TCP and UDP, which many settings are for (SDK).
    pub const fn passes_through(self) -> bool {
        matches!(self, Self::Tcp | Self::Udp)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::{PortClass, Protocol};

    #[test]
    fn a_protocol_is_read_by_its_word_only() {
        for protocol in Protocol::ALL {
            assert_eq!(Protocol::parse(protocol.word()), Some(protocol));
        }
        for other in ["quic", "HTTP", "HTTPS", "TCPSSL", ""] {
            assert_eq!(Protocol::parse(other), None);
        }
    }

    #[test]
    fn quic_is_of_the_udp_class_and_tls_of_the_tcp_class() {
        let classes = Protocol::ALL.map(Protocol::class);
        assert_eq!(classes, [PortClass::Tcp, PortClass::Udp, PortClass::Tcp, PortClass::Udp]);
    }
}
