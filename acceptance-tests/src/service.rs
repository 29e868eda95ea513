//! The configuration most tests start from: one load balancer, one certificate, one QUIC listener, one binding, all
//! called `web`. A test says only what is particular to it.

use std::fmt::Write;

use crate::backend::Backend;

/// Opens every configuration.
pub const REQUIRED_PROVIDERS: &str =
    "terraform {\n  required_providers {\n    clb = { source = \"quic-clb/clb\" }\n  }\n}\n";

/// The port of the listener: above 1023, so that an ordinary user may bind it. Load balancers have addresses of their
/// own, so no two tests meet on it.
pub const PORT: u16 = 8443;

/// Address of the load balancer in the configuration.
pub const LOAD_BALANCER: &str = "clb_load_balancer.web";
/// Address of the certificate in the configuration.
pub const CERTIFICATE: &str = "clb_certificate.web";
/// Address of the listener in the configuration.
pub const LISTENER: &str = "clb_quic_listener.web";
/// Address of the binding in the configuration.
pub const BINDING: &str = "clb_backend_binding.web";

/// A service under construction.
#[derive(Clone)]
#[must_use = "a service says something only through `hcl`"]
pub struct Service {
    load_balancer: String,
    certificate: String,
    port: u16,
    tls: String,
    health_check: String,
    listener: String,
    binding: Option<String>,
    backends: Vec<String>,
}

impl Service {
    /// A listener on [`PORT`] with a server certificate, bound to nothing.
    pub fn new() -> Self {
        Self {
            load_balancer: String::new(),
            certificate: CERTIFICATE_ARGUMENTS.to_owned(),
            port: PORT,
            tls: "certificate_id = clb_certificate.web.certificate_id".to_owned(),
            health_check: "health_check = { enabled = false }".to_owned(),
            listener: String::new(),
            binding: None,
            backends: Vec::new(),
        }
    }

    /// Another port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Further arguments of the load balancer.
    pub fn load_balancer(mut self, arguments: &str) -> Self {
        arguments.clone_into(&mut self.load_balancer);
        self
    }

    /// Other arguments of the certificate.
    pub fn certificate(mut self, arguments: &str) -> Self {
        arguments.clone_into(&mut self.certificate);
        self
    }

    /// Other arguments inside the listener's `tls`.
    pub fn tls(mut self, arguments: &str) -> Self {
        arguments.clone_into(&mut self.tls);
        self
    }

    /// With health checks; with the platform's defaults when `arguments` is empty. They are off otherwise, because a
    /// backend that has not passed its first checks is given no connections, and most tests are about something else.
    pub fn health_check(mut self, arguments: &str) -> Self {
        self.health_check =
            if arguments.is_empty() { String::new() } else { format!("health_check = {{ {arguments} }}") };
        self
    }

    /// Further arguments of the listener.
    pub fn listener(mut self, arguments: &str) -> Self {
        arguments.clone_into(&mut self.listener);
        self
    }

    /// Further arguments of the binding.
    pub fn binding(mut self, arguments: &str) -> Self {
        self.binding = Some(arguments.to_owned());
        self
    }

    /// A backend of the binding.
    pub fn backend(self, backend: &Backend, weight: u32) -> Self {
        let (ip, port) = (backend.cloud_ip, backend.port);
        self.backend_text(&format!("{{ eni_ip = \"{ip}\", port = {port}, weight = {weight} }}"))
    }

    /// A backend of the binding as it would be written, right or wrong.
    pub fn backend_text(mut self, text: &str) -> Self {
        self.backends.push(text.to_owned());
        self
    }

    /// The configuration; the binding is there when something is bound or said of it.
    pub fn hcl(&self) -> String {
        let mut text = format!(
            "{REQUIRED_PROVIDERS}{}{}{}",
            self.load_balancer_block(),
            self.certificate_block(),
            self.listener_block()
        );
        if self.binding.is_some() || !self.backends.is_empty() {
            text += &self.binding_block();
        }
        text
    }

    fn load_balancer_block(&self) -> String {
        format!(
            "resource \"clb_load_balancer\" \"web\" {{\n  name = \"web\"\n  network_type = \"public\"\n  \
             vpc_id = \"vpc-demo0001\"\n  {}\n}}\n",
            self.load_balancer
        )
    }

    fn certificate_block(&self) -> String {
        format!("resource \"clb_certificate\" \"web\" {{\n{}\n}}\n", self.certificate)
    }

    fn listener_block(&self) -> String {
        format!(
            "resource \"clb_quic_listener\" \"web\" {{\n  load_balancer_id = clb_load_balancer.web.load_balancer_id\n  \
             port = {}\n  tls = {{\n    {}\n  }}\n  {}\n  {}\n}}\n",
            self.port, self.tls, self.health_check, self.listener
        )
    }

    fn binding_block(&self) -> String {
        let mut text = "resource \"clb_backend_binding\" \"web\" {\n  \
             load_balancer_id = clb_load_balancer.web.load_balancer_id\n  \
             listener_id = clb_quic_listener.web.listener_id\n  backends = [\n"
            .to_owned();
        for backend in &self.backends {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "    {backend},");
        }
        text += "  ]\n  ";
        text += self.binding.as_deref().unwrap_or_default();
        text += "\n}\n";
        text
    }
}

impl Default for Service {
    fn default() -> Self {
        Self::new()
    }
}

/// The sandbox's server certificate, from the files it lays into Terraform's folder.
const CERTIFICATE_ARGUMENTS: &str = "  name = \"web\"\n  certificate = file(\"server.pem\")\n  \
     private_key_wo = file(\"server.key\")\n  private_key_wo_version = 1";
