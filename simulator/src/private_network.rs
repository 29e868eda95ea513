//! A network of this process alone, in which every address is this machine's: a user and network namespace of Linux.
//!
//! Nothing leads in or out: the only interface is `lo`, and "local" routes lead every address of IPv4 and IPv6 to it.
//! So load balancers have real addresses and port 443, backends those of the cloud, clients any, and no privilege of
//! the machine is needed. Files, users and processes stay what they are; this is no sandbox against hostile programs.
//!
//! ```text
//! unshare ──► who we are (uid_map) ──► lo up, local routes (netlink) ──► ports below 1024, addresses of IPv6 (sysctl)
//! ```

#[cfg(target_os = "linux")]
mod netlink;

use std::io;

/// What the private network has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateNetwork {
    /// Whether every address of IPv6 is local, too; not so where the kernel has no IPv6.
    pub ipv6: bool,
}

/// Why there is no private network, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum PrivateNetworkError {
    /// Only Linux has network namespaces.
    #[error(
        "a private network needs the namespaces of Linux, and this system has none: use `clb-simulator serve`, which \
         has loopback addresses, or a Linux machine"
    )]
    NotLinux,
    /// The kernel, or who administers it, does not allow it.
    #[error("this machine does not allow a private network ({step}: {source}): {}", reasons(.found))]
    NotAllowed {
        /// What was tried.
        step: &'static str,
        /// What the kernel says.
        source: io::Error,
        /// Settings of the machine that explain it.
        found: Vec<Obstacle>,
    },
}

/// A setting of a machine that stands in the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Debian's switch is off.
    UnprivilegedUserNamespaces,
    /// Ubuntu's restriction is on.
    AppArmor,
    /// No more user namespaces.
    UserNamespaces,
    /// No more network namespaces.
    NetworkNamespaces,
    /// The kernel is built without user namespaces.
    NoUserNamespaces,
    /// The kernel is built without network namespaces.
    NoNetworkNamespaces,
}

impl Obstacle {
    /// What it is and what to do about it.
    fn sentence(self) -> &'static str {
        match self {
            Self::UnprivilegedUserNamespaces => {
                "kernel.unprivileged_userns_clone is 0; `sudo sysctl -w kernel.unprivileged_userns_clone=1` allows it"
            }
            Self::AppArmor => {
                "kernel.apparmor_restrict_unprivileged_userns is 1; `sudo sysctl -w \
                 kernel.apparmor_restrict_unprivileged_userns=0` allows it, or an AppArmor profile of this program \
                 with the rule `userns,`"
            }
            Self::UserNamespaces => {
                "user.max_user_namespaces is 0 or used up; `sudo sysctl -w user.max_user_namespaces=10000` allows more"
            }
            Self::NetworkNamespaces => {
                "user.max_net_namespaces is 0 or used up; `sudo sysctl -w user.max_net_namespaces=10000` allows more"
            }
            Self::NoUserNamespaces => {
                "this kernel has no user namespaces (CONFIG_USER_NS); run as root, or with another kernel"
            }
            Self::NoNetworkNamespaces => "this kernel has no network namespaces (CONFIG_NET_NS); use another kernel",
        }
    }
}

fn reasons(found: &[Obstacle]) -> String {
    if found.is_empty() {
        return "no setting known to forbid it is on. In a container its profile does: give it `--privileged`, or \
                `--security-opt seccomp=unconfined --security-opt apparmor=unconfined`, or run `clb-simulator serve`, \
                which needs nothing"
            .to_owned();
    }
    let sentences: Vec<&str> = found.iter().map(|obstacle| obstacle.sentence()).collect();
    sentences.join("; and ")
}

/// Whether this process is in a network that nothing leads out of: no interface but `lo` has a route or an address.
/// Then addresses that are not loopback are harmless. False wherever it cannot be known.
pub fn is_closed() -> bool {
    let read = |name| std::fs::read_to_string(format!("/proc/self/net/{name}"));
    // A kernel without IPv6 has no such file.
    let without_ipv6 = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    let ipv6 = match read("if_inet6") {
        Ok(text) => text,
        Err(error) if without_ipv6(&error) => String::new(),
        Err(_) => return false,
    };
    read("route").is_ok_and(|ipv4| lead_nowhere(&ipv4, &ipv6))
}

