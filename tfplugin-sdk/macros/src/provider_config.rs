//! `#[derive(ProviderConfig)]`: the provider block. It has no plan and no state.

use proc_macro2::TokenStream;
use quote::quote;
use syn::DeriveInput;

use crate::options::{StructOptions, documentation};
use crate::record::Record;
use crate::rules::Place;

pub fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let options = StructOptions::read(&input.attrs, &["between"])?;
    let record = Record::read(input, Place::Provider)?;
    let timeouts = record.timeouts();
    let constraints = record.constraints(&options.constraints)?;
    let description = documentation(&input.attrs);
    let (ident, visibility, config) = (&record.ident, &record.visibility, record.config());
    let (codec, config_form) = (record.state_codec(), record.config_form());
    let (assertions, attributes) = (record.assertions(), record.attributes());
    Ok(quote! {
        #codec
        #config_form
        #assertions

        impl #config {
            /// The configuration in plain types; `None` while any part of it is unknown.
            #visibility fn known(&self) -> ::core::option::Option<#ident> {
                <#ident as ::tfplugin_sdk::ProviderConfig>::from_known(self)
            }
        }

        #[automatically_derived]
        impl ::tfplugin_sdk::ProviderConfig for #ident {
            type Config = #config;

            fn schema() -> ::tfplugin_sdk::schema::Schema {
                ::tfplugin_sdk::schema::Schema {
                    version: 0,
                    description: ::std::string::String::from(#description),
                    deprecated: ::core::option::Option::None,
                    attributes: ::std::vec![#(#attributes),*],
                    constraints: ::std::vec![#(#constraints),*],
                    timeouts: #timeouts,
                    identity: ::core::option::Option::None,
                    import: ::core::option::Option::None,
                    import_also: ::std::vec::Vec::new(),
                }
            }
        }
    })
}
