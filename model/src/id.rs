//! Identifiers: a type each, so that one cannot be taken for another.
//!
//! Shapes are the platform's: a prefix and eight lower-case alphanumerics (`lb-k3x9d0qa`); certificates have eight
//! mixed-case alphanumerics and no prefix (SDK samples). Copies share their text. Not here: chance. Whoever makes an id
//! brings the random bits.

use std::fmt;
use std::sync::Arc;

const LOWER: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const MIXED: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Eight characters of `alphabet`, picked by the bits of `random`.
fn suffix(alphabet: &[u8], random: u64) -> String {
    let base = alphabet.len() as u64;
    let mut rest = random;
    (0..8)
        .map(|_| {
            let picked = rest % base;
            rest /= base;
            char::from(alphabet[usize::try_from(picked).unwrap_or(0)])
        })
        .collect()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $alphabet:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id from random bits; the same bits give the same id.
            pub fn from_random(random: u64) -> Self {
                Self::from(format!("{}{}", $prefix, suffix($alphabet, random)))
            }

            /// Whether the text has the shape of such an id.
            pub fn is_well_formed(text: &str) -> bool {
                text.strip_prefix($prefix)
                    .is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|byte| $alphabet.contains(&byte)))
            }

            /// The id as the API writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// A load balancer: `lb-` and eight characters.
    LoadBalancerId, "lb-", LOWER
);
id!(
    /// A listener: `lbl-` and eight characters.
    ListenerId, "lbl-", LOWER
);
id!(
    /// A certificate: eight mixed-case characters.
    CertificateId, "", MIXED
);
id!(
    /// A security group: `sg-` and eight characters.
    SecurityGroupId, "sg-", LOWER
);
id!(
    /// A VPC: `vpc-` and eight characters.
    VpcId, "vpc-", LOWER
);
id!(
    /// A subnet: `subnet-` and eight characters.
    SubnetId, "subnet-", LOWER
);
id!(
    /// A route table: `rtb-` and eight characters.
    RouteTableId, "rtb-", LOWER
);
id!(
    /// An elastic IP address: `eip-` and eight characters.
    AddressId, "eip-", LOWER
);
id!(
    /// A CVM instance: `ins-` and eight characters.
    InstanceId, "ins-", LOWER
);
