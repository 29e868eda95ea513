//! Accounts and the names of their worlds: which account a secret id is for, and which world an account has.
//!
//! An account of the seed has the seed's world. Its name, or its secret id, followed by `-NAME` is another account with a
//! world of its own, made from the same seed when it is first used: `<demo secret id>-job7` signs with the demo secret
//! key and sees nothing of what others do. Where worlds are kept is not here.

use ring::digest::{SHA256, digest};

/// How many worlds may be made on first use, besides those of the seed.
pub const WORLDS_ON_USE: usize = 256;

/// The longest NAME, in characters.
const LONGEST_NAME: usize = 64;

/// Why there is no world for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoWorld {
    /// The account is none of this simulator's.
    #[error("there is no such account")]
    NoSuchAccount,
    /// It would be one world too many.
    #[error(
        "{WORLDS_ON_USE} worlds have been made on first use, which is the most: use one of them, or reset the simulator"
    )]
    TooMany,
}

/// Which of `known` that text is: one of them with no name, or one of them followed by `-NAME`. The longest one counts.
pub fn recognise<'a, 'b>(text: &'a str, known: impl Iterator<Item = &'b str>) -> Option<(&'b str, Option<&'a str>)> {
    let named = |known: &'b str| match text.strip_prefix(known)? {
        "" => Some((known, None)),
        rest => rest.strip_prefix('-').filter(|name| is_name(name)).map(|name| (known, Some(name))),
    };
    known.filter_map(named).max_by_key(|(known, _)| known.len())
}

/// The account of that name beside an account of the seed.
pub fn named(account: &str, name: &str) -> String {
    format!("{account}-{name}")
}

/// The number of an account that is made on first use: always the same for the same name, 12 digits, none of the seed's.
pub fn number(account: &str) -> String {
    let bytes = digest(&SHA256, account.as_bytes());
    let number = bytes.as_ref().iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{}", 200_000_000_000 + number % 100_000_000_000)
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::{number, recognise};

    #[test]
    fn a_name_follows_the_longest_that_is_known() {
        let of = |text: &'static str| recognise(text, ["demo", "demo-x", "closed"].into_iter());
        assert_eq!(of("demo"), Some(("demo", None)));
        assert_eq!(of("demo-job.7"), Some(("demo", Some("job.7"))));
        assert_eq!(of("demo-x"), Some(("demo-x", None)));
        assert_eq!(of("demo-x-y"), Some(("demo-x", Some("y"))));
        for stranger in ["", "dem", "demos", "demo-", "demo-a b", "demo-ä", "other-demo"] {
            assert_eq!(of(stranger), None, "{stranger}");
        }
        let long = format!("demo-{}", "a".repeat(65));
        assert_eq!(recognise(&long, ["demo"].into_iter()), None);
    }

    #[test]
    fn the_number_of_an_account_is_always_the_same() {
        assert_eq!(number("demo-job7"), "215593996681");
        assert_ne!(number("demo-job7"), number("demo-job8"));
        assert_eq!(number("").len(), 12);
    }
}
