//! `#[derive(Newtype)]`: a struct around one text or number.

use crate::options::StructOptions;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DataStruct, DeriveInput, Fields, Type};

pub fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let inner = match &input.data {
        Data::Struct(DataStruct { fields: Fields::Unnamed(fields), .. }) if fields.unnamed.len() == 1 => {
            &fields.unnamed[0].ty
        }
        _ => {
            return Err(syn::Error::new(
                input.ident.span(),
                "a newtype is a struct around one value: struct Id(pub String);",
            ));
        }
    };
    if !input.generics.params.is_empty() {
        return Err(syn::Error::new(input.generics.span(), "a newtype has no parameters"));
    }
    let options = StructOptions::read(&input.attrs, &["canonical"])?;
    let written = if let Some(canonical) = &options.canonical {
        let function = &canonical.value;
        quote! { ::tfplugin_sdk::Codec::encode(&#function(&self.0)) }
    } else {
        quote! { ::tfplugin_sdk::Codec::encode(&self.0) }
    };
    let ident = &input.ident;
    let from_str = is_string(inner).then(|| {
        quote! {
            #[automatically_derived]
            impl ::core::convert::From<&str> for #ident {
                fn from(text: &str) -> Self {
                    Self(::std::string::String::from(text))
                }
            }
        }
    });
    // Collections and objects have other forms in a configuration, which a newtype could not take.
    let leaf = quote_spanned! { inner.span() =>
        const _: () = ::core::assert!(
            <#inner as ::tfplugin_sdk::TfType>::FACTS.is_leaf(),
            "a newtype is around one text, number or boolean: a collection or an object stands in the field itself",
        );
        const _: fn() = || {
            fn is_text_or_number<T: ::tfplugin_sdk::TfType<Config = T, Plan = T>>() {}
            is_text_or_number::<#inner>();
        };
    };
    Ok(quote! {
        #leaf
        #from_str

        #[automatically_derived]
        impl ::core::convert::From<#inner> for #ident {
            fn from(value: #inner) -> Self {
                Self(value)
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }

        #[automatically_derived]
        impl ::core::str::FromStr for #ident {
            type Err = <#inner as ::core::str::FromStr>::Err;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                ::core::str::FromStr::from_str(text).map(Self)
            }
        }

        #[automatically_derived]
        impl ::tfplugin_sdk::Codec for #ident {
            fn decode(
                value: &::tfplugin_sdk::Dynamic,
                path: &::tfplugin_sdk::Path,
                report: &mut ::tfplugin_sdk::Report,
            ) -> ::core::option::Option<Self> {
                <#inner as ::tfplugin_sdk::Codec>::decode(value, path, report).map(Self)
            }

            fn encode(&self) -> ::tfplugin_sdk::Dynamic {
                #written
            }

            fn absent() -> Self {
                Self(::tfplugin_sdk::Codec::absent())
            }
        }

        #[automatically_derived]
        impl ::tfplugin_sdk::TfType for #ident {
            type Config = Self;
            type Plan = Self;
            const FACTS: ::tfplugin_sdk::Facts = <#inner as ::tfplugin_sdk::TfType>::FACTS;

            fn kind() -> ::tfplugin_sdk::schema::AttributeKind {
                <#inner as ::tfplugin_sdk::TfType>::kind()
            }

            fn validators() -> ::std::vec::Vec<::tfplugin_sdk::schema::Validator> {
                <#inner as ::tfplugin_sdk::TfType>::validators()
            }
        }
    })
}

fn is_string(of: &Type) -> bool {
    matches!(of, Type::Path(path) if path.path.is_ident("String"))
}
