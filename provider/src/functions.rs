//! The functions: ids from their parts, and their parts from ids. Pure; they work without a configuration.

mod backend_id;
mod listener_id;

pub use backend_id::{BackendIdBuild, BackendIdParse, BackendIdParts};
pub use listener_id::{ListenerIdBuild, ListenerIdParse, ListenerIdParts};

/// Whether a text is a prefix such as `lb-` and, after it, what the platform makes ids of.
fn is_id(text: &str, prefix: &str) -> bool {
    let rest = text.strip_prefix(prefix).unwrap_or_default();
    !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}
