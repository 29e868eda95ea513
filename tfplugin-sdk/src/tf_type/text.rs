//! Types that are texts in Terraform and something else in Rust. What means the same is written the same, so `60s` and
//! `1m` are one value to a plan.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use super::{Codec, Facts, Form, TfType, mismatch};
use crate::schema::{AttributeKind, Format, Validator};
use crate::{Dynamic, Path, Report, Type};

macro_rules! text {
    ($of:ty, $format:ident, $expected:literal, $parse:expr, $text:expr, $absent:expr) => {
        impl Codec for $of {
            fn decode(value: &Dynamic, path: &Path, report: &mut Report) -> Option<Self> {
                let read = if let Dynamic::String(text) = value { $parse(text) } else { None };
                if read.is_none() {
                    mismatch(value, $expected, path, report);
                }
                read
            }

            fn encode(&self) -> Dynamic {
                Dynamic::String($text(self))
            }

            fn absent() -> Self {
                $absent
            }
        }

        impl TfType for $of {
            type Config = Self;
            type Plan = Self;
            const FACTS: Facts = Facts::leaf(Form::Text);

            fn kind() -> AttributeKind {
                AttributeKind::Plain(Type::String)
            }

            fn validators() -> Vec<Validator> {
                vec![Validator::Format(Format::$format)]
            }
        }
    };
}

text!(
    Duration,
    Duration,
    "a duration",
    |text: &String| crate::duration::parse(text),
    |duration: &Duration| crate::duration::text(*duration),
    Duration::ZERO
);
text!(IpAddr, Ip, "an IP address", |text: &String| text.parse().ok(), IpAddr::to_string, Ipv4Addr::UNSPECIFIED.into());
text!(Ipv4Addr, Ipv4, "an IPv4 address", |text: &String| text.parse().ok(), Ipv4Addr::to_string, Ipv4Addr::UNSPECIFIED);
text!(Ipv6Addr, Ipv6, "an IPv6 address", |text: &String| text.parse().ok(), Ipv6Addr::to_string, Ipv6Addr::UNSPECIFIED);
