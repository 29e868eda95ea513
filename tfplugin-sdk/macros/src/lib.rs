//! The derive macros of `tfplugin-sdk`: from one struct its schema, its phases and how they are read and written.
//!
//! What the options mean is documented where authors look, in `tfplugin-sdk`. Here is only the making: `options`
//! reads them, `rules` refuses contradictions, the other files write code. Contradictions that need to know a type
//! are left to constants the code evaluates at compile time.

mod between;
mod declaration;
mod enumeration;
mod field;
mod function;
mod identity;
mod import;
mod newtype;
mod options;
mod provider_config;
mod record;
mod resource;
mod rules;
mod value_rules;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// A resource of a provider: the struct is its state, its documentation comments are the descriptions.
///
/// Besides implementing `ResourceModel` it makes `XConfig` (every field a `Value`: null, unknown or known), `XPlan`
/// (what is computed is `Planned`) and, with `import`, `XImport`.
///
/// On the struct, `#[tf(name = "...")]` is its type name in Terraform; then `version = 1` (of the state's shape),
/// `import = "{lb_id}/{id}"` (the form of an import id; its fields are `FromStr`) with `import_also("{lb_id}#{id}")` (forms that are
/// read too), `identity(lb_id, id)` (what identifies
/// it for ever; makes `XIdentity`) with `identity_version = 1`,
/// `upgrade(0 = ThingV0, 1 = ThingV1)` (structs with the shapes of older states, each `Into` the next and the last into
/// this one; `TryInto` where it may fail), `deprecated = "use ... instead"`.
///
/// A field is an attribute: required, or optional when it is an `Option`. Its options:
///
/// | option | meaning |
/// |---|---|
/// | `block` | users write it as blocks: an object (`Option` if it may be left out), or a `Vec`, `BTreeSet` or `BTreeMap` |
/// | `timeouts(create = "5m")` | the `timeouts` block, of type `Option<Timeouts>`, with what holds without one |
/// | `computed` | the provider says it; planned as unknown, and (unless an `Option`) as not null |
/// | `optional, computed` | the user may set it, else the provider says it |
/// | `keep` | an update keeps a computed value instead of planning an unknown one |
/// | `keep_non_null` | the same, but null becomes unknown |
/// | `computed_when(a, b)` | an update keeps it unless `a` or `b` changes |
/// | `prefix = "lb-"` | what a computed text is known to start with: a promise, like `range` and `length` with `computed` |
/// | `default = EXPR` | its value when it is not set; its type is not an `Option` |
/// | `replace` | a change replaces the resource |
/// | `replace_if = function` | `fn(&T, &Value<T>) -> bool` says from the prior and the planned value whether it does |
/// | `sensitive` | hidden in Terraform's output and in diagnostics; a `Secret` is so by itself |
/// | `write_only` | reaches `create` and `update` in the plan and is never stored; its type is an `Option` |
/// | `write_only, required` | the same, and the user must set it |
/// | `range(1..=9)`, `range(1..)` | bounds of a number; with `computed` a promise that is known while planning |
/// | `length(1..=9)`, `length(1..)` | characters of a text, elements of a collection; with `computed` a promise about the elements |
/// | `pattern = "^[a-z]+$"`, `message = "..."` | a regular expression, and the rule in words |
/// | `one_of("a", "b")`, `none_of("a")` | the texts allowed, or not; an `Enum` says so by itself |
/// | `not_empty`, `port` | at least one character or element; a number from 1 to 65535 |
/// | `ip`, `ipv4`, `ipv6`, `cidr`, `duration`, `pem`, `pem = "CERTIFICATE"` | a text of this form |
/// | `unique`, `unique(name, zone)` | a collection without repeated elements, or without two that agree in `name` and `zone` |
/// | `each(length(1..=9))`, `keys(pattern = "...")` | rules for every element, for every key of a map |
/// | `custom = function` | a rule of your own, `fn(&T) -> Result<(), String>`, for a value that is not null and wholly known |
/// | `deprecated = "..."` | a warning for whoever sets it |
///
/// Rules between attributes stand on the struct, as often as needed: `conflicts(a, b)`, `requires(a, b)` (`a` needs `b`),
/// `required_together(a, b)`, `exactly_one_of(a, b)`, `at_least_one_of(a, b)`, `less_than(low, high)` (of two numbers); on
/// objects and all other structs too. Values may count as well: `required_when(kind = Kind::Http, path)` (where `kind` is
/// so, `path` must be set), `refused_when(kind = Kind::Tcp, path)` (it must not), `refused_when(kind = Kind::Tcp, secure =
/// true)` (the two do not go together). What is not set counts as its default; a last `because = "..."` says why.
///
/// Options that contradict each other, or the type of the field, do not compile:
///
/// ```text
/// error[E0080]: evaluation panicked: range and port are for numbers; texts and collections have a length(...)
///   |
/// 6 |     #[tf(range(1..))] pub name: String,
///   |          ^^^^^ evaluation of `_` failed here
/// ```
#[proc_macro_derive(Resource, attributes(tf))]
pub fn resource(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), resource::expand)
}

