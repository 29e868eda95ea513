//! `#[derive(Resource)]`: a struct with attributes that has a name and a schema of its own.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{DeriveInput, LitInt};

use crate::field::optional;
use crate::import;
use crate::options::{StructOptions, documentation};
use crate::record::Record;
use crate::rules::{self, Place};

pub fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let options = StructOptions::read(&input.attrs, &["name", "version", "import", "deprecated"])?;
    let record = Record::read(input, Place::Resource)?;
    let name = rules::type_name(&record.ident, options.name)?;
    let (import, import_form) = match &options.import {
        Some(template) => import::expand(&record, &template.value)?,
        None => (quote! { ::tfplugin_sdk::NoImport }, TokenStream::new()),
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
        #assertions

        #[automatically_derived]
        impl ::tfplugin_sdk::ResourceModel for #ident {
            type Config = #config;
            type Plan = #plan;
            type Import = #import;
            const NAME: &'static str = #name;

            fn schema() -> ::tfplugin_sdk::schema::Schema {
                ::tfplugin_sdk::schema::Schema {
                    version: #version,
                    description: ::std::string::String::from(#description),
                    deprecated: #deprecated,
                    attributes: ::std::vec![#(#attributes),*],
                }
            }
        }
    })
}
