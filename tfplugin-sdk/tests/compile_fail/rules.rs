//! Rules for values that contradict themselves, and options that there are not.

use tfplugin_sdk::Object;

#[derive(Clone, Debug, PartialEq, Object)]
struct Part {
    #[tf(message = "m")]
    message: String,
    #[tf(range(2..=1))]
    range: u8,
    #[tf(length(5..=-1))]
    length: String,
    #[tf(range(1..2))]
    half_open: u8,
    #[tf(length(1))]
    no_bounds: String,
    #[tf(pattern = "(")]
    pattern: String,
    #[tf(one_of())]
    one_of: String,
    #[tf(none_of())]
    none_of: String,
    #[tf(each(range(2..=1), pattern = "[", message = "m"))]
    each: Vec<u8>,
    #[tf(keys(message = "m"))]
    keys: Vec<u8>,
    #[tf(each(sensitive))]
    each_sensitive: Vec<u8>,
    #[tf(unique(a, a))]
    unique: Vec<u8>,
    #[tf(computed, pattern = "x")]
    computed: String,
    #[tf(requird)]
    unknown: u8,
}
