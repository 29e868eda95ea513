//! Rules for the value of one field: how they are built, and which types they are for.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, LitStr};

use crate::field::{literal, optional};
use crate::options::{Bounds, FieldOptions, Flag};

/// Calls of the methods of `Attribute` that add the rules.
pub fn builders(options: &FieldOptions) -> Vec<TokenStream> {
    let mut built = Vec::new();
    if let Some(span) = options.port {
        let (low, high) = (
            quote! { ::tfplugin_sdk::macro_support::number("1") },
            quote! { ::tfplugin_sdk::macro_support::number("65535") },
        );
        built.push(quote_spanned! { span =>
            range(::core::option::Option::Some(#low), ::core::option::Option::Some(#high))
        });
    }
    // What the provider alone says is no rule for anybody: it is a promise, kept from the plan on.
    let promised = options.is_promised();
    if let Some(range) = &options.range {
        let method = Ident::new(if promised { "promise_range" } else { "range" }, range.span);
        let arguments = numbers(&range.value);
        built.push(quote! { #method(#arguments) });
    }
    if let Some(length) = &options.length {
        let method = Ident::new(if promised { "promise_length" } else { "length" }, length.span);
        let arguments = counts(&length.value);
        built.push(quote! { #method(#arguments) });
    }
    if let Some(span) = options.not_empty {
        built.push(quote_spanned! { span =>
            length(::core::option::Option::Some(1), ::core::option::Option::None)
        });
    }
    if let Some(pattern) = &options.pattern {
        let pattern = &pattern.value;
        let message = optional(options.message.as_ref().map(|message| &message.value));
        built.push(quote! { pattern(#pattern, #message) });
    }
    for (texts, method) in [(&options.one_of, "one_of"), (&options.none_of, "none_of")] {
        if let Some(texts) = texts {
            let (method, texts) = (Ident::new(method, texts.span), &texts.value);
            built.push(quote! { #method(&[#(#texts),*]) });
        }
    }
    for (_, format) in formats(options) {
        built.push(quote! { format(::tfplugin_sdk::schema::Format::#format) });
    }
    if let Some(by) = &options.unique {
        let names = by.value.iter().map(|name| name.unraw().to_string());
        built.push(quote_spanned! { by.span => unique(&[#(#names),*]) });
    }
    if let Some(custom) = &options.custom {
        let function = &custom.value;
        built.push(quote_spanned! { function.span() =>
            custom(|value| ::tfplugin_sdk::macro_support::custom(value, #function))
        });
    }
    for (rules, method) in [(&options.each, "each"), (&options.keys, "keys")] {
        if let Some(rules) = rules {
            let (method, inner) = (Ident::new(method, rules.span), builders(&rules.value));
            built.push(quote! { #method(::tfplugin_sdk::schema::Attribute::rules() #(.#inner)*) });
        }
    }
    built
}

/// What must hold of a type for the rules on it, where each stands, and what to say if it does not hold.
pub fn assertions(options: &FieldOptions) -> Vec<(Span, TokenStream, &'static str)> {
    let mut all = Vec::new();
    let number = [options.port, options.range.as_ref().map(|range| range.span)];
    all.extend(
        number.into_iter().flatten().map(|span| (span, quote! { FACTS.is_number() }, "range and port are for numbers")),
    );
    let length = [options.not_empty, options.length.as_ref().map(|length| length.span)];
    if let Some(length) = options.length.as_ref().filter(|_| options.is_promised()) {
        let message = "of a computed text nothing can be promised about the length: only of lists, sets and maps";
        all.push((length.span, quote! { FACTS.is_collection() }, message));
    }
    let message = "length and not_empty are for texts, lists, sets and maps";
    all.extend(length.into_iter().flatten().map(|span| (span, quote! { FACTS.has_length() }, message)));
    let texts = [
        options.pattern.as_ref().map(|pattern| pattern.span),
        options.one_of.as_ref().map(|texts| texts.span),
        options.none_of.as_ref().map(|texts| texts.span),
    ];
    let formats = formats(options).into_iter().map(|(span, _)| Some(span));
    let message = "this rule is for texts";
    all.extend(texts.into_iter().chain(formats).flatten().map(|span| (span, quote! { FACTS.is_text() }, message)));
    let elements = [&options.each, &options.keys].map(|rules| rules.as_ref().map(|rules| rules.span));
    let message = "each, keys and unique are for lists, sets and maps";
    let unique = options.unique.as_ref();
    let collections = elements.into_iter().chain([unique.map(|by| by.span)]).flatten();
    all.extend(collections.map(|span| (span, quote! { FACTS.is_collection() }, message)));
    let by = unique.filter(|by| !by.value.is_empty()).map(|by| by.span);
    all.extend(by.map(|span| (span, quote! { FACTS.of_objects }, "unique(...) names attributes of objects")));
    all
}

/// Where rules stand that cannot be promises.
pub fn spans(options: &FieldOptions) -> Vec<Span> {
    let rules = FieldOptions { range: None, length: None, ..options.clone() };
    let spans = assertions(&rules).into_iter().map(|(span, _, _)| span);
    spans.chain(options.custom.as_ref().map(|custom| custom.span)).collect()
}

fn formats(options: &FieldOptions) -> Vec<(Span, TokenStream)> {
    let label = optional(options.pem_label.as_ref().map(|label| quote! { ::std::string::String::from(#label) }));
    let all: [(Flag, TokenStream); 6] = [
        (options.cidr, quote! { Cidr }),
        (options.ip, quote! { Ip }),
        (options.ipv4, quote! { Ipv4 }),
        (options.ipv6, quote! { Ipv6 }),
        (options.duration, quote! { Duration }),
        (options.pem, quote! { Pem(#label) }),
    ];
    all.into_iter().filter_map(|(flag, format)| Some((flag?, format))).collect()
}

fn numbers(bounds: &Bounds) -> TokenStream {
    let number = |bound: &Expr| {
        if let Some(text) = literal(bound) {
            let text = LitStr::new(&text, bound.span());
            quote! { ::tfplugin_sdk::macro_support::number(#text) }
        } else {
            quote! { ::tfplugin_sdk::Number::from(#bound) }
        }
    };
    let (min, max) = (optional(bounds.min.as_ref().map(number)), optional(bounds.max.as_ref().map(number)));
    quote! { #min, #max }
}

fn counts(bounds: &Bounds) -> TokenStream {
    let (min, max) = (optional(bounds.min.as_ref()), optional(bounds.max.as_ref()));
    quote! { #min, #max }
}
