//! Names of load balancers and listeners.

/// Refuses characters that are in no name for certain: control characters, and those outside Unicode's basic plane, such as
/// emoji (SDK). Letters and digits of all languages, hyphens and underscores are good; of other marks the documentation says
/// only "and similar", so they are left to the platform.
#[allow(clippy::ptr_arg, reason = "the form that `custom` calls")]
pub(super) fn check(name: &String) -> Result<(), String> {
    let bad = name.chars().find(|letter| letter.is_control() || u32::from(*letter) > 0xFFFF);
    bad.map_or(Ok(()), |letter| {
        Err(format!(
            "{letter:?} cannot be in a name: the platform takes letters and digits of any language, hyphens and underscores, and \
             neither emoji nor control characters"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn letters_of_all_languages_are_good_and_emoji_are_not() {
        for good in ["live-1", "直播_入口", "straße", "a.b:c/d (e)"] {
            assert_eq!(check(&good.to_owned()), Ok(()), "{good}");
        }
        for bad in ["smile-😀", "line\nbreak", "tab\t"] {
            assert!(check(&bad.to_owned()).is_err(), "{bad}");
        }
    }
}
