//! Contradictions between options, and names that cannot be: what can be refused without knowing a type.

use std::cmp::Ordering;

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Expr, Lit, LitStr};

use crate::field::{Field, literal};
use crate::options::{Bounds, Errors, FieldOptions, Flag, Setting};
use crate::value_rules;

/// Names at the root of a resource that belong to Terraform.
const RESERVED_IN_RESOURCES: &[&str] =
    &["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"];

/// Names in a provider block that belong to Terraform.
const RESERVED_IN_PROVIDERS: &[&str] = &["alias", "count", "depends_on", "for_each", "source", "version"];

/// Names of blocks, at the root of both, that belong to Terraform.
const RESERVED_BLOCKS: &[&str] = &["lifecycle", "locals"];

/// Where the fields stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Resource,
    /// A data source or an ephemeral resource.
    Declaration,
    /// An action or a list resource: there are arguments, and nothing is answered.
    Arguments,
    Function,
    Object,
    Provider,
}

impl Place {
    /// What must hold of every type in such a struct, and what to say if it does not.
    pub fn refusals(self) -> Vec<(TokenStream, &'static str)> {
        let write_only =
            (quote! { !FACTS.write_only_inside }, "only resources have write-only values: inside this is one");
        let computed = |message| (quote! { !FACTS.computed_inside }, message);
        let default = |message| (quote! { !FACTS.default_inside }, message);
        match self {
            Self::Resource | Self::Object => Vec::new(),
            Self::Declaration => vec![write_only],
            Self::Function => vec![
                write_only,
                computed("a function is given all of its arguments: inside this is something computed"),
            ],
            Self::Arguments => vec![
                write_only,
                computed("only what the user sets stands here: inside this is something computed"),
                default("only what the user sets stands here: inside this is something with a default"),
            ],
            Self::Provider => vec![
                write_only,
                computed("a provider block has only what the user sets: inside this is something computed"),
            ],
        }
    }
}

/// Checks all fields and reports everything at once.
pub fn check(fields: &[Field], place: Place, errors: &mut Errors) {
    for field in fields {
        let options = &field.options;
        check_name(field, place, errors);
        check_presence(options, errors);
        check_plan_modifiers(options, errors);
        check_causes(options, fields, errors);
        check_block(options, errors);
        check_promises(options, errors);
        check_rules(options, errors);
        check_default(options, errors);
        if let Some(span) = options.variadic.filter(|_| place != Place::Function) {
            errors.add(span, "only the parameters of a function are variadic: write the field as a Vec");
        }
        match place {
            Place::Provider => check_provider(options, errors),
            Place::Declaration => check_declaration(options, errors),
            Place::Arguments => check_arguments(options, errors),
            Place::Function => check_function(options, errors),
            Place::Object => check_object(options, errors),
            Place::Resource => {}
        }
    }
}

fn check_name(field: &Field, place: Place, errors: &mut Errors) {
    let name = field.name();
    let reserved = match place {
        Place::Resource | Place::Declaration | Place::Arguments => RESERVED_IN_RESOURCES,
        Place::Object | Place::Function => &[],
        Place::Provider => RESERVED_IN_PROVIDERS,
    };
    let blocks = if reserved.is_empty() || !field.options.is_block() { &[] } else { RESERVED_BLOCKS };
    if reserved.iter().chain(blocks).any(|kept| *kept == name) {
        errors.add(field.ident.span(), format!("Terraform keeps the name `{name}` for itself: choose another one"));
    }
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !name.bytes().all(legal) {
        errors.add(field.ident.span(), "a name in Terraform has only a-z, 0-9 and _: write it in snake case");
    }
}

fn check_presence(options: &FieldOptions, errors: &mut Errors) {
    let FieldOptions { computed, optional, required, write_only, .. } = *options;
    let default = span(options.default.as_ref());
    forbid(errors, default, computed, "what has a default cannot be computed: the default is what it is when not set");
    forbid(errors, required, computed, "what is required cannot be computed");
    forbid(errors, write_only, computed, "what is write-only cannot be computed: nobody could read it");
    forbid(errors, default, write_only, "what is write-only cannot have a default: use the value in `create`");
    if computed.is_none() {
        let message = "an attribute is required by its type: write it without Option, and without `required`";
        need(errors, required, write_only, message);
    }
    need(errors, optional, computed, "an attribute is optional by its type: write it as an Option, without `optional`");
}

