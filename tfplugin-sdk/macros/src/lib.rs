//! The derive macros of `tfplugin-sdk`: from one struct its schema, its phases and how they are read and written.
//!
//! What the options mean is documented where authors look, in `tfplugin-sdk`. Here is only the making: `options`
//! reads them, `rules` refuses contradictions, the other files write code. Contradictions that need to know a type
//! are left to constants the code evaluates at compile time.

mod enumeration;
mod field;
mod import;
mod newtype;
mod options;
mod provider_config;
mod record;
mod resource;
mod rules;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// A resource of a provider: the struct is its state. See `tfplugin_sdk::Resource`.
#[proc_macro_derive(Resource, attributes(tf))]
pub fn resource(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), resource::expand)
}

/// An object inside a resource: a nested attribute. See `tfplugin_sdk::TfType`.
#[proc_macro_derive(Object, attributes(tf))]
pub fn object(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), record::expand_object)
}

/// The provider block. See `tfplugin_sdk::ProviderConfig`.
#[proc_macro_derive(ProviderConfig, attributes(tf))]
pub fn provider_config(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), provider_config::expand)
}

/// An enum without data: a text that is one of its variants' names in snake case, or `#[tf(name = "...")]`.
#[proc_macro_derive(Enum, attributes(tf))]
pub fn enumeration(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), enumeration::expand)
}

/// A struct around one text or number, so that ids of different things have different types.
#[proc_macro_derive(Newtype)]
pub fn newtype(input: TokenStream) -> TokenStream {
    derive(&parse_macro_input!(input), newtype::expand)
}

fn derive(input: &DeriveInput, expand: fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expand(input).unwrap_or_else(syn::Error::into_compile_error).into()
}