/// A data source: what the user sets is asked for, what is `computed` is the answer.
///
/// Besides implementing `Declaration` it makes `XConfig` (every field a `Value`) for `validate`, and `XInput` (only what
/// the user may set, known) for `read`. On the struct, `#[tf(name = "...")]` is its type name in Terraform, and
/// `deprecated = "use ... instead"` warns whoever uses it. Its fields have the options of a resource's, except those
/// about plans and write-only values.
#[proc_macro_derive(DataSource, attributes(tf))]
pub fn data_source(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), declaration::expand)
}

/// An ephemeral resource: as a data source, but what it answers is never stored.
#[proc_macro_derive(EphemeralResource, attributes(tf))]
pub fn ephemeral_resource(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), declaration::expand)
}

/// An action: its fields are the arguments.
///
/// Besides implementing `Declaration` it makes `XConfig` (every field a `Value`) for `validate` and `plan`, and `XInput`
/// (known) for `invoke`. Its options are those of a data source; nothing is `computed`.
#[proc_macro_derive(Action, attributes(tf))]
pub fn action(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), declaration::expand_arguments)
}

/// A list resource: its fields are what is searched for. On the struct, `#[tf(lists = File)]` names the resource whose
/// objects it finds; that has an `identity(...)`.
///
/// Besides implementing `Declaration` and `ListModel` it makes `XConfig` (every field a `Value`) for `validate`, and
/// `XInput` (known) for `list`. Its options are those of an action.
#[proc_macro_derive(ListResource, attributes(tf))]
pub fn list_resource(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), declaration::expand_list)
}

/// A function of a provider: its fields are the parameters, in their order. On the struct, `#[tf(name = "...")]` is its
/// name in Terraform; the first paragraph of its documentation is the summary, the rest the description.
///
/// A parameter has the rules of an attribute (`range`, `length`, `pattern`, `one_of`). The last one may be `variadic`: a
/// `Vec` that takes all further arguments, each held to the rules. An `Option` takes null, a `Value` what is not known.
#[proc_macro_derive(Function, attributes(tf))]
pub fn function(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), function::expand)
}

/// An object inside a resource: a nested attribute. In a field it may stand by itself, as an `Option`, in a `Vec`
/// (nesting list), in a `BTreeMap<String, _>` (map) or, if it is `Ord`, in a `BTreeSet` (set).
///
/// Its fields have the options of a resource's. It makes `XConfig`, and `XPlan` if a field is `computed`; otherwise the
/// struct itself is its plan form. Where only something inside a field's type is computed, `#[tf(plan)]` on the struct
/// asks for the plan form (the compiler says when it is missing).
#[proc_macro_derive(Object, attributes(tf))]
pub fn object(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), record::expand_object)
}

/// The provider block. Its fields have the options of a resource's, except those about plans and state.
///
/// Besides implementing `ProviderConfig` it makes `XConfig` (every field a `Value`), which `configure` gets and whose
/// method `known` gives the struct itself once nothing is unknown.
#[proc_macro_derive(ProviderConfig, attributes(tf))]
pub fn provider_config(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), provider_config::expand)
}

/// An enum without data: a text that is one of its variants' names in snake case, or `#[tf(name = "...")]`. Also makes
/// `as_str`, `Display` and `FromStr`.
#[proc_macro_derive(Enum, attributes(tf))]
pub fn enumeration(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), enumeration::expand)
}

/// A struct around one text or number, so that ids of different things have different types. Also makes `Display`,
/// `FromStr` and `From` of what is inside.
///
/// `#[tf(canonical = function)]`, a `fn(&Inner) -> Inner`, says how values are written that mean the same: a plan does not
/// take `"0644"` for a change from `"644"`, and what the user wrote stays in the state.
#[proc_macro_derive(Newtype, attributes(tf))]
pub fn newtype(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), newtype::expand)
}

fn derive(input: &DeriveInput, expand: fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expand(input).unwrap_or_else(syn::Error::into_compile_error).into()
}
