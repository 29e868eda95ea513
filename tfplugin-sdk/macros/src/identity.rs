//! The identity of a resource: some of its attributes, in a struct of their own.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::LitInt;

use crate::field::Field;
use crate::options::Setting;
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
    let (name, visibility) = (format_ident!("{}Identity", record.ident), &record.visibility);
    let types: Vec<TokenStream> = fields.iter().map(|field| field.of()).collect();
    let doc = format!("What identifies a [`{}`] for ever.", record.ident);
    let declared = fields.iter().map(|field| {
        let Field { ident, visibility, of, docs, .. } = field;
        quote! { #(#docs)* #visibility #ident: #of }
    });
    let form_codec = codec(&name, &fields, &types, false);
    let attributes = fields.iter().map(|field| field.plain_attribute());
    let version = version.map_or_else(|| quote! { 0 }, |version| quote! { #version });
    let code = quote! {
        #[doc = #doc]
        #[allow(clippy::struct_field_names)]
        #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
        #visibility struct #name { #(#declared),* }

        #form_codec
    };
    let schema = quote! {
        ::core::option::Option::Some(::tfplugin_sdk::schema::IdentitySchema {
            version: #version,
            attributes: ::std::vec![#(#attributes),*],
        })
    };
    Ok((quote! { #name }, code, schema))
}
