//! Defaults that break the rule beside them.

use tfplugin_sdk::Object;

#[derive(Clone, Debug, PartialEq, Object)]
struct Part {
    #[tf(default = 0, range(1..=9))]
    below: u8,
    #[tf(default = 9.5, range(..=9))]
    above: f64,
    #[tf(default = -1, range(0..))]
    negative: i64,
    #[tf(default = 99_999, port)]
    port: u32,
    #[tf(default = "c", one_of("a", "b"))]
    one_of: String,
    #[tf(default = "a", none_of("a", "b"))]
    none_of: String,
    #[tf(default = "toolong", length(..=3))]
    length: String,
    #[tf(default = "", not_empty)]
    not_empty: String,
}
