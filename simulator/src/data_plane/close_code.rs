//! The application error codes clients see in RESET_STREAM, STOP_SENDING and CONNECTION_CLOSE.
//!
//! Which codes the platform uses is not documented. This list is ours, small, and stands here only.

use quinn::VarInt;

/// Nothing went wrong; the data plane is being stopped.
pub const STOPPED: VarInt = VarInt::from_u32(0);
/// No backend takes new connections: none bound, all of weight 0, or none healthy yet.
pub const NO_BACKEND: VarInt = VarInt::from_u32(1);
/// Every backend that might have been used refused the TCP connection or did not answer in time.
pub const BACKEND_UNREACHABLE: VarInt = VarInt::from_u32(2);
/// The backend reset its TCP connection, or it broke.
pub const BACKEND_RESET: VarInt = VarInt::from_u32(3);
/// The answer to a stream that the client itself reset.
pub const CLIENT_RESET: VarInt = VarInt::from_u32(4);
/// The backend has ended its side and takes no more bytes (STOP_SENDING only).
pub const BACKEND_CLOSED: VarInt = VarInt::from_u32(5);
/// The listener was deleted, stopped or moved; its port is closed.
pub const LISTENER_CLOSED: VarInt = VarInt::from_u32(6);
/// A fault of the data plane itself.
pub const INTERNAL: VarInt = VarInt::from_u32(7);

/// The client has broken off too many streams in too short a time.
pub const TOO_MANY_RESETS: VarInt = VarInt::from_u32(8);
/// Neither side has said anything on a stream since it was opened.
pub const SILENT_STREAM: VarInt = VarInt::from_u32(9);

/// What a code means, for people.
pub fn explain(code: VarInt) -> Option<&'static str> {
    Some(match code {
        STOPPED => "the load balancer is being stopped",
        NO_BACKEND => "no backend takes new connections",
        BACKEND_UNREACHABLE => "no backend could be reached",
        BACKEND_RESET => "the backend reset the connection",
        CLIENT_RESET => "the client reset the stream",
        BACKEND_CLOSED => "the backend takes no more bytes",
        LISTENER_CLOSED => "the listener was deleted, stopped or moved",
        INTERNAL => "the load balancer failed inside",
        TOO_MANY_RESETS => "the client has broken off too many streams in too short a time",
        SILENT_STREAM => "neither side has said anything on the stream since it was opened",
        _ => return None,
    })
}
