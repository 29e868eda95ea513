//! `#[derive(DataSource)]` and `#[derive(EphemeralResource)]`: what is asked with some arguments and answers the rest.
//! `#[derive(Action)]` and `#[derive(ListResource)]`: arguments alone. There is no plan and no state to compare with.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::DeriveInput;

use crate::field::optional;
use crate::options::{StructOptions, documentation};
use crate::record::Record;
use crate::rules::{self, Place};

pub fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    expand_at(input, Place::Declaration)
}

/// `#[derive(Action)]`: arguments, and no answer.
pub fn expand_arguments(input: &DeriveInput) -> syn::Result<TokenStream> {
    expand_at(input, Place::Arguments)
}

/// `#[derive(ListResource)]`: arguments, and the name of the resource that is found.
pub fn expand_list(input: &DeriveInput) -> syn::Result<TokenStream> {
    let mut options = StructOptions::read(&input.attrs, &["lists", "between"])?;
    let missing =
        || syn::Error::new(input.ident.span(), "missing #[tf(lists = ...)] on the struct: the resource it finds");
    let resource = options.lists.take().ok_or_else(missing)?.value;
    let name = quote! { <#resource as ::tfplugin_sdk::ResourceModel>::NAME };
    let (ident, declaration) = (&input.ident, declaration(input, Place::Arguments, options, &name)?);
    Ok(quote! {
        #declaration

        #[automatically_derived]
        impl ::tfplugin_sdk::ListModel for #ident {
            type Resource = #resource;
        }
    })
}

fn expand_at(input: &DeriveInput, place: Place) -> syn::Result<TokenStream> {
    let mut options = StructOptions::read(&input.attrs, &["name", "deprecated", "between"])?;
    let name = rules::type_name(&input.ident, options.name.take())?;
    declaration(input, place, options, &name)
}

fn declaration(
    input: &DeriveInput,
    place: Place,
    options: StructOptions,
    name: &dyn ToTokens,
) -> syn::Result<TokenStream> {
    let record = Record::read(input, place)?;
    let timeouts = record.timeouts();
    let constraints = record.constraints(&options.constraints)?;
    let deprecated = optional(options.deprecated.map(|text| {
        let text = text.value;
        quote! { ::std::string::String::from(#text) }
    }));
    let description = documentation(&input.attrs);
    let (ident, config, arguments) = (&record.ident, record.config(), record.input());
    let (codec, config_form, input_form) = (record.state_codec(), record.config_form(), record.input_form());
    let (assertions, attributes) = (record.assertions(), record.attributes());
    Ok(quote! {
        #codec
        #config_form
        #input_form
        #assertions

        #[automatically_derived]
        impl ::tfplugin_sdk::Declaration for #ident {
            type Config = #config;
            type Input = #arguments;
            const NAME: &'static str = #name;

            fn schema() -> ::tfplugin_sdk::schema::Schema {
                ::tfplugin_sdk::schema::Schema {
                    version: 0,
                    description: ::std::string::String::from(#description),
                    deprecated: #deprecated,
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