/// `routes` as in `/proc/net/route` (a heading, then interface first), `addresses` as in `/proc/net/if_inet6`
/// (interface last).
fn lead_nowhere(routes: &str, addresses: &str) -> bool {
    let word = |interface: Option<&str>| interface == Some("lo");
    routes.lines().skip(1).all(|line| word(line.split_whitespace().next()))
        && addresses.lines().all(|line| word(line.split_whitespace().last()))
}

#[cfg(not(target_os = "linux"))]
impl PrivateNetwork {
    /// Only Linux has it.
    pub fn enter() -> Result<Self, PrivateNetworkError> {
        Err(PrivateNetworkError::NotLinux)
    }
}

#[cfg(target_os = "linux")]
impl PrivateNetwork {
    /// Puts this process, and what it starts from now on, into a private network. Must be called while the process has
    /// one thread: others would stay outside.
    pub fn enter() -> Result<Self, PrivateNetworkError> {
        linux::leave_the_machines_network()?;
        let step = |step| move |source| linux::not_allowed(step, source);
        let mut kernel = netlink::Socket::open().map_err(step("netlink"))?;
        kernel.bring_loopback_up().map_err(step("bringing lo up"))?;
        kernel.make_every_address_local(netlink::Family::V4).map_err(step("the local route of IPv4"))?;
        let ipv6 = kernel.make_every_address_local(netlink::Family::V6).and_then(|()| linux::allow_all_of_ipv6());
        if let Err(error) = &ipv6 {
            tracing::warn!(%error, "the private network has no IPv6");
        }
        // The simulator itself can without: it keeps its capabilities here. Programs that it starts may have none.
        if let Err(error) = linux::allow_low_ports() {
            tracing::warn!(%error, "programs without privileges cannot listen on ports below 1024");
        }
        Ok(Self { ipv6: ipv6.is_ok() })
    }
}

#[cfg(target_os = "linux")]
mod linux {
    //! The calls and files of the kernel.

    use std::fs;
    use std::io;
    use std::path::Path;

    use super::{Obstacle, PrivateNetworkError};

