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

/// What must hold of a type for a rule on it, where the rule stands, and what to say if it does not hold.
type Assertion = (Span, TokenStream, &'static str);

/// What must hold of the type of a field for the rules on it.
pub fn assertions(options: &FieldOptions) -> Vec<Assertion> {
    let mut all = on_form(options, &quote! { FACTS.form });
    if let Some(length) = options.length.as_ref().filter(|_| options.is_promised()) {
        let message = "of a computed text nothing can be promised about the length: only of lists, sets and maps";
        all.push((length.span, quote! { FACTS.is_collection() }, message));
    }
    if let Some(unique) = &options.unique {
        all.push((unique.span, quote! { FACTS.is_collection() }, "unique is for lists, sets and maps"));
        if !unique.value.is_empty() {
            all.push((unique.span, quote! { FACTS.of_objects }, "unique(...) names attributes of objects"));
        }
    }
    if let Some(each) = &options.each {
        all.push((each.span, quote! { FACTS.is_collection() }, "each is for the elements of lists, sets and maps"));
        for (span, holds, message) in on_form(&each.value, &quote! { elements }) {
            let holds = quote! { match FACTS.elements {
                ::core::option::Option::Some(elements) => #holds,
                ::core::option::Option::None => true,
            } };
            all.push((span, holds, message));
        }
    }
    if let Some(keys) = &options.keys {
        all.push((
            keys.span,
            quote! { FACTS.form.is_map() },
            "keys is for maps: the elements of lists and sets have each(...)",
        ));
        for (span, holds, message) in on_form(&keys.value, &quote! { ::tfplugin_sdk::Form::Text }) {
            all.push((span, quote! { !FACTS.form.is_map() || #holds }, message));
        }
    }
    all
}

/// The same for the rules on values of one form.
fn on_form(options: &FieldOptions, form: &TokenStream) -> Vec<Assertion> {
    let mut all = Vec::new();
    let range = [options.port, options.range.as_ref().map(|range| range.span)];
    let message = "range and port are for numbers; texts and collections have a length(...)";
    all.extend(range.into_iter().flatten().map(|span| (span, quote! { #form.is_number() }, message)));
    let length = [options.not_empty, options.length.as_ref().map(|length| length.span)];
    let message = "length and not_empty are for texts, lists, sets and maps; numbers have a range(...)";
    all.extend(length.into_iter().flatten().map(|span| (span, quote! { #form.has_length() }, message)));
    let texts = [
        options.pattern.as_ref().map(|pattern| pattern.span),
        options.one_of.as_ref().map(|texts| texts.span),
        options.none_of.as_ref().map(|texts| texts.span),
    ];
    let formats = formats(options).into_iter().map(|(span, _)| Some(span));
    let message = "this rule is for texts; in each(...) it is for the texts in a collection";
    all.extend(texts.into_iter().chain(formats).flatten().map(|span| (span, quote! { #form.is_text() }, message)));
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
