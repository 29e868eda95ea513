//! Names of load balancers and listeners: 1 to 80 characters, no supplementary-plane characters (SDK).

use crate::refusal::{Field, Refusal, require};
use crate::rules::Rule;

/// The most characters a name has (SDK; older documents say 60).
const LONGEST: usize = 80;

/// Marks that names may hold beside letters and digits. The documentation names hyphen and underscore "and similar";
/// the others are our reading of that.
const MARKS: &str = "-_.:/()[]@#,+ ";

/// What kind of thing is named: the rules have the same content but their own ids.
#[derive(Clone, Copy)]
pub(crate) struct NameRules {
    pub length: Rule,
    pub characters: Rule,
    pub field: Field,
}

pub(crate) const LOAD_BALANCER: NameRules =
    NameRules { length: Rule::LbNameLength, characters: Rule::LbNameCharacters, field: Field::LoadBalancerName };
pub(crate) const LISTENER: NameRules = NameRules {
    length: Rule::ListenerNameLength,
    characters: Rule::ListenerNameCharacters,
    field: Field::ListenerName,
};

/// The name, when it obeys its rules.
pub(crate) fn check(name: &str, rules: NameRules) -> Result<String, Refusal> {
    let length = name.chars().count();
    require((1..=LONGEST).contains(&length), || {
        Refusal::new(rules.length).at(rules.field).given(format_args!("{length} characters"))
    })?;
    require(name.chars().all(fits), || Refusal::new(rules.characters).at(rules.field).given(format_args!("{name:?}")))?;
    Ok(name.to_owned())
}

/// Letters and digits of any language in the basic plane, and the marks.
fn fits(character: char) -> bool {
    u32::from(character) <= 0xFFFF && (character.is_alphanumeric() || MARKS.contains(character))
}

#[cfg(test)]
mod tests {
    use super::{LISTENER, check};
    use crate::rules::Rule;

    #[test]
    fn a_name_has_1_to_80_characters() {
        assert!(check("a", LISTENER).is_ok());
        assert!(check(&"名".repeat(80), LISTENER).is_ok());
        for refused in [String::new(), "a".repeat(81)] {
            assert_eq!(check(&refused, LISTENER).expect_err("too long or empty").rule, Rule::ListenerNameLength);
        }
    }

    #[test]
    fn supplementary_plane_and_control_characters_are_refused() {
        assert!(check("live-视频_1", LISTENER).is_ok());
        for refused in ["smile-😀", "line\nbreak", "tab\t"] {
            assert_eq!(check(refused, LISTENER).expect_err("character").rule, Rule::ListenerNameCharacters);
        }
    }
}
