//! One field of a struct: its attribute in the schema, and its type in each phase.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DataStruct, DeriveInput, Expr, Fields, Lit, Type, UnOp, Visibility};

use crate::options::{Errors, FieldOptions, documentation};
use crate::rules::Place;
use crate::value_rules;

/// One field of a struct.
pub struct Field {
    pub ident: Ident,
    pub visibility: Visibility,
    pub of: Type,
    pub docs: Vec<Attribute>,
    pub options: FieldOptions,
    /// What the struct is.
    pub place: Place,
}

impl Field {
    /// The fields of a struct with named fields. One whose options cannot be read has none.
    pub fn all_of(input: &DeriveInput, place: Place, errors: &mut Errors) -> syn::Result<Vec<Self>> {
        if !input.generics.params.is_empty() {
            return Err(syn::Error::new(input.generics.span(), "a type with parameters has no schema"));
        }
        let Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) = &input.data else {
            return Err(syn::Error::new(input.ident.span(), "only a struct with named fields has attributes"));
        };
        let read = fields.named.iter().filter_map(|field| {
            Some(Self {
                ident: field.ident.clone()?,
                visibility: field.vis.clone(),
                of: field.ty.clone(),
                docs: field.attrs.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned().collect(),
                options: errors.take(FieldOptions::read(&field.attrs)).unwrap_or_default(),
                place,
            })
        });
        Ok(read.collect())
    }

    /// The attribute's name in Terraform.
    pub fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// Whether its value may be unknown in a plan.
    pub fn is_computed(&self) -> bool {
        self.options.computed.is_some()
    }

    /// Where its type stands, for code that is the derive's own: errors point there, lints do not.
    pub fn place_of_type(&self) -> Span {
        Span::call_site().located_at(self.of.span())
    }

    /// Its own type.
    pub fn of(&self) -> TokenStream {
        self.of.to_token_stream()
    }

    /// An expression for an attribute with nothing but its name, type and description.
    pub fn plain_attribute(&self) -> TokenStream {
        let (name, of, description) = (self.name(), &self.of, documentation(&self.docs));
        quote_spanned! { of.span() =>
            ::tfplugin_sdk::schema::Attribute::of::<#of>(#name).description(#description)
        }
    }

    /// Its type in a configuration.
    pub fn config_type(&self) -> TokenStream {
        let of = &self.of;
        quote_spanned! { of.span() => ::tfplugin_sdk::Value<<#of as ::tfplugin_sdk::TfType>::Config> }
    }

    /// Its type in a plan.
    pub fn plan_type(&self) -> TokenStream {
        let plan = self.known_type();
        if self.is_computed() {
            quote! { ::tfplugin_sdk::Planned<#plan> }
        } else {
            plan
        }
    }

    /// Whether the user may set it.
    pub fn is_settable(&self) -> bool {
        self.options.computed.is_none() || self.options.optional.is_some()
    }

    /// Its type where everything the user sets is known, and nothing else is there.
    pub fn input_type(&self) -> TokenStream {
        let known = self.known_type();
        if self.is_computed() {
            quote! { ::core::option::Option<#known> }
        } else {
            known
        }
    }

    fn known_type(&self) -> TokenStream {
        let of = &self.of;
        quote_spanned! { of.span() => <#of as ::tfplugin_sdk::TfType>::Plan }
    }

    /// An expression for its attribute in the schema.
    pub fn attribute(&self) -> TokenStream {
        let (name, of, options) = (self.name(), &self.of, &self.options);
        let mut built = quote_spanned! { of.span() => ::tfplugin_sdk::schema::Attribute::of::<#of>(#name) };
        let mut with = |method: TokenStream| built = quote! { #built.#method };
        let description = documentation(&self.docs);
        if !description.is_empty() {
            with(quote! { description(#description) });
        }
        for rule in value_rules::builders(options) {
            with(rule);
        }
        if let Some(text) = &options.deprecated {
            let text = &text.value;
            with(quote! { deprecated(#text) });
        }
        match (options.computed, options.optional) {
            (Some(_), Some(_)) => with(quote! { optional_computed() }),
            (Some(_), None) => with(quote! { computed() }),
            _ => {}
        }
        if let Some(default) = self.default_value() {
            with(quote! { default_value(::tfplugin_sdk::Codec::encode(&#default)) });
        }
        if let Some(prefix) = &options.prefix {
            let prefix = &prefix.value;
            with(quote! { prefix(#prefix) });
        }
        if let Some(causes) = &options.computed_when {
            let causes = causes.value.iter().map(|cause| cause.unraw().to_string());
            with(quote! { computed_when(&[#(#causes),*]) });
        }
        let flags = [
            (options.required, "required"),
            (options.sensitive, "sensitive"),
            (options.write_only, "write_only"),
            (options.replace, "replace"),
            (options.replace_if.as_ref().map(|function| function.span), "may_replace"),
            (options.block.or(options.timeouts.as_ref().map(|timeouts| timeouts.span)), "block"),
            (options.keep, "keep"),
            (options.keep_non_null, "keep_non_null"),
        ];
        for (flag, method) in flags {
            if let Some(span) = flag {
                let method = Ident::new(method, span);
                with(quote! { #method() });
            }
        }
        built
    }

    /// An expression for its default, of its own type.
    fn default_value(&self) -> Option<TokenStream> {
        let default = self.options.default.as_ref()?;
        let (of, value) = (&self.of, converted(&default.value));
        Some(quote_spanned! { default.span => { let default: #of = #value; default } })
    }

    /// An expression for a value of it, as Terraform has it.
    pub fn encoded(&self, value: &Expr) -> TokenStream {
        let (of, written) = (&self.of, converted(value));
        quote_spanned! { value.span() => {
            let value: <#of as ::tfplugin_sdk::TfType>::Config = #written;
            ::tfplugin_sdk::Codec::encode(&value)
        } }
    }

    /// An expression for what stands for it when the state lacks it, in the phase with the type `phase`.
    pub fn absent(&self, phase: &TokenStream, is_state: bool) -> TokenStream {
        match self.default_value() {
            Some(default) if is_state => default,
            _ => quote_spanned! { self.place_of_type() => <#phase as ::tfplugin_sdk::Codec>::absent() },
        }
    }

    /// An expression for the facts of its type, with what the options add.
    pub fn facts(&self) -> TokenStream {
        let (of, options) = (&self.of, &self.options);
        let added = [
            (options.computed.is_some(), quote! { .computed() }),
            (options.default.is_some(), quote! { .with_default() }),
            (options.write_only.is_some(), quote! { .write_only() }),
            (options.block.is_some(), quote! { .block() }),
        ];
        let added = added.into_iter().filter_map(|(is_so, method)| is_so.then_some(method));
        quote! { <#of as ::tfplugin_sdk::TfType>::FACTS #(#added)* }
    }

    /// Constants that fail to compile when the type does not go with the options.
    pub fn assertions(&self) -> TokenStream {
        let of = &self.of;
        let asserted = |(span, holds, message): (Span, TokenStream, &str)| {
            quote_spanned! { span =>
                const _: () = {
                    const FACTS: ::tfplugin_sdk::Facts = <#of as ::tfplugin_sdk::TfType>::FACTS;
                    ::core::assert!(#holds, #message);
                };
            }
        };
        let rules = value_rules::assertions(&self.options);
        let mut all: TokenStream = rules.into_iter().chain(self.contradictions()).map(asserted).collect();
        if self.options.timeouts.is_some() {
            all.extend(quote_spanned! { of.span() =>
                const _: fn(#of) -> ::core::option::Option<::tfplugin_sdk::Timeouts> = |timeouts| timeouts;
            });
        }
        all
    }

    /// What must hold of its type for the options and the struct it stands in.
    fn contradictions(&self) -> Vec<(Span, TokenStream, &'static str)> {
        let (of, options) = (self.of.span(), &self.options);
        let mut all = Vec::new();
        if let Some(prefix) = &options.prefix {
            all.push((prefix.span, quote! { FACTS.form.is_text() }, "prefix is for texts"));
        }
        if let Some(default) = &options.default {
            let message = "what has a default is never null: write the type without Option";
            all.push((default.span, quote! { !FACTS.optional }, message));
        }
        if let Some(span) = options.block {
            let message = "a block is an object, or a Vec, BTreeSet or BTreeMap of objects";
            all.push((span, quote! { FACTS.of_objects }, message));
            let message = "without blocks a collection is empty, never null: write it without Option";
            all.push((span, quote! { !FACTS.optional || !FACTS.is_collection() }, message));
            let message =
                "a list or map of blocks cannot have dynamic values inside: write it as an attribute, without `block`";
            all.push((span, quote! { !FACTS.is_mixed() }, message));
        } else if self.place != Place::Function {
            let message = "something inside this is written as blocks, so it must be too: put #[tf(block)] on it";
            all.push((of, quote! { !FACTS.block_inside }, message));
        }
        if let Some(span) = options.write_only {
            let message = "a write-only value is not in the state: its type must be an Option";
            all.push((span, quote! { FACTS.optional }, message));
        }
        if let Some(span) = options.computed {
            let message = "what is computed cannot have write-only values inside: they come from the user";
            all.push((span, quote! { !FACTS.write_only_inside }, message));
        }
        if self.place != Place::Function {
            let message = "only a parameter of a function can be a Value: a resource has XConfig for what is not known";
            all.push((of, quote! { !FACTS.undecided }, message));
        }
        let message = "a set cannot have write-only or dynamic values inside: use a Vec or a BTreeMap";
        all.push((of, quote! { !FACTS.bad_set_inside }, message));
        all.extend(self.place.refusals().into_iter().map(|(holds, message)| (of, holds, message)));
        all
    }
}

/// A text stands for whatever is made from one: a String, a newtype around it.
fn converted(value: &Expr) -> TokenStream {
    match value {
        Expr::Lit(literal) if matches!(literal.lit, Lit::Str(_)) => quote! { ::core::convert::From::from(#value) },
        other => other.to_token_stream(),
    }
}

/// An expression for an `Option`.
pub fn optional<T: ToTokens>(value: Option<T>) -> TokenStream {
    value.map_or_else(
        || quote! { ::core::option::Option::None },
        |value| quote! { ::core::option::Option::Some(#value) },
    )
}

/// The digits of a number that is written out, without underscores and suffix.
pub fn literal(number: &Expr) -> Option<String> {
    match number {
        Expr::Lit(number) => match &number.lit {
            Lit::Int(digits) => Some(digits.base10_digits().to_owned()),
            Lit::Float(digits) => Some(digits.base10_digits().to_owned()),
            _ => None,
        },
        Expr::Unary(negative) if matches!(negative.op, UnOp::Neg(_)) => {
            literal(&negative.expr).map(|digits| format!("-{digits}"))
        }
        _ => None,
    }
}