    /// A new network namespace; in a new user namespace where this process may not make one otherwise. Root stays in
    /// the machine's user namespace, so that files of other users remain within its reach.
    pub fn leave_the_machines_network() -> Result<(), PrivateNetworkError> {
        let made = unshare(libc::CLONE_NEWNET);
        if made.as_ref().err().and_then(io::Error::raw_os_error) != Some(libc::EPERM) {
            return made.map_err(|source| not_allowed("a network namespace", source));
        }
        // Inside it is nobody until the maps are written.
        let (user, group) = this_user();
        unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNET)
            .map_err(|source| not_allowed("a user and a network namespace", source))?;
        let write = |name: &'static str, text: String| {
            fs::write(Path::new("/proc/self").join(name), text).map_err(|source| not_allowed(name, source))
        };
        // The kernel wants this before a group may be mapped without privileges.
        write("setgroups", "deny".to_owned())?;
        // User and group stay themselves, so that files belong to who makes them.
        write("uid_map", format!("{user} {user} 1"))?;
        write("gid_map", format!("{group} {group} 1"))
    }

    #[allow(unsafe_code, reason = "the standard library has no call for it")]
    fn this_user() -> (libc::uid_t, libc::gid_t) {
        // SAFETY: both take nothing, touch no memory and cannot fail.
        unsafe { (libc::geteuid(), libc::getegid()) }
    }

    #[allow(unsafe_code, reason = "the standard library has no call for it")]
    fn unshare(namespaces: libc::c_int) -> io::Result<()> {
        // SAFETY: it takes a number and touches no memory of this process.
        let result = unsafe { libc::unshare(namespaces) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    pub fn not_allowed(step: &'static str, source: io::Error) -> PrivateNetworkError {
        let found = obstacles(Path::new("/proc"), &source);
        PrivateNetworkError::NotAllowed { step, source, found }
    }

    /// The settings that explain the error; `proc` is where `/proc` is.
    pub fn obstacles(proc: &Path, error: &io::Error) -> Vec<Obstacle> {
        let is = |path: &str, value: &str| fs::read_to_string(proc.join(path)).is_ok_and(|text| text.trim() == value);
        let lacks = |path: &str| !proc.join(path).exists();
        let used_up = error.raw_os_error() == Some(libc::ENOSPC);
        let known = [
            (is("sys/kernel/unprivileged_userns_clone", "0"), Obstacle::UnprivilegedUserNamespaces),
            (is("sys/kernel/apparmor_restrict_unprivileged_userns", "1"), Obstacle::AppArmor),
            (is("sys/user/max_user_namespaces", "0"), Obstacle::UserNamespaces),
            (is("sys/user/max_net_namespaces", "0"), Obstacle::NetworkNamespaces),
            (lacks("self/uid_map"), Obstacle::NoUserNamespaces),
            (lacks("self/ns/net"), Obstacle::NoNetworkNamespaces),
        ];
        let found: Vec<Obstacle> = known.into_iter().filter(|(is, _)| *is).map(|(_, obstacle)| obstacle).collect();
        if found.is_empty() && used_up {
            return vec![Obstacle::UserNamespaces, Obstacle::NetworkNamespaces];
        }
        found
    }

    pub fn allow_low_ports() -> io::Result<()> {
        fs::write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0")
    }

    /// Other than with IPv4, a local route alone does not let a program bind an address of IPv6.
    pub fn allow_all_of_ipv6() -> io::Result<()> {
        fs::write("/proc/sys/net/ipv6/ip_nonlocal_bind", "1")
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const HEADING: &str = "Iface\tDestination\tGateway\n";
    const LOOPBACK: &str = "00000000000000000000000000000001 01 80 10 80       lo\n";

    /// What is said of a machine where these files below `/proc` are so.
    fn said(error: i32, files: &[(&str, &str)]) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in [("self/uid_map", ""), ("self/ns/net", "")].iter().chain(files) {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
            std::fs::write(path, text).expect("writable");
        }
        let source = io::Error::from_raw_os_error(error);
        let found = linux::obstacles(folder.path(), &source);
        PrivateNetworkError::NotAllowed { step: "unshare", source, found }.to_string()
    }

    #[test]
    fn a_refusal_names_the_setting_and_what_to_do() {
        for (path, value) in [
            ("kernel/unprivileged_userns_clone", "0"),
            ("kernel/apparmor_restrict_unprivileged_userns", "1"),
            ("user/max_user_namespaces", "0"),
            ("user/max_net_namespaces", "0"),
        ] {
            let said = said(libc::EPERM, &[(&format!("sys/{path}"), &format!("{value}\n"))]);
            let setting = path.replace('/', ".");
            assert!(said.contains(&format!("{setting} is {value}")), "{said}");
            assert!(said.contains(&format!("sudo sysctl -w {setting}=")), "{said}");
        }
    }

    #[test]
    fn a_limit_that_is_used_up_is_named_and_a_container_is_thought_of() {
        let used_up = said(libc::ENOSPC, &[("sys/user/max_user_namespaces", "50")]);
        assert!(
            used_up.contains("user.max_user_namespaces") && used_up.contains("user.max_net_namespaces"),
            "{used_up}"
        );
        let unknown = said(libc::EPERM, &[("sys/user/max_user_namespaces", "50")]);
        assert!(unknown.contains("--security-opt seccomp=unconfined"), "{unknown}");
    }

    #[test]
    fn a_network_is_closed_when_nothing_but_lo_has_routes_or_addresses() {
        assert!(lead_nowhere(HEADING, ""));
        assert!(lead_nowhere(HEADING, LOOPBACK));
        assert!(!lead_nowhere(&format!("{HEADING}eth0\t00000000\t0102A8C0\n"), LOOPBACK));
        let link_local = "fe80000000000000000000000000000a 02 40 20 80     eth0\n";
        assert!(!lead_nowhere(HEADING, &format!("{LOOPBACK}{link_local}")));
    }
}
