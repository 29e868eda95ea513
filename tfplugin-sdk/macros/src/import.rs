//! The import id of a resource, from its template: `{load_balancer_id}/{listener_id}`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::LitStr;
use syn::spanned::Spanned;

use crate::field::Field;
use crate::record::Record;

/// The type of the id, and its code. Ids of the form of one of `others` are read too.
pub fn expand(record: &Record, template: &LitStr, others: &[LitStr]) -> syn::Result<(TokenStream, TokenStream)> {
    let parsed = Template::read(template)?;
    let fields = parsed.names.iter().map(|name| {
        let unknown = || syn::Error::new(template.span(), format!("there is no attribute `{name}` to import by"));
        record.fields.iter().find(|field| field.name() == *name).ok_or_else(unknown)
    });
    let fields: Vec<&Field> = fields.collect::<syn::Result<_>>()?;
    let (name, visibility) = (format_ident!("{}Import", record.ident), &record.visibility);
    let doc = format!("The parts of the id that [`{}`] is imported by: `{}`.", record.ident, template.value());
    let declared = fields.iter().map(|field| {
        let Field { ident, visibility, of, docs, .. } = field;
        quote! { #(#docs)* #visibility #ident: #of }
    });
    let idents: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let types: Vec<_> = fields.iter().map(|field| &field.of).collect();
    let names = &parsed.names;
    let mut forms = vec![form(&fields, template, &parsed)];
    for other in others {
        let parsed = Template::read(other)?;
        let same = parsed.names.len() == names.len() && parsed.names.iter().all(|name| names.contains(name));
        if !same {
            let message = format!("this does not name the same attributes as the form {:?}", template.value());
            return Err(syn::Error::new(other.span(), message));
        }
        forms.push(form(&fields, other, &parsed));
    }
    let templates = std::iter::once(template).chain(others);
    let code = quote! {
        #[doc = #doc]
        #[allow(clippy::struct_field_names)]
        #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq)]
        #visibility struct #name { #(#declared),* }

        #[automatically_derived]
        impl ::tfplugin_sdk::ImportId for #name {
            fn parse(id: &str) -> ::tfplugin_sdk::Result<Self> {
                #(#forms)*
                ::core::result::Result::Err(::tfplugin_sdk::macro_support::malformed_import(&[#(#templates),*], id))
            }

            fn from_identity(identity: &::tfplugin_sdk::Dynamic) -> ::tfplugin_sdk::Result<Self> {
                ::core::result::Result::Ok(Self {
                    #(#idents: ::tfplugin_sdk::macro_support::identity_part::<#types>(identity, #names)?),*
                })
            }
        }
    };
    Ok((quote! { #name }, code))
}

/// Reads an id of one form.
fn form(fields: &[&Field], template: &LitStr, parsed: &Template) -> TokenStream {
    let texts = &parsed.texts;
    let read = fields.iter().map(|field| {
        let (ident, of, name) = (&field.ident, &field.of, field.name());
        let position = parsed.names.iter().position(|named| *named == name).unwrap_or_default();
        let attribute = field.attribute();
        quote_spanned! { of.span() =>
            #ident: ::tfplugin_sdk::macro_support::import_part::<#of>(#template, &#attribute, parts[#position])?
        }
    });
    quote! {
        if let ::core::option::Option::Some(parts) =
            ::tfplugin_sdk::macro_support::import_parts(&[#(#texts),*], id)
        {
            return ::core::result::Result::Ok(Self { #(#read),* });
        }
    }
}

/// A template cut up: `texts` stand before, between and after the attributes `names`.
struct Template {
    texts: Vec<String>,
    names: Vec<String>,
}

impl Template {
    fn read(template: &LitStr) -> syn::Result<Self> {
        Self::parse(&template.value()).map_err(|problem| syn::Error::new(template.span(), problem))
    }

    fn parse(template: &str) -> Result<Self, String> {
        let (mut texts, mut names) = (Vec::new(), Vec::new());
        let mut rest = template;
        while let Some((text, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or("a { is not closed: write {name_of_an_attribute}")?;
            if names.iter().any(|known| known == name) {
                return Err(format!("this names `{name}` twice"));
            }
            if text.is_empty() && !names.is_empty() {
                return Err(format!(
                    "there is nothing between {{{name}}} and the attribute before it: where one ends could not be seen"
                ));
            }
            texts.push(text.to_owned());
            names.push(name.to_owned());
            rest = after;
        }
        texts.push(rest.to_owned());
        if names.is_empty() {
            Err("this names no attribute, as in \"{id}\"".to_owned())
        } else {
            Ok(Self { texts, names })
        }
    }
}
