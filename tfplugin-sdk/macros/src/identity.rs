//! The identity of a resource: some of its attributes, in a struct of their own.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::LitInt;

use crate::field::Field;
use crate::options::{Errors, Setting};
use crate::record::{Record, codec};

/// The type of the identity, its code, and an expression for its schema.
pub fn expand(
    record: &Record,
    names: &Setting<Vec<Ident>>,
    version: Option<&LitInt>,
) -> syn::Result<(TokenStream, TokenStream, TokenStream)> {
    let fields = names.value.iter().map(|name| {
        let unknown = || syn::Error::new(name.span(), format!("there is no attribute `{name}` to identify by"));
        record.fields.iter().find(|field| field.ident == *name).ok_or_else(unknown)
    });
    let fields: Vec<&Field> = fields.collect::<syn::Result<_>>()?;
    let mut errors = Errors::default();
    for (name, field) in names.value.iter().zip(&fields) {
        if field.options.sensitive.is_some() || field.options.write_only.is_some() {
            errors.add(name.span(), NO_SECRET);
        }
    }
    errors.finish()?;
    let (name, visibility) = (format_ident!("{}Identity", record.ident), &record.visibility);
    let types: Vec<TokenStream> = fields.iter().map(|field| field.of()).collect();
    let doc = format!("What identifies a [`{}`] for ever.", record.ident);
    let declared = fields.iter().map(|field| {
        let Field { ident, visibility, of, docs, .. } = field;
        quote! { #(#docs)* #visibility #ident: #of }
    });
    let form_codec = codec(&name, &fields, &types, false);
    let assertions = names.value.iter().zip(&fields).map(|(name, field)| assertions(name, field));
    let attributes = fields.iter().map(|field| field.plain_attribute());
    let version = version.map_or_else(|| quote! { 0 }, |version| quote! { #version });
    let code = quote! {
        #[doc = #doc]
        #[allow(clippy::struct_field_names)]
        #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
        #visibility struct #name { #(#declared),* }

        #form_codec

        #(#assertions)*
    };
    let schema = quote! {
        ::core::option::Option::Some(::tfplugin_sdk::schema::IdentitySchema {
            version: #version,
            attributes: ::std::vec![#(#attributes),*],
        })
    };
    Ok((quote! { #name }, code, schema))
}

const NO_SECRET: &str = "an identity is no secret: it is stored and shown";

/// Constants that fail to compile when the type cannot identify anything.
fn assertions(name: &Ident, field: &Field) -> TokenStream {
    let of = &field.of;
    quote_spanned! { name.span() =>
        const _: () = {
            const FACTS: ::tfplugin_sdk::Facts = <#of as ::tfplugin_sdk::TfType>::FACTS;
            ::core::assert!(
                FACTS.can_identify(),
                "only texts, numbers, booleans and lists of these can identify a resource",
            );
            ::core::assert!(!FACTS.sensitive, #NO_SECRET);
        };
    }
}
