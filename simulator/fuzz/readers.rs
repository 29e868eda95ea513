//! Readers that are not ours, for what is fuzzed: included by the fuzz targets and by the tests of `data_plane/fuzzing.rs`.

use std::net::SocketAddr;

/// Client, listener, and the length of a PROXY header, as the crate `proxy-header` reads them.
#[allow(dead_code, reason = "each target uses one of these")]
pub fn proxy_header(bytes: &[u8]) -> Option<((SocketAddr, SocketAddr), usize)> {
    let (header, length) = ::proxy_header::ProxyHeader::parse(bytes, ::proxy_header::ParseConfig::default()).ok()?;
    let address = header.proxied_address()?;
    Some(((address.source, address.destination), length))
}

/// The status of an HTTP answer, as the crate `httparse` reads it.
#[allow(dead_code, reason = "each target uses one of these")]
pub fn http_status(bytes: &[u8]) -> Option<u16> {
    let mut headers = [httparse::EMPTY_HEADER; 16];
    let mut response = httparse::Response::new(&mut headers);
    response.parse(bytes).ok()?;
    response.code
}
