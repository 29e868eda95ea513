//! Contradictions between options, and names that cannot be: what can be refused without knowing a type.

use proc_macro2::Ident;
use syn::LitStr;

use crate::field::{Field, literal};
use crate::options::{Bounds, Errors, FieldOptions, Flag, Setting};
use crate::value_rules;

/// Names at the root of a resource that belong to Terraform.
const RESERVED_IN_RESOURCES: &[&str] =
    &["connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"];

/// Names in a provider block that belong to Terraform.
const RESERVED_IN_PROVIDERS: &[&str] = &["alias", "version"];

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

/// Checks all fields and reports everything at once.
pub fn check(fields: &[Field], place: Place) -> syn::Result<()> {
    let mut errors = Errors::default();
    for field in fields {
        check_name(field, place, &mut errors);
        check_presence(&field.options, &mut errors);
        check_plan_modifiers(&field.options, &mut errors);
        check_block(&field.options, &mut errors);
        check_validators(&field.options, &mut errors);
        if let Some(span) = field.options.variadic.filter(|_| place != Place::Function) {
            errors.add(span, "only the parameters of a function are variadic");
        }
        match place {
            Place::Provider => check_provider(&field.options, &mut errors),
            Place::Declaration => check_declaration(&field.options, &mut errors),
            Place::Arguments => check_arguments(&field.options, &mut errors),
            Place::Function => check_function(&field.options, &mut errors),
            Place::Resource | Place::Object => {}
        }
    }
    errors.finish()
}

fn check_name(field: &Field, place: Place, errors: &mut Errors) {
    let name = field.name();
    let reserved = match place {
        Place::Resource | Place::Declaration | Place::Arguments => RESERVED_IN_RESOURCES,
        Place::Object | Place::Function => &[],
        Place::Provider => RESERVED_IN_PROVIDERS,
    };
    if reserved.contains(&name.as_str()) {
        errors.add(field.ident.span(), format!("Terraform keeps the name `{name}` for itself"));
    }
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if !name.bytes().all(legal) {
        errors.add(field.ident.span(), "a name in Terraform has only a-z, 0-9 and _");
    }
}

fn check_presence(options: &FieldOptions, errors: &mut Errors) {
    let FieldOptions { computed, optional, required, write_only, .. } = *options;
    let default = span(options.default.as_ref());
    forbid(errors, default, computed, "what has a default cannot be computed: the default is what it is when not set");
    forbid(errors, required, computed, "what is required cannot be computed");
    forbid(errors, write_only, computed, "what is write-only cannot be computed: nobody could read it");
    forbid(errors, default, write_only, "what is write-only cannot have a default");
    need(errors, required, write_only, "an attribute is required by its type: write it without Option");
    need(errors, optional, computed, "an attribute is optional by its type: write it as an Option");
}

