//! Texts of a few, and newtypes.

use tfplugin_sdk::{Enum, Newtype};

#[derive(Clone, Debug, PartialEq, Enum)]
enum WithData {
    A,
    B(u8),
}

#[derive(Clone, Debug, PartialEq, Enum)]
enum SameName {
    A,
    #[tf(name = "a")]
    B,
}

#[derive(Clone, Debug, PartialEq, Enum)]
enum Empty {}

#[derive(Clone, Debug, PartialEq, Enum)]
struct NoEnum;

#[derive(Clone, Debug, PartialEq, Newtype)]
struct Two(u8, u8);

#[derive(Clone, Debug, PartialEq, Newtype)]
struct Generic<T>(T);
