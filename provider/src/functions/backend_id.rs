//! `backend_id_build` and `backend_id_parse`: a backend in one word, as diagnostics write it and as keys of `for_each` need it.

use std::net::{IpAddr, Ipv6Addr};

use tfplugin_sdk::{Error, Function, Result, path};

use super::is_id;

/// Makes one word of a backend: `ins-1a2b3c4d:8080`, `10.0.1.5:8080` or `[2001:db8::5]:8080`. Fit as a key of `for_each`.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Function)]
#[tf(name = "backend_id_build")]
pub struct BackendIdBuild {
    /// Id of an instance, such as `ins-1a2b3c4d`, or the IP address of a network interface.
    pub target: String,
    /// TCP port of the backend, 1 to 65535.
    #[tf(port)]
    pub port: u16,
}

impl Function for BackendIdBuild {
    type Output = String;

    fn call(self) -> Result<String> {
        let Self { target, port } = self;
        match target.parse::<IpAddr>() {
            Ok(IpAddr::V6(address)) => Ok(format!("[{address}]:{port}")),
            Ok(IpAddr::V4(address)) => Ok(format!("{address}:{port}")),
            Err(_) if is_id(&target, "ins-") => Ok(format!("{target}:{port}")),
            Err(_) => Err(Error::new(format!("{target:?} is not a backend"))
                .detail("It must be the id of an instance, such as ins-1a2b3c4d, or an IP address.")
                .at(path!(Self: target))),
        }
    }
}

/// Takes a backend in one word apart, into what `backends` of `clb_backend_binding` need.
///
/// It reads `ins-1a2b3c4d:8080`, `10.0.1.5:8080` and `[2001:db8::5]:8080`. Of `instance_id` and `eni_ip` the one that it does
/// not name is null, so that `merge(provider::clb::backend_id_parse("10.0.1.5:8080"), { weight = 30 })` is an element of
/// `backends`.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Function)]
#[tf(name = "backend_id_parse")]
pub struct BackendIdParse {
    /// The backend: an instance or an address, a colon, a port.
    pub id: String,
}

/// The parts of a backend.
#[derive(Clone, Debug, PartialEq, Eq, tfplugin_sdk::Object)]
pub struct BackendIdParts {
    /// Id of the instance; null when it is named by its address.
    pub instance_id: Option<String>,
    /// IP address; null when it is named by its instance.
    pub eni_ip: Option<String>,
    /// TCP port.
    pub port: u16,
}

impl Function for BackendIdParse {
    type Output = BackendIdParts;

    fn call(self) -> Result<BackendIdParts> {
        let Some((target, port)) = self.id.rsplit_once(':') else {
            return Err(refused(&self.id, "There is no colon in it."));
        };
        // Not `parse` alone, which takes a plus sign and zeros in front.
        let number = port.parse::<u16>().ok().filter(|number| *number > 0 && number.to_string() == port);
        let Some(port) = number else {
            return Err(refused(&self.id, &format!("{port:?} is not a port from 1 to 65535.")));
        };
        if is_id(target, "ins-") {
            return Ok(BackendIdParts { instance_id: Some(target.to_owned()), eni_ip: None, port });
        }
        let address = match target.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            None => target.parse::<IpAddr>().ok().filter(IpAddr::is_ipv4),
        };
        let Some(address) = address else {
            let why = format!("{target:?} is neither the id of an instance nor an IP address.");
            return Err(refused(&self.id, &why));
        };
        Ok(BackendIdParts { instance_id: None, eni_ip: Some(address.to_string()), port })
    }
}

fn refused(id: &str, why: &str) -> Error {
    Error::new(format!("{id:?} is not a backend"))
        .detail(format!("{why} A backend is written ins-1a2b3c4d:8080, 10.0.1.5:8080 or [2001:db8::5]:8080."))
        .at(path!(BackendIdParse: id))
}

#[cfg(test)]
mod tests {
    use tfplugin_sdk::Function;

    use super::{BackendIdBuild, BackendIdParse, BackendIdParts};

    fn parse(id: &str) -> tfplugin_sdk::Result<BackendIdParts> {
        BackendIdParse { id: id.to_owned() }.call()
    }

    #[test]
    fn what_is_built_is_read_back() {
        for target in ["ins-1a2b3c4d", "10.0.1.5", "2001:db8::5"] {
            let built = BackendIdBuild { target: target.to_owned(), port: 8080 }.call().expect(target);
            let parts = parse(&built).expect(&built);
            assert_eq!(parts.port, 8080);
            assert_eq!(parts.instance_id.or(parts.eni_ip).as_deref(), Some(target));
        }
    }

    #[test]
    fn an_address_of_ipv6_stands_in_brackets_in_its_shortest_form() {
        let built = BackendIdBuild { target: "2001:0db8:0::5".to_owned(), port: 1 }.call().expect("an address");
        assert_eq!(built, "[2001:db8::5]:1");
    }

    #[test]
    fn other_texts_are_refused_with_what_is_wrong_and_the_forms() {
        for (id, why) in [
            ("10.0.1.5", "no colon"),
            ("10.0.1.5:", "\"\" is not a port"),
            ("10.0.1.5:0", "\"0\" is not a port"),
            ("10.0.1.5:+80", "\"+80\" is not a port"),
            ("10.0.1.5:65536", "\"65536\" is not a port"),
            ("2001:db8::5:8080", "neither the id of an instance nor an IP address"),
            ("[10.0.1.5]:8080", "neither the id of an instance nor an IP address"),
            ("lb-1:8080", "neither the id of an instance nor an IP address"),
        ] {
            let error = parse(id).expect_err(id);
            let said = error.diagnostic();
            assert!(said.detail.contains(why) && said.detail.contains("[2001:db8::5]:8080"), "{id}: {said:?}");
        }
        let error = BackendIdBuild { target: "web.example".to_owned(), port: 80 }.call().expect_err("a name");
        assert_eq!(error.diagnostic().path.to_string(), "target");
    }
}