fn check_plan_modifiers(options: &FieldOptions, errors: &mut Errors) {
    let FieldOptions { computed, optional, keep, keep_non_null, replace, write_only, .. } = *options;
    let replace = replace.or(span(options.replace_if.as_ref()));
    let computed_when = span(options.computed_when.as_ref());
    forbid(errors, span(options.replace_if.as_ref()), options.replace, "replace_if says when; replace says always");
    forbid(errors, keep_non_null, keep, "keep_non_null is keep, but for null: one of them is enough");
    forbid(errors, computed_when, keep.or(keep_non_null), "computed_when keeps already");
    need(errors, computed_when, computed, "computed_when is for computed attributes");
    need(errors, keep_non_null, computed, "keep_non_null is for computed attributes");
    need(errors, keep, computed, "keep is for computed attributes: others are what the configuration says");
    need(errors, span(options.prefix.as_ref()), computed, "prefix is for computed attributes");
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

fn check_block(options: &FieldOptions, errors: &mut Errors) {
    let FieldOptions { block, optional, keep, keep_non_null, sensitive, write_only, .. } = *options;
    let message = "a block has only rules, `computed` and `replace`: what is inside can have the rest";
    let others = [optional, keep, keep_non_null, sensitive, write_only, span(options.default.as_ref())];
    for other in others {
        forbid(errors, other, block, message);
    }
}

fn check_validators(options: &FieldOptions, errors: &mut Errors) {
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
    let message = span(options.message.as_ref());
    need(errors, message, span(options.pattern.as_ref()), "message says a pattern in words: there is none");
    for bounds in [&options.range, &options.length].into_iter().flatten() {
        if allows_nothing(&bounds.value) {
            errors.add(bounds.span, "these bounds allow nothing");
        }
    }
    if let Some(pattern) = &options.pattern
        && let Err(error) = regex_syntax::parse(&pattern.value.value())
    {
        errors.add(pattern.value.span(), format!("not a regular expression: {error}"));
    }
}

fn check_provider(options: &FieldOptions, errors: &mut Errors) {
    let FieldOptions { keep_non_null, computed, keep, replace, write_only, .. } = *options;
    let default = span(options.default.as_ref());
    for span in [
        keep_non_null,
        span(options.computed_when.as_ref()),
        span(options.replace_if.as_ref()),
        computed,
        keep,
        replace,
        write_only,
        default,
    ]
    .into_iter()
    .flatten()
    {
        errors.add(span, "a provider block has only what the user sets; defaults belong into `configure`");
    }
}

fn check_function(options: &FieldOptions, errors: &mut Errors) {
    let FieldOptions { keep_non_null, computed, keep, replace, write_only, sensitive, .. } = *options;
    let default = span(options.default.as_ref());
    let message = "a parameter has a type and rules for its value, nothing else";
    for span in [
        keep_non_null,
        span(options.computed_when.as_ref()),
        span(options.replace_if.as_ref()),
        computed,
        keep,
        replace,
        write_only,
        sensitive,
        default,
    ]
    .into_iter()
    .flatten()
    {
        errors.add(span, message);
    }
    if let Some(deprecated) = &options.deprecated {
        errors.add(deprecated.span, message);
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
    let FieldOptions { keep_non_null, keep, replace, write_only, .. } = *options;
    for span in [
        keep_non_null,
        span(options.computed_when.as_ref()),
        span(options.replace_if.as_ref()),
        keep,
        replace,
        span(options.prefix.as_ref()),
    ]
    .into_iter()
    .flatten()
    {
        errors.add(span, "only resources have a plan that this could change");
    }
    if let Some(span) = write_only {
        errors.add(span, "only resources have write-only values: what is asked here is not stored anyway");
    }
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
    let number = |bound: &syn::Expr| literal(bound)?.parse::<f64>().ok();
    match (bounds.min.as_ref().and_then(number), bounds.max.as_ref().and_then(number)) {
        (Some(min), Some(max)) => min > max,
        _ => false,
    }
}

/// The type name of what a struct declares: `clb_quic_listener`.
pub fn type_name(of: &Ident, name: Option<Setting<LitStr>>) -> syn::Result<LitStr> {
    let name = name.ok_or_else(|| syn::Error::new(of.span(), "missing #[tf(name = \"...\")] on the struct"))?.value;
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let text = name.value();
    if text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(legal) {
        Ok(name)
    } else {
        Err(syn::Error::new(name.span(), "a type name has only a-z, 0-9 and _, and starts with a letter"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proc_macro2::TokenStream;
    use quote::quote;

    fn refused(field: &TokenStream) -> String {
        let input = syn::parse2(quote! { #[tf(name = "a_thing")] struct Thing { #field } }).unwrap();
        let error = crate::resource::expand(&input).expect_err("this is a contradiction");
        error.into_iter().map(|error| error.to_string()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn contradictions_do_not_compile() {
        for (field, message) in [
            (quote! { #[tf(block, sensitive)] a: Part }, "a block has only rules"),
            (quote! { #[tf(computed, default = 1)] a: u8 }, "what has a default cannot be computed"),
            (quote! { #[tf(required, computed)] a: u8 }, "what is required cannot be computed"),
            (quote! { #[tf(required)] a: u8 }, "required by its type"),
            (quote! { #[tf(optional)] a: u8 }, "optional by its type"),
            (quote! { #[tf(keep)] a: u8 }, "keep is for computed"),
            (quote! { #[tf(prefix = "x")] a: String }, "prefix is for computed"),
            (quote! { #[tf(write_only, computed)] a: Option<u8> }, "what is write-only cannot be computed"),
            (quote! { #[tf(write_only, default = 1)] a: u8 }, "what is write-only cannot have a default"),
            (quote! { #[tf(write_only, replace)] a: Option<u8> }, "a change of a write-only value cannot be seen"),
            (quote! { #[tf(computed, replace)] a: u8 }, "only what the user sets can replace"),
            (quote! { #[tf(computed, pattern = "x")] a: String }, "rules are for what the user sets"),
            (quote! { #[tf(message = "m")] a: String }, "there is none"),
            (quote! { #[tf(range(2..=1))] a: u8 }, "these bounds allow nothing"),
            (quote! { #[tf(range(1..2))] a: u8 }, "write ..= here"),
            (quote! { #[tf(length(1))] a: String }, "expected bounds"),
            (quote! { #[tf(pattern = "(")] a: String }, "not a regular expression"),
            (quote! { #[tf(one_of())] a: String }, "one_of allows nothing"),
            (quote! { #[tf(keeps)] a: u8 }, "unknown option; an attribute has: block, timeouts"),
            (quote! { #[tf(sensitive, sensitive)] a: u8 }, "this stands here already"),
            (quote! { count: u8 }, "Terraform keeps the name `count` for itself"),
            (quote! { Port: u8 }, "a name in Terraform has only"),
        ] {
            let found = refused(&field);
            assert!(found.contains(message), "{field}: {found}");
        }
    }

    #[test]
    fn all_contradictions_are_reported_at_once() {
        let found = refused(&quote! { #[tf(keep)] a: u8, #[tf(optional)] b: u8, provider: u8 });
        assert_eq!(found.lines().count(), 3, "{found}");
    }

    #[test]
    fn what_only_resources_have_is_refused_elsewhere() {
        for (field, message) in [
            (quote! { #[tf(replace)] a: u8 }, "only resources have a plan"),
            (quote! { #[tf(computed, keep)] a: u8 }, "only resources have a plan"),
            (quote! { #[tf(write_only)] a: Option<u8> }, "only resources have write-only values"),
            (quote! { count: u8 }, "Terraform keeps the name `count` for itself"),
        ] {
            let input = syn::parse2(quote! { #[tf(name = "a_thing")] struct Thing { #field } }).unwrap();
            let error = crate::declaration::expand(&input).expect_err("refused").to_string();
            assert!(error.contains(message), "{field}: {error}");
        }
    }

    #[test]
    fn what_no_parameter_can_have_is_refused() {
        for (fields, message) in [
            (quote! { #[tf(computed)] a: u8 }, "a parameter has a type and rules"),
            (quote! { #[tf(default = 1)] a: u8 }, "a parameter has a type and rules"),
            (quote! { #[tf(variadic)] a: Vec<u8>, b: u8 }, "only the last parameter can be variadic"),
        ] {
            let input = syn::parse2(quote! { #[tf(name = "a_thing")] struct Thing { #fields } }).unwrap();
            let error = crate::function::expand(&input).expect_err("refused").to_string();
            assert!(error.contains(message), "{fields}: {error}");
        }
        assert!(refused(&quote! { #[tf(variadic)] a: Vec<u8> }).contains("only the parameters of a function"));
    }

    #[test]
    fn a_struct_that_is_no_resource_is_refused() {
        for (input, message) in [
            (quote! { struct Thing { a: u8 } }, "missing #[tf(name = \"...\")]"),
            (quote! { #[tf(name = "A-Thing")] struct Thing { a: u8 } }, "a type name has only"),
            (quote! { #[tf(nam = "a")] struct Thing { a: u8 } }, "unknown option; this derive has: name"),
            (quote! { #[tf(name = "a")] struct Thing(u8); }, "only a struct with named fields"),
            (quote! { #[tf(name = "a")] struct Thing<T> { a: T } }, "a type with parameters has no schema"),
            (quote! { #[tf(name = "a", import = "{b}")] struct Thing { a: u8 } }, "there is no attribute `b`"),
            (quote! { #[tf(name = "a", import = "{a}{b}")] struct Thing { a: u8, b: u8 } }, "nothing between"),
            (quote! { #[tf(name = "a", conflicts(a))] struct Thing { a: u8 } }, "names at least two"),
            (quote! { #[tf(name = "a", conflicts(a, b))] struct Thing { a: u8 } }, "there is no attribute `b`"),
            (
                quote! { #[tf(name = "a", conflicts(a = 1, b))] struct Thing { a: u8, b: u8 } },
                "only names of attributes",
            ),
            (quote! { #[tf(name = "a", less_than(a, b, c))] struct Thing { a: u8, b: u8, c: u8 } }, "two numbers"),
            (quote! { #[tf(name = "a", required_when(a = 1))] struct Thing { a: u8 } }, "what they require"),
            (quote! { #[tf(name = "a", refused_when(a = 1))] struct Thing { a: u8 } }, "what they refuse"),
            (quote! { #[tf(name = "a", import = "{a")] struct Thing { a: u8 } }, "is not closed"),
            (quote! { #[tf(name = "a", import = "a")] struct Thing { a: u8 } }, "names no attribute"),
        ] {
            let error = crate::resource::expand(&syn::parse2(input.clone()).unwrap()).expect_err("refused");
            assert!(error.to_string().contains(message), "{input}: {error}");
        }
    }
}