fn check_plan_modifiers(options: &FieldOptions, errors: &mut Errors) {
    let FieldOptions { computed, optional, keep, keep_non_null, replace, write_only, .. } = *options;
    let replace = replace.or(span(options.replace_if.as_ref()));
    let computed_when = span(options.computed_when.as_ref());
    forbid(errors, span(options.replace_if.as_ref()), options.replace, "replace_if says when; replace says always");
    forbid(errors, keep_non_null, keep, "keep_non_null is keep, but for null: one of them is enough");
    forbid(errors, computed_when, keep.or(keep_non_null), "computed_when keeps already");
    let kept = "is for computed attributes: others are what the configuration says";
    need(errors, computed_when, computed, &format!("computed_when {kept}"));
    need(errors, keep_non_null, computed, &format!("keep_non_null {kept}"));
    need(errors, keep, computed, &format!("keep {kept}"));
    let message = "prefix is what a computed text is known to start with: what the user sets has a pattern = \"^...\"";
    need(errors, span(options.prefix.as_ref()), computed, message);
    forbid(
        errors,
        replace,
        write_only,
        "a change of a write-only value cannot be seen: replace by a version beside it",
    );
    if optional.is_none() {
        forbid(errors, replace, computed, "only what the user sets can replace: this is computed");
    }
}

/// What a computed attribute changes with is there.
fn check_causes(options: &FieldOptions, fields: &[Field], errors: &mut Errors) {
    for cause in options.computed_when.iter().flat_map(|causes| &causes.value) {
        if !fields.iter().any(|field| field.ident == *cause) {
            errors.add(cause.span(), format!("there is no attribute `{}` that could change", cause.unraw()));
        }
    }
}

fn check_block(options: &FieldOptions, errors: &mut Errors) {
    let FieldOptions { block, optional, keep, keep_non_null, sensitive, write_only, .. } = *options;
    let message = "a block has only rules, `computed` and `replace`: what is inside can have the rest";
    let others = [optional, keep, keep_non_null, sensitive, write_only, span(options.default.as_ref())];
    for other in others {
        forbid(errors, other, block, message);
    }
}

fn check_promises(options: &FieldOptions, errors: &mut Errors) {
    if options.optional.is_none() {
        for rule in value_rules::spans(options) {
            forbid(
                errors,
                Some(rule),
                options.computed,
                "rules are for what the user sets: this is computed (only range and length can stand here, as promises of a plan)",
            );
        }
    }
}

/// The rules of an attribute, and those of its elements and keys.
fn check_rules(options: &FieldOptions, errors: &mut Errors) {
    let message = span(options.message.as_ref());
    need(errors, message, span(options.pattern.as_ref()), "message says a pattern in words: there is none");
    for bounds in [&options.range, &options.length].into_iter().flatten() {
        if allows_nothing(&bounds.value) {
            errors.add(bounds.span, "these bounds allow nothing: the lower one stands first");
        }
    }
    if let Some(pattern) = &options.pattern
        && let Err(error) = regex_syntax::parse(&pattern.value.value())
    {
        errors.add(pattern.value.span(), format!("not a regular expression: {error}"));
    }
    for inner in [&options.each, &options.keys].into_iter().flatten() {
        check_rules(&inner.value, errors);
    }
}

/// A default that is written out keeps the rules beside it. What is not written out, `Provider::assert_valid` sees.
fn check_default(options: &FieldOptions, errors: &mut Errors) {
    let Some(default) = &options.default else { return };
    let span = default.value.span();
    if let Some(number) = literal(&default.value) {
        let is_below = |bound: &Option<Expr>| order(&number, bound.as_ref()) == Some(Ordering::Less);
        let is_above = |bound: &Option<Expr>| order(&number, bound.as_ref()) == Some(Ordering::Greater);
        if options.range.as_ref().is_some_and(|Setting { value, .. }| is_below(&value.min) || is_above(&value.max)) {
            errors.add(span, "this default is outside the range that stands beside it");
        }
        if options.port.is_some() && number.parse::<u16>().map_or(true, |port| port == 0) {
            errors.add(span, "this default is no port: ports are 1 to 65535");
        }
    }
    let Expr::Lit(literal) = &default.value else { return };
    let Lit::Str(text) = &literal.lit else { return };
    let (text, length) = (text.value(), text.value().chars().count().to_string());
    let is_one = |texts: &Setting<Vec<LitStr>>| texts.value.iter().any(|allowed| allowed.value() == text);
    if options.one_of.as_ref().is_some_and(|texts| !is_one(texts)) {
        errors.add(span, "this default is none of the texts of one_of(...)");
    }
    if options.none_of.as_ref().is_some_and(is_one) {
        errors.add(span, "this default is one of the texts of none_of(...)");
    }
    let outside = |Setting { value, .. }: &Setting<Bounds>| {
        order(&length, value.min.as_ref()) == Some(Ordering::Less)
            || order(&length, value.max.as_ref()) == Some(Ordering::Greater)
    };
    if options.length.as_ref().is_some_and(outside) || (options.not_empty.is_some() && text.is_empty()) {
        errors.add(span, format!("this default has {length} characters, which the rule beside it does not allow"));
    }
}

