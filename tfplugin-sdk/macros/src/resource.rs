//! `#[derive(Resource)]`: a struct with attributes that has a name and a schema of its own.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{DeriveInput, LitInt};

use crate::field::optional;
use crate::options::{StructOptions, documentation};
use crate::record::Record;
use crate::rules::{self, Place};
use crate::{identity, import};

pub fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let options = StructOptions::read(
        &input.attrs,
        &["name", "version", "import", "identity", "identity_version", "deprecated"],
    )?;
    let record = Record::read(input, Place::Resource)?;
    let name = rules::type_name(&record.ident, options.name)?;
    let (import, import_form) = match &options.import {
        Some(template) => import::expand(&record, &template.value)?,
        None => (quote! { ::tfplugin_sdk::NoImport }, TokenStream::new()),
    };
    let identity_version = options.identity_version.as_ref().map(|version| &version.value);
    let (identity, identity_form, identity_schema) = match &options.identity {
        Some(names) => identity::expand(&record, names, identity_version)?,
        None => (quote! { ::tfplugin_sdk::NoIdentity }, TokenStream::new(), quote! { ::core::option::Option::None }),
    };
    let version = options.version.map_or_else(|| LitInt::new("0", Span::call_site()), |version| version.value);
    let deprecated = optional(options.deprecated.map(|text| {
        let text = text.value;
        quote! { ::std::string::String::from(#text) }
    }));
    let description = documentation(&input.attrs);
    let (ident, config, plan) = (&record.ident, record.config(), record.plan());
    let (codec, config_form, plan_form) = (record.state_codec(), record.config_form(), record.plan_form());
    let (assertions, attributes) = (record.assertions(), record.attributes());
    Ok(quote! {
        #codec
        #config_form
        #plan_form
        #import_form
        #identity_form
        #assertions

        #[automatically_derived]
        impl ::tfplugin_sdk::ResourceModel for #ident {
            type Config = #config;
            type Plan = #plan;
            type Import = #import;
            type Identity = #identity;
            const NAME: &'static str = #name;

            fn schema() -> ::tfplugin_sdk::schema::Schema {
                ::tfplugin_sdk::schema::Schema {
                    version: #version,
                    description: ::std::string::String::from(#description),
                    deprecated: #deprecated,
                    attributes: ::std::vec![#(#attributes),*],
                    identity: #identity_schema,
                }
            }
        }
    })
}
