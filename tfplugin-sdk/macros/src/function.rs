//! `#[derive(Function)]`: the fields of a struct are the parameters of a function, in their order.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, parse_quote};

use crate::field::{Field, optional};
use crate::options::{Errors, StructOptions, documentation};
use crate::record::Record;
use crate::rules::{self, Place};

pub fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let options = StructOptions::read(&input.attrs, &["name", "deprecated"])?;
    let record = Record::read(input, Place::Function)?;
    check_variadic(&record.fields)?;
    let name = rules::type_name(&record.ident, options.name)?;
    let deprecated = optional(options.deprecated.map(|text| {
        let text = text.value;
        quote! { ::std::string::String::from(#text) }
    }));
    let documentation = documentation(&input.attrs);
    let (summary, description) = documentation.split_once("\n\n").unwrap_or((&documentation, &documentation));
    let summary = summary.replace('\n', " ");
    let (ident, codec) = (&record.ident, record.state_codec());
    let parameters: Vec<Field> = record.fields.into_iter().map(one).collect();
    let assertions: TokenStream = parameters.iter().map(Field::assertions).collect();
    let (last, fixed) = match parameters.split_last() {
        Some((last, fixed)) if last.options.variadic.is_some() => (Some(last), fixed),
        _ => (None, parameters.as_slice()),
    };
    let (fixed, variadic) = (fixed.iter().map(Field::attribute), optional(last.map(Field::attribute)));
    Ok(quote! {
        #codec
        #assertions

        #[automatically_derived]
        impl ::tfplugin_sdk::FunctionModel for #ident {
            const NAME: &'static str = #name;

            fn schema(result: ::tfplugin_sdk::Type) -> ::tfplugin_sdk::schema::FunctionSchema {
                ::tfplugin_sdk::schema::FunctionSchema {
                    summary: ::std::string::String::from(#summary),
                    description: ::std::string::String::from(#description),
                    deprecated: #deprecated,
                    parameters: ::std::vec![#(#fixed),*],
                    variadic: #variadic,
                    result,
                }
            }
        }
    })
}

/// The field as one argument of it is: what is variadic takes elements.
fn one(mut field: Field) -> Field {
    if field.options.variadic.is_some() {
        let all = &field.of;
        let element = quote_spanned! { all.span() => <#all as ::tfplugin_sdk::macro_support::Variadic>::Element };
        field.of = parse_quote! { #element };
    }
    field
}

fn check_variadic(fields: &[Field]) -> syn::Result<()> {
    let mut errors = Errors::default();
    for field in fields.iter().rev().skip(1) {
        if let Some(span) = field.options.variadic {
            errors.add(span, "only the last parameter can be variadic: it takes all arguments that follow");
        }
    }
    errors.finish()
}
