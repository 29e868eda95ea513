//! How Terraform and a plugin process find each other: environment variables in, one line on stdout out.
//!
//! The names and the line are go-plugin's, which Terraform is built on.

use std::fmt;
use std::path::PathBuf;

/// Terraform sets this variable to this value when it starts a plugin; it is no secret, only a sign.
const COOKIE: (&str, &str) =
    ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2");

/// The plugin protocol spoken here.
const PROTOCOL: u32 = 6;

/// What Terraform said when it started the process.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Environment {
    /// Its certificate, as PEM; without one the connection is not encrypted (`TF_DISABLE_PLUGIN_TLS`).
    pub(super) client_certificate: Option<String>,
    /// Where the socket shall be, if not in the system's folder for temporary files.
    pub(super) socket_folder: Option<PathBuf>,
}

/// Why the process cannot serve.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It was not started by Terraform.
    NotStartedByTerraform,
    /// It was, by one that speaks only other protocols.
    WrongProtocol(String),
}

impl Environment {
    /// Reads it through `variable`, which is the process's environment outside tests.
    pub(super) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        if variable(COOKIE.0).as_deref() != Some(COOKIE.1) {
            return Err(Refusal::NotStartedByTerraform);
        }
        // Absent in hosts older than the negotiation; those tried what the plugin offers.
        if let Some(offered) = variable("PLUGIN_PROTOCOL_VERSIONS").filter(|offered| !offered.is_empty())
            && !offered.split(',').any(|version| version.trim().parse() == Ok(PROTOCOL))
        {
            return Err(Refusal::WrongProtocol(offered));
        }
        Ok(Self {
            client_certificate: variable("PLUGIN_CLIENT_CERT").filter(|pem| !pem.is_empty()),
            socket_folder: variable("PLUGIN_UNIX_SOCKET_DIR").filter(|folder| !folder.is_empty()).map(PathBuf::from),
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotStartedByTerraform => f.write_str(
                "This is a Terraform provider: Terraform or OpenTofu starts it, it is not run by hand.\n\
                 Name it in a configuration (terraform { required_providers { ... } }) and run `terraform init`,\n\
                 or start it with -debug to attach Terraform to a process of your own.",
            ),
            Self::WrongProtocol(offered) => write!(
                f,
                "this provider speaks plugin protocol {PROTOCOL}, but Terraform offered only {offered}: use Terraform \
                 1.0 or newer, or OpenTofu"
            ),
        }
    }
}

/// The line that tells Terraform where to connect. `certificate` is base64 DER without padding, empty without TLS.
pub(super) fn line(socket: &str, certificate: &str) -> String {
    format!("1|{PROTOCOL}|unix|{socket}|grpc|{certificate}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Environment, Refusal> {
        let value = |name: &str| Some(variables.iter().find(|(given, _)| *given == name)?.1.to_owned());
        Environment::read(value)
    }

    #[test]
    fn protocols_are_a_set() {
        for offered in ["5,6", "6,5", "6", " 6 , 7"] {
            assert!(read(&[COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", offered)]).is_ok(), "{offered}");
        }
        for offered in ["5", "16", "5,7"] {
            let refusal = read(&[COOKIE, ("PLUGIN_PROTOCOL_VERSIONS", offered)]);
            assert_eq!(refusal, Err(Refusal::WrongProtocol(offered.into())));
        }
    }

    #[test]
    fn a_process_without_the_right_cookie_is_not_a_plugin() {
        assert_eq!(read(&[]), Err(Refusal::NotStartedByTerraform));
        assert_eq!(read(&[(COOKIE.0, "1")]), Err(Refusal::NotStartedByTerraform));
    }

    #[test]
    fn the_line_ends_in_an_empty_field_without_tls() {
        assert_eq!(line("/tmp/x/socket", ""), "1|6|unix|/tmp/x/socket|grpc|");
    }
}
