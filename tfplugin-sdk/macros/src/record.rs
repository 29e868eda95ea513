//! Structs with attributes: their `Config` and `Plan` forms, and how each form is read and written.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{DeriveInput, Visibility};

use crate::between::Between;
use crate::field::Field;
use crate::options::{Errors, StructOptions};
use crate::rules::{self, Place};

/// A struct with attributes.
pub struct Record {
    pub ident: Ident,
    pub visibility: Visibility,
    pub fields: Vec<Field>,
}

impl Record {
    pub fn read(input: &DeriveInput, place: Place) -> syn::Result<Self> {
        let mut errors = Errors::default();
        let fields = Field::all_of(input, place, &mut errors)?;
        rules::check(&fields, place, &mut errors);
        errors.finish()?;
        Ok(Self { ident: input.ident.clone(), visibility: input.vis.clone(), fields })
    }

    /// The name of the configuration form.
    pub fn config(&self) -> Ident {
        format_ident!("{}Config", self.ident)
    }

    /// The name of the plan form.
    pub fn plan(&self) -> Ident {
        format_ident!("{}Plan", self.ident)
    }

    /// The name of the form with what the user sets.
    pub fn input(&self) -> Ident {
        format_ident!("{}Input", self.ident)
    }

    /// An expression for how long operations may take.
    pub fn timeouts(&self) -> TokenStream {
        let declared = self.fields.iter().find_map(|field| Some((field.name(), field.options.timeouts.as_ref()?)));
        let timeouts = declared.map(|(block, timeouts)| {
            let defaults = timeouts.value.iter().map(|(operation, text)| {
                let operation = operation.to_string();
                quote! { (::std::string::String::from(#operation), ::std::string::String::from(#text)) }
            });
            quote! {
                ::tfplugin_sdk::TimeoutDefaults {
                    block: ::std::string::String::from(#block),
                    defaults: ::std::vec![#(#defaults),*],
                }
            }
        });
        crate::field::optional(timeouts)
    }

    /// Expressions for the rules between attributes.
    pub fn constraints(&self, rules: &[Between]) -> syn::Result<Vec<TokenStream>> {
        let mut errors = Errors::default();
        for rule in rules {
            rule.check(&self.fields, &mut errors);
        }
        errors.finish()?;
        Ok(rules.iter().map(|rule| rule.constraint(&self.fields)).collect())
    }

    /// Expressions for the attributes of the schema.
    pub fn attributes(&self) -> Vec<TokenStream> {
        self.fields.iter().map(Field::attribute).collect()
    }

    /// Compile-time checks of all fields.
    pub fn assertions(&self) -> TokenStream {
        self.fields.iter().map(Field::assertions).collect()
    }

    /// How the struct itself is read and written.
    pub fn state_codec(&self) -> TokenStream {
        let types: Vec<TokenStream> = self.fields.iter().map(Field::of).collect();
        codec(&self.ident, &self.all(), &types, true)
    }

    /// The configuration form: every attribute null, unknown or known.
    pub fn config_form(&self) -> TokenStream {
        let types: Vec<TokenStream> = self.fields.iter().map(Field::config_type).collect();
        let doc = format!("The configuration of [`{}`]: every attribute null, unknown or known.", self.ident);
        let form = self.form(&self.config(), &self.all(), &types, &doc, &quote! { , ::core::default::Default });
        let codec = codec(&self.config(), &self.all(), &types, false);
        quote! { #form #codec }
    }

    /// The plan form: what the provider computes may be unknown.
    pub fn plan_form(&self) -> TokenStream {
        let types: Vec<TokenStream> = self.fields.iter().map(Field::plan_type).collect();
        let doc = format!("The plan of [`{}`]: what the provider computes may be unknown.", self.ident);
        let form = self.form(&self.plan(), &self.all(), &types, &doc, &quote! {});
        let codec = codec(&self.plan(), &self.all(), &types, false);
        quote! { #form #codec }
    }

    /// The form with what the user may set, known.
    pub fn input_form(&self) -> TokenStream {
        let fields: Vec<&Field> = self.fields.iter().filter(|field| field.is_settable()).collect();
        let types: Vec<TokenStream> = fields.iter().map(|field| field.input_type()).collect();
        let doc = format!("What the user sets of [`{}`], wholly known.", self.ident);
        let form = self.form(&self.input(), &fields, &types, &doc, &quote! {});
        let codec = codec(&self.input(), &fields, &types, false);
        quote! { #form #codec }
    }

    fn all(&self) -> Vec<&Field> {
        self.fields.iter().collect()
    }

    fn form(
        &self,
        name: &Ident,
        fields: &[&Field],
        types: &[TokenStream],
        doc: &str,
        derives: &TokenStream,
    ) -> TokenStream {
        let visibility = &self.visibility;
        let fields = fields.iter().zip(types).map(|(field, of)| {
            let Field { ident, visibility, docs, .. } = field;
            quote! { #(#docs)* #visibility #ident: #of }
        });
        quote! {
            #[doc = #doc]
            #[allow(clippy::struct_field_names, clippy::struct_excessive_bools)]
            #[derive(::core::clone::Clone, ::core::fmt::Debug, ::core::cmp::PartialEq #derives)]
            #visibility struct #name { #(#fields),* }
        }
    }
}

/// How one form of a struct is read and written. Its own names cannot be mistaken for those of fields.
pub fn codec(name: &Ident, fields: &[&Field], types: &[TokenStream], is_state: bool) -> TokenStream {
    let [value, path, report, object] =
        ["value", "path", "report", "object"].map(|name| Ident::new(name, Span::mixed_site()));
    let idents: Vec<&Ident> = fields.iter().map(|field| &field.ident).collect();
    let names: Vec<String> = fields.iter().map(|field| field.name()).collect();
    let absent: Vec<TokenStream> = fields.iter().zip(types).map(|(field, of)| field.absent(of, is_state)).collect();
    let decoded = fields.iter().zip(types).zip(names.iter().zip(&absent)).map(|((field, of), (name, absent))| {
        let ident = &field.ident;
        quote_spanned! { field.place_of_type() =>
            let #ident: ::core::option::Option<#of> = #object.part(#name, || #absent, #report);
        }
    });
    let encoded = fields.iter().map(|field| {
        let (ident, name) = (&field.ident, field.name());
        quote_spanned! { field.place_of_type() => (#name, ::tfplugin_sdk::Codec::encode(&self.#ident)) }
    });
    quote! {
        #[automatically_derived]
        impl ::tfplugin_sdk::Codec for #name {
            fn decode(
                #value: &::tfplugin_sdk::Dynamic,
                #path: &::tfplugin_sdk::Path,
                #report: &mut ::tfplugin_sdk::Report,
            ) -> ::core::option::Option<Self> {
                let #object = ::tfplugin_sdk::macro_support::Parts::of(#value, #path, #report)?;
                #(#decoded)*
                ::core::option::Option::Some(Self { #(#idents: #idents?),* })
            }

            fn encode(&self) -> ::tfplugin_sdk::Dynamic {
                ::tfplugin_sdk::macro_support::object([#(#encoded),*])
            }

            fn absent() -> Self {
                Self { #(#idents: #absent),* }
            }
        }
    }
}

/// An object inside a resource.
pub fn expand_object(input: &DeriveInput) -> syn::Result<TokenStream> {
    let options = StructOptions::read(&input.attrs, &["plan", "between"])?;
    let record = Record::read(input, Place::Object)?;
    let constraints = record.constraints(&options.constraints)?;
    let (ident, config) = (&record.ident, record.config());
    let computed = record.fields.iter().any(Field::is_computed);
    let (plan, plan_form) = if computed || options.plan.is_some() {
        let plan = record.plan();
        let order = order(&plan);
        let form = record.plan_form();
        (plan, quote! { #form #order })
    } else {
        (ident.clone(), plan_is_state(&record))
    };
    let facts = record.fields.iter().map(Field::facts);
    let (codec, config_form, assertions) = (record.state_codec(), record.config_form(), record.assertions());
    let attributes = record.attributes();
    Ok(quote! {
        #codec
        #config_form
        #plan_form
        #assertions

        #[automatically_derived]
        impl ::tfplugin_sdk::path::Inside for #ident {
            type Attributes = Self;
        }

        #[automatically_derived]
        impl ::tfplugin_sdk::TfType for #ident {
            type Config = #config;
            type Plan = #plan;
            const FACTS: ::tfplugin_sdk::Facts = ::tfplugin_sdk::Facts::object(&[#(#facts),*]);

            fn kind() -> ::tfplugin_sdk::schema::AttributeKind {
                ::tfplugin_sdk::schema::AttributeKind::Nested(
                    ::tfplugin_sdk::schema::Nesting::Single,
                    ::std::vec![#(#attributes),*],
                )
            }

            fn validators() -> ::std::vec::Vec<::tfplugin_sdk::schema::Validator> {
                ::std::vec![#(::tfplugin_sdk::schema::Validator::Between(#constraints)),*]
            }
        }
    })
}

/// Sets of the plan form need an order, whatever it is; that of the written values always exists.
fn order(plan: &Ident) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl ::core::cmp::Eq for #plan {}

        #[automatically_derived]
        impl ::core::cmp::PartialOrd for #plan {
            fn partial_cmp(&self, other: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::option::Option::Some(::core::cmp::Ord::cmp(self, other))
            }
        }

        #[automatically_derived]
        impl ::core::cmp::Ord for #plan {
            fn cmp(&self, other: &Self) -> ::core::cmp::Ordering {
                ::tfplugin_sdk::macro_support::compare(self, other)
            }
        }
    }
}

/// Nothing in it is computed, so its plan form is the struct itself. The derive cannot see into the types of the
/// fields; the compiler can.
fn plan_is_state(record: &Record) -> TokenStream {
    let assertions = record.fields.iter().map(|field| {
        let of = &field.of;
        quote_spanned! { of.span() =>
            const _: () = ::core::assert!(
                !<#of as ::tfplugin_sdk::TfType>::FACTS.computed_inside,
                "something inside this is computed: put #[tf(plan)] on the struct, so that it gets a plan form",
            );
        }
    });
    quote! { #(#assertions)* }
}
