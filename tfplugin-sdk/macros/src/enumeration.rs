//! `#[derive(Enum)]`: a text that is one of a few.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{Data, DeriveInput, Fields, LitStr, Variant};

use crate::options::{Errors, StructOptions};

pub fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    StructOptions::read(&input.attrs, &[])?;
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new(input.ident.span(), "only an enum is one of a few texts"));
    };
    let (ident, variants) = (&input.ident, named(&input.ident, data.variants.iter())?);
    let (variants, names): (Vec<&Ident>, Vec<LitStr>) = variants.into_iter().unzip();
    let first = variants.first();
    Ok(quote! {
        impl #ident {
            /// Its name in Terraform.
            pub const fn as_str(&self) -> &'static str {
                match self { #(Self::#variants => #names),* }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        #[automatically_derived]
        impl ::core::str::FromStr for #ident {
            type Err = ::tfplugin_sdk::Error;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                match text {
                    #(#names => ::core::result::Result::Ok(Self::#variants),)*
                    _ => ::core::result::Result::Err(::tfplugin_sdk::macro_support::not_one_of(&[#(#names),*])),
                }
            }
        }

        #[automatically_derived]
        impl ::tfplugin_sdk::Codec for #ident {
            fn decode(
                value: &::tfplugin_sdk::Dynamic,
                path: &::tfplugin_sdk::Path,
                report: &mut ::tfplugin_sdk::Report,
            ) -> ::core::option::Option<Self> {
                ::tfplugin_sdk::macro_support::variant(value, &[#(#names),*], path, report)
            }

            fn encode(&self) -> ::tfplugin_sdk::Dynamic {
                ::tfplugin_sdk::Dynamic::String(::std::string::String::from(self.as_str()))
            }

            fn absent() -> Self {
                Self::#first
            }
        }

        #[automatically_derived]
        impl ::tfplugin_sdk::TfType for #ident {
            type Config = Self;
            type Plan = Self;
            const FACTS: ::tfplugin_sdk::Facts = ::tfplugin_sdk::Facts::leaf(::tfplugin_sdk::Form::Text);

            fn kind() -> ::tfplugin_sdk::schema::AttributeKind {
                ::tfplugin_sdk::schema::AttributeKind::Plain(::tfplugin_sdk::Type::String)
            }

            fn validators() -> ::std::vec::Vec<::tfplugin_sdk::schema::Validator> {
                ::std::vec![::tfplugin_sdk::schema::Validator::one_of(&[#(#names),*])]
            }
        }
    })
}

fn named<'a>(ident: &Ident, variants: impl Iterator<Item = &'a Variant>) -> syn::Result<Vec<(&'a Ident, LitStr)>> {
    let mut errors = Errors::default();
    let mut seen = BTreeSet::new();
    let mut named = Vec::new();
    for variant in variants {
        if !matches!(variant.fields, Fields::Unit) {
            errors.add(variant.ident.span(), "a variant with data is not a text");
        }
        let Some(options) = errors.take(StructOptions::read(&variant.attrs, &["name"])) else { continue };
        let name = options.name.map_or_else(
            || LitStr::new(&snake_case(&variant.ident.unraw().to_string()), variant.ident.span()),
            |name| name.value,
        );
        if !seen.insert(name.value()) {
            errors.add(name.span(), "another variant has this name");
        }
        named.push((&variant.ident, name));
    }
    if named.is_empty() {
        errors.add(ident.span(), "an enum without variants allows nothing");
    }
    errors.finish()?;
    Ok(named)
}

fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    let mut previous = '_';
    for character in name.chars() {
        if character.is_uppercase() && previous != '_' && !previous.is_uppercase() {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
        previous = character;
    }
    snake
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_variant_is_named_in_snake_case() {
        assert_eq!(snake_case("WeightedRoundRobin"), "weighted_round_robin");
        assert_eq!(snake_case("OneWay"), "one_way");
        assert_eq!(snake_case("Ipv4"), "ipv4");
        assert_eq!(snake_case("TCP"), "tcp");
    }

    #[test]
    fn what_is_no_enum_of_texts_is_refused() {
        for (input, message) in [
            (quote! { enum Mode { A, B(u8) } }, "a variant with data"),
            (quote! { enum Mode { A, #[tf(name = "a")] B } }, "another variant has this name"),
            (quote! { enum Mode {} }, "allows nothing"),
            (quote! { struct Mode; }, "only an enum"),
        ] {
            let error = expand(&syn::parse2(input.clone()).unwrap()).expect_err("refused");
            assert!(error.to_string().contains(message), "{input}: {error}");
        }
    }
}
