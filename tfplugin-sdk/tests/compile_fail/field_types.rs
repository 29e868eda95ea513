//! Types that Terraform does not have.

use std::collections::BTreeSet;

use tfplugin_sdk::Object;

#[derive(Clone, Debug, PartialEq)]
struct NotDerived {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Unordered {
    a: u8,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Derive {
    part: NotDerived,
}

#[derive(Clone, Debug, PartialEq, Object)]
struct Order {
    set: BTreeSet<Unordered>,
}