fn check_provider(options: &FieldOptions, errors: &mut Errors) {
    let message = "a provider block has only what the user sets; defaults belong into `configure`";
    let default = span(options.default.as_ref());
    for span in of_plans(options).into_iter().chain([options.computed, options.write_only, default]).flatten() {
        errors.add(span, message);
    }
    if let Some(timeouts) = &options.timeouts {
        errors.add(timeouts.span, "a provider block has no operations that could take long");
    }
}

fn check_function(options: &FieldOptions, errors: &mut Errors) {
    let message = "a parameter has a type and rules for its value, nothing else";
    let FieldOptions { computed, optional, required, write_only, sensitive, block, .. } = *options;
    let others = [computed, optional, required, write_only, sensitive, block, span(options.prefix.as_ref())];
    let settings = [span(options.default.as_ref()), span(options.timeouts.as_ref()), span(options.deprecated.as_ref())];
    for span in of_plans(options).into_iter().chain(others).chain(settings).flatten() {
        errors.add(span, message);
    }
}

fn check_arguments(options: &FieldOptions, errors: &mut Errors) {
    check_declaration(options, errors);
    for span in [options.computed, span(options.default.as_ref())].into_iter().flatten() {
        errors
            .add(span, "only what the user sets stands here: there is no answer for computed values, and no defaults");
    }
}

fn check_declaration(options: &FieldOptions, errors: &mut Errors) {
    for span in of_plans(options).into_iter().chain([span(options.prefix.as_ref())]).flatten() {
        errors.add(span, "only resources have a plan that this could change");
    }
    if let Some(span) = options.write_only {
        errors.add(span, "only resources have write-only values: what is asked here is not stored anyway");
    }
}

fn check_object(options: &FieldOptions, errors: &mut Errors) {
    let computed_when = span(options.computed_when.as_ref());
    for span in
        [computed_when, span(options.replace_if.as_ref()), span(options.timeouts.as_ref())].into_iter().flatten()
    {
        errors.add(span, "this is for attributes at the root of a resource, not inside one");
    }
}

/// What says how a plan is made.
fn of_plans(options: &FieldOptions) -> [Flag; 5] {
    let FieldOptions { keep, keep_non_null, replace, .. } = *options;
    [keep, keep_non_null, replace, span(options.computed_when.as_ref()), span(options.replace_if.as_ref())]
}

fn span<T>(setting: Option<&Setting<T>>) -> Flag {
    setting.map(|setting| setting.span)
}

fn forbid(errors: &mut Errors, option: Flag, beside: Flag, message: &str) {
    if let (Some(span), Some(_)) = (option, beside) {
        errors.add(span, message);
    }
}

fn need(errors: &mut Errors, option: Flag, beside: Flag, message: &str) {
    if let (Some(span), None) = (option, beside) {
        errors.add(span, message);
    }
}

fn allows_nothing(bounds: &Bounds) -> bool {
    let min = bounds.min.as_ref().and_then(literal);
    min.is_some_and(|min| order(&min, bounds.max.as_ref()) == Some(Ordering::Greater))
}

/// How a number that is written out compares to another one; `None` where that is not written out.
fn order(number: &str, other: Option<&Expr>) -> Option<Ordering> {
    let other = literal(other?)?;
    match (number.parse::<i128>(), other.parse::<i128>()) {
        (Ok(number), Ok(other)) => Some(number.cmp(&other)),
        _ => number.parse::<f64>().ok()?.partial_cmp(&other.parse::<f64>().ok()?),
    }
}

/// The type name of what a struct declares: `clb_quic_listener`.
pub fn type_name(of: &Ident, name: Option<Setting<LitStr>>) -> syn::Result<LitStr> {
    let name = name
        .ok_or_else(|| {
            syn::Error::new(of.span(), "missing #[tf(name = \"...\")] on the struct: its name in Terraform")
        })?
        .value;
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let text = name.value();
    if text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(legal) {
        Ok(name)
    } else {
        Err(syn::Error::new(name.span(), "a type name has only a-z, 0-9 and _, and starts with a letter"))
    }
}
