//! `listener_id_build` and `listener_id_parse`: the id by which listeners and bindings are imported.

use tfplugin_sdk::{Error, Function, Result, path};

use super::is_id;

/// Makes the import id of a listener, or of the bindings on it, from its parts.
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Function)]
#[tf(name = "listener_id_build")]
pub struct ListenerIdBuild {
    /// Id of the load balancer, such as `lb-1a2b3c4d`.
    #[tf(pattern = "^lb-[0-9a-z]{8}$", message = "the id of a load balancer, such as lb-1a2b3c4d")]
    pub load_balancer_id: String,
    /// Id of the listener, such as `lbl-1a2b3c4d`.
    #[tf(pattern = "^lbl-[0-9a-z]+$", message = "the id of a listener, such as lbl-1a2b3c4d")]
    pub listener_id: String,
}

impl Function for ListenerIdBuild {
    type Output = String;

    fn call(self) -> Result<String> {
        Ok(format!("{}/{}", self.load_balancer_id, self.listener_id))
    }
}

/// Takes the id of a listener apart.
///
/// It reads this provider's import ids (`lb-1a2b3c4d/lbl-5e6f7a8b`), and the ids that the official provider writes for
/// listeners (`lb-1a2b3c4d#lbl-5e6f7a8b`) and for attachments to layer-4 listeners (`#lbl-5e6f7a8b#lb-1a2b3c4d`).
#[derive(Clone, Debug, PartialEq, tfplugin_sdk::Function)]
#[tf(name = "listener_id_parse")]
pub struct ListenerIdParse {
    /// The id, in one of the three forms.
    pub id: String,
}

/// The parts of a listener's id.
#[derive(Clone, Debug, PartialEq, Eq, tfplugin_sdk::Object)]
pub struct ListenerIdParts {
    /// Id of the load balancer.
    pub load_balancer_id: String,
    /// Id of the listener.
    pub listener_id: String,
}

impl Function for ListenerIdParse {
    type Output = ListenerIdParts;

    fn call(self) -> Result<ListenerIdParts> {
        let parts: Vec<&str> = self.id.split(['/', '#']).collect();
        let (load_balancer_id, listener_id) = match (parts.as_slice(), self.id.contains('/')) {
            ([balancer, listener], _) | (["", listener, balancer], false) => (*balancer, *listener),
            ([location, _, _], false) if location.starts_with("loc-") => {
                return Err(refused(&self.id, "It is of a rule of a layer-7 listener, which has no QUIC."));
            }
            _ => return Err(refused(&self.id, "It does not have the parts of one.")),
        };
        if !is_id(load_balancer_id, "lb-") {
            return Err(refused(&self.id, &format!("{load_balancer_id:?} is not the id of a load balancer.")));
        }
        if !is_id(listener_id, "lbl-") {
            return Err(refused(&self.id, &format!("{listener_id:?} is not the id of a listener.")));
        }
        let (load_balancer_id, listener_id) = (load_balancer_id.to_owned(), listener_id.to_owned());
        Ok(ListenerIdParts { load_balancer_id, listener_id })
    }
}

fn refused(id: &str, why: &str) -> Error {
    Error::new(format!("{id:?} is not the id of a listener"))
        .detail(format!(
            "{why} Such an id is written lb-1a2b3c4d/lbl-5e6f7a8b, or as the official provider writes it: \
             lb-1a2b3c4d#lbl-5e6f7a8b for a listener, #lbl-5e6f7a8b#lb-1a2b3c4d for an attachment."
        ))
        .at(path!(ListenerIdParse: id))
}

#[cfg(test)]
mod tests {
    use tfplugin_sdk::Function;

    use super::{ListenerIdBuild, ListenerIdParse, ListenerIdParts};

    fn parts() -> ListenerIdParts {
        ListenerIdParts { load_balancer_id: "lb-1a2b3c4d".to_owned(), listener_id: "lbl-5e6f7a8b".to_owned() }
    }

    fn parse(id: &str) -> tfplugin_sdk::Result<ListenerIdParts> {
        ListenerIdParse { id: id.to_owned() }.call()
    }

    #[test]
    fn all_three_forms_are_read() {
        for id in ["lb-1a2b3c4d/lbl-5e6f7a8b", "lb-1a2b3c4d#lbl-5e6f7a8b", "#lbl-5e6f7a8b#lb-1a2b3c4d"] {
            assert_eq!(parse(id).expect(id), parts());
        }
    }

    #[test]
    fn what_is_built_is_read_back() {
        let ListenerIdParts { load_balancer_id, listener_id } = parts();
        let built = ListenerIdBuild { load_balancer_id, listener_id }.call().expect("two ids");
        assert_eq!(parse(&built).expect("built"), parts());
    }

    #[test]
    fn other_texts_are_refused_with_the_part_that_is_wrong_and_the_forms() {
        for (id, part) in [
            ("lbl-5e6f7a8b", "does not have the parts"),
            ("", "does not have the parts"),
            ("/lbl-5e6f7a8b/lb-1a2b3c4d", "does not have the parts"),
            ("lb-1a2b3c4d/lbl-5e6f7a8b/", "does not have the parts"),
            ("lbl-5e6f7a8b/lb-1a2b3c4d", "\"lbl-5e6f7a8b\" is not the id of a load balancer"),
            ("lb-1a2b3c4d#lb-1a2b3c4d", "\"lb-1a2b3c4d\" is not the id of a listener"),
            ("lb-/lbl-5e6f7a8b", "\"lb-\" is not the id of a load balancer"),
            ("lb-1A/lbl-5e6f7a8b", "\"lb-1A\" is not the id of a load balancer"),
            ("loc-1#lbl-5e6f7a8b#lb-1a2b3c4d", "layer-7"),
        ] {
            let error = parse(id).expect_err(id);
            let said = error.diagnostic();
            assert!(said.detail.contains(part) && said.detail.contains("#lbl-5e6f7a8b#lb-1a2b3c4d"), "{id}: {said:?}");
            assert_eq!(said.path.to_string(), "id");
        }
    }
}
