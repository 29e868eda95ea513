//! `#[derive(Resource)]`: a struct with attributes that has a name and a schema of its own.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, LitInt};

use crate::field::optional;
use crate::options::{Prior, Setting, StructOptions, documentation};
use crate::record::Record;
use crate::rules::{self, Place};
use crate::{identity, import};

pub fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let options = StructOptions::read(
        &input.attrs,
        &[
            "name",
            "version",
            "import",
            "import_also",
            "identity",
            "identity_version",
            "upgrade",
            "deprecated",
            "between",
        ],
    )?;
    let record = Record::read(input, Place::Resource)?;
    let timeouts = record.timeouts();
    let constraints = record.constraints(&options.constraints)?;
    let name = rules::type_name(&record.ident, options.name)?;
    let import_also = options.import_also.as_ref().map(|others| others.value.as_slice()).unwrap_or_default();
    let (import, import_form) = match (&options.import, &options.import_also) {
        (Some(template), _) => import::expand(&record, &template.value, import_also)?,
        (None, None) => (quote! { ::tfplugin_sdk::NoImport }, TokenStream::new()),
        (None, Some(others)) => {
            let message = "these are further forms of an import id: there is no import = \"...\"";
            return Err(syn::Error::new(others.span, message));
        }
    };
    let import_template = optional(options.import.map(|template| {
        let template = template.value;
        quote! { ::std::string::String::from(#template) }
    }));
    let identity_version = options.identity_version.as_ref().map(|version| &version.value);
    let (identity, identity_form, identity_schema) = match &options.identity {
        Some(names) => identity::expand(&record, names, identity_version)?,
        None => (quote! { ::tfplugin_sdk::NoIdentity }, TokenStream::new(), quote! { ::core::option::Option::None }),
    };
    if let (Some(version), None) = (&options.identity_version, &options.identity) {
        let message = "this is the version of an identity: there is no identity(...)";
        return Err(syn::Error::new(version.span, message));
    }
    let version = options.version.map_or_else(|| LitInt::new("0", Span::call_site()), |version| version.value);
    let replace_if = replace_if(&record);
    let upgrade = upgrade(&version, options.upgrade.as_ref())?;
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
                    constraints: ::std::vec![#(#constraints),*],
                    timeouts: #timeouts,
                    identity: #identity_schema,
                    import: #import_template,
                    import_also: ::std::vec![#(::std::string::String::from(#import_also)),*],
                }
            }

            #replace_if
            #upgrade
        }
    })
}

/// The method that brings typed states of older versions to the present one, step by step.
fn upgrade(version: &LitInt, priors: Option<&Setting<Vec<Prior>>>) -> syn::Result<TokenStream> {
    let Some(Setting { value: priors, .. }) = priors else { return Ok(TokenStream::new()) };
    let number = |version: &LitInt| version.base10_parse::<u32>();
    for pair in priors.windows(2) {
        if number(&pair[0].version)? >= number(&pair[1].version)? {
            return Err(syn::Error::new(
                pair[1].version.span(),
                "versions stand in ascending order: each becomes the next",
            ));
        }
    }
    if let Some(last) = priors.last()
        && number(&last.version)? >= number(version)?
    {
        let message = "this is not older than the present version: raise #[tf(version = ...)]";
        return Err(syn::Error::new(last.version.span(), message));
    }
    let arms = priors.iter().enumerate().map(|(position, prior)| {
        let (from, first) = (&prior.version, &prior.state);
        let later = priors.iter().skip(position).zip(priors.iter().skip(position + 1));
        let steps = later.map(|(earlier, later)| {
            let (earlier, later) = (&earlier.state, &later.state);
            quote_spanned! { earlier.span() =>
                let state = <#earlier as ::tfplugin_sdk::macro_support::Becomes<#later>>::become_next(state)?;
            }
        });
        let last = priors.last().map_or(first, |last| &last.state);
        let end = quote_spanned! { last.span() =>
            <#last as ::tfplugin_sdk::macro_support::Becomes<Self>>::become_next(state)?
        };
        let read = quote_spanned! { first.span() =>
            let state: #first = ::tfplugin_sdk::macro_support::prior_state::<#first>(state)?;
        };
        quote! {
            #from => {
                #read
                #(#steps)*
                ::core::result::Result::Ok(::core::option::Option::Some(::tfplugin_sdk::Codec::encode(&#end)))
            }
        }
    });
    Ok(quote! {
        fn upgrade_typed(
            version: i64,
            state: ::tfplugin_sdk::Dynamic,
        ) -> ::tfplugin_sdk::Result<::core::option::Option<::tfplugin_sdk::Dynamic>> {
            match version {
                #(#arms)*
                _ => ::core::result::Result::Ok(::core::option::Option::None),
            }
        }
    })
}

/// The method that asks the functions of `replace_if`.
fn replace_if(record: &Record) -> TokenStream {
    let asked: Vec<TokenStream> = record
        .fields
        .iter()
        .filter_map(|field| {
            let (function, ident, name) = (&field.options.replace_if.as_ref()?.value, &field.ident, field.name());
            Some(quote! {
                if #function(&prior.#ident, &planned.#ident) {
                    paths.push(::tfplugin_sdk::Path::root().attribute(#name));
                }
            })
        })
        .collect();
    if asked.is_empty() {
        return TokenStream::new();
    }
    quote! {
        fn replace_if(prior: &Self, planned: &Self::Config) -> ::std::vec::Vec<::tfplugin_sdk::Path> {
            let mut paths = ::std::vec::Vec::new();
            #(#asked)*
            paths
        }
    }
}
