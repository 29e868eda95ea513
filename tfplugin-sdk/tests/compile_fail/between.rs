//! Rules between attributes.

use tfplugin_sdk::Object;

#[derive(Clone, Debug, PartialEq, Object)]
#[tf(conflicts(a, c))]
#[tf(requires(a))]
#[tf(exactly_one_of(a, a))]
#[tf(required_together(a = 1, b))]
#[tf(less_than(a, b, d))]
#[tf(required_when(a = 1))]
#[tf(refused_when(a = 1))]
struct Part {
    a: Option<u8>,
    b: Option<u8>,
    d: Option<u8>,
}
