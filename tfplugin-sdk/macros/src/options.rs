//! Reading `#[tf(...)]`. Which options go together is for `rules` to say.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Expr, ExprPath, ExprRange, Lit, LitInt, LitStr, Meta, RangeLimits, Token, Type, parenthesized, token,
};

use crate::between::{self, Between};

/// Whether a word stands there, and where.
pub type Flag = Option<Span>;

/// An option with a value, and where its name stands.
#[derive(Clone)]
pub struct Setting<T> {
    pub span: Span,
    pub value: T,
}

/// The options of a field.
#[derive(Clone, Default)]
pub struct FieldOptions {
    pub computed: Flag,
    pub optional: Flag,
    pub required: Flag,
    pub keep: Flag,
    pub replace: Flag,
    pub sensitive: Flag,
    pub write_only: Flag,
    pub variadic: Flag,
    pub prefix: Option<Setting<LitStr>>,
    pub default: Option<Setting<Expr>>,
    pub range: Option<Setting<Bounds>>,
    pub length: Option<Setting<Bounds>>,
    pub pattern: Option<Setting<LitStr>>,
    pub message: Option<Setting<LitStr>>,
    pub one_of: Option<Setting<Vec<LitStr>>>,
    pub deprecated: Option<Setting<LitStr>>,
    pub block: Flag,
    pub timeouts: Option<Setting<Vec<(Ident, LitStr)>>>,
    pub keep_non_null: Flag,
    pub computed_when: Option<Setting<Vec<Ident>>>,
    pub replace_if: Option<Setting<ExprPath>>,
    pub none_of: Option<Setting<Vec<LitStr>>>,
    pub not_empty: Flag,
    pub port: Flag,
    pub unique: Option<Setting<Vec<Ident>>>,
    pub cidr: Flag,
    pub ip: Flag,
    pub ipv4: Flag,
    pub ipv6: Flag,
    pub duration: Flag,
    pub pem: Flag,
    pub pem_label: Option<LitStr>,
    pub custom: Option<Setting<ExprPath>>,
    pub each: Option<Setting<Box<FieldOptions>>>,
    pub keys: Option<Setting<Box<FieldOptions>>>,
}

/// The options of a struct.
#[derive(Default)]
pub struct StructOptions {
    pub name: Option<Setting<LitStr>>,
    pub version: Option<Setting<LitInt>>,
    pub import: Option<Setting<LitStr>>,
    pub import_also: Option<Setting<Vec<LitStr>>>,
    pub lists: Option<Setting<Type>>,
    pub deprecated: Option<Setting<LitStr>>,
    pub plan: Flag,
    pub canonical: Option<Setting<ExprPath>>,
    pub constraints: Vec<Between>,
    pub identity: Option<Setting<Vec<Ident>>>,
    pub upgrade: Option<Setting<Vec<Prior>>>,
    pub identity_version: Option<Setting<LitInt>>,
}

/// A version of the state, and the struct that has its shape.
pub struct Prior {
    pub version: LitInt,
    pub state: Type,
}

impl Parse for Prior {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let version = input.parse()?;
        input.parse::<Token![=]>()?;
        Ok(Self { version, state: input.parse()? })
    }
}

/// Inclusive bounds.
#[derive(Clone)]
pub struct Bounds {
    pub min: Option<Expr>,
    pub max: Option<Expr>,
}

impl FieldOptions {
    /// Whether users write it as blocks.
    pub fn is_block(&self) -> bool {
        self.block.is_some() || self.timeouts.is_some()
    }

    /// Whether bounds are what the provider promises while planning: nobody else sets it.
    pub fn is_promised(&self) -> bool {
        self.computed.is_some() && self.optional.is_none()
    }

    pub fn read(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut options = Self::default();
        for_each(attributes, |meta| options.take(meta))?;
        Ok(options)
    }

    /// The rules in the parentheses of `each(...)` and `keys(...)`.
    fn rules(meta: &ParseNestedMeta<'_>) -> syn::Result<Box<Self>> {
        let mut options = Self::default();
        meta.parse_nested_meta(|inner| match name(&inner).as_str() {
            "range" | "length" | "pattern" | "message" | "one_of" | "none_of" | "not_empty" | "port" | "cidr"
            | "ip" | "ipv4" | "ipv6" | "duration" | "pem" | "custom" => options.take(&inner),
            _ => Err(inner.error("only rules for a value can stand here, such as length(1..=20) or pattern = \"...\"")),
        })?;
        Ok(Box::new(options))
    }

    fn take(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        let options = self;
        match name(meta).as_str() {
            "block" => flag(meta, &mut options.block),
            "timeouts" => set(meta, &mut options.timeouts, durations(meta)?),
            "keep_non_null" => flag(meta, &mut options.keep_non_null),
            "computed_when" => set(meta, &mut options.computed_when, idents(meta)?),
            "replace_if" => value(meta, &mut options.replace_if),
            "none_of" => set(meta, &mut options.none_of, texts(meta)?),
            "not_empty" => flag(meta, &mut options.not_empty),
            "port" => flag(meta, &mut options.port),
            "unique" => {
                let by = if meta.input.peek(token::Paren) { idents(meta)? } else { Vec::new() };
                set(meta, &mut options.unique, by)
            }
            "cidr" => flag(meta, &mut options.cidr),
            "ip" => flag(meta, &mut options.ip),
            "ipv4" => flag(meta, &mut options.ipv4),
            "ipv6" => flag(meta, &mut options.ipv6),
            "duration" => flag(meta, &mut options.duration),
            "pem" => {
                if meta.input.peek(Token![=]) {
                    options.pem_label = Some(meta.value()?.parse()?);
                }
                flag(meta, &mut options.pem)
            }
            "custom" => value(meta, &mut options.custom),
            "each" => set(meta, &mut options.each, Self::rules(meta)?),
            "keys" => set(meta, &mut options.keys, Self::rules(meta)?),
            "computed" => flag(meta, &mut options.computed),
            "optional" => flag(meta, &mut options.optional),
            "required" => flag(meta, &mut options.required),
            "keep" => flag(meta, &mut options.keep),
            "replace" => flag(meta, &mut options.replace),
            "sensitive" => flag(meta, &mut options.sensitive),
            "write_only" => flag(meta, &mut options.write_only),
            "variadic" => flag(meta, &mut options.variadic),
            "prefix" => value(meta, &mut options.prefix),
            "default" => value(meta, &mut options.default),
            "range" => set(meta, &mut options.range, bounds(meta)?),
            "length" => set(meta, &mut options.length, bounds(meta)?),
            "pattern" => value(meta, &mut options.pattern),
            "message" => value(meta, &mut options.message),
            "one_of" => set(meta, &mut options.one_of, texts(meta)?),
            "deprecated" => value(meta, &mut options.deprecated),
            _ => Err(meta.error(
                "unknown option; an attribute has: block, timeouts(create = \"5m\"), computed, optional, required, keep, keep_non_null, \
                     computed_when(...), replace, replace_if = function, sensitive, \
                     write_only, prefix = \"...\", default = ..., range(..=..), length(..=..), pattern = \"...\", \
                     message = \"...\", one_of(\"...\"), none_of(\"...\"), not_empty, port, unique, unique(...), cidr, ip, ipv4, ipv6, \
                     duration, pem, custom = function, each(...), keys(...), deprecated = \"...\"",
            )),
        }
    }
}

impl StructOptions {
    /// Reads the options of a struct for which `allowed` are possible.
    pub fn read(attributes: &[Attribute], allowed: &[&str]) -> syn::Result<Self> {
        let mut options = Self::default();
        for_each(attributes, |meta| {
            let name = name(meta);
            // "between" stands for all the rules between attributes.
            let rules = if allowed.contains(&"between") { between::KINDS } else { &[] };
            let between = rules.contains(&name.as_str());
            if !between && !allowed.contains(&name.as_str()) {
                return Err(meta.error(match allowed {
                    [] => "this derive has no options for the struct".to_owned(),
                    allowed => {
                        let known = allowed.iter().filter(|name| **name != "between").chain(rules);
                        let known: Vec<&str> = known.copied().collect();
                        format!("unknown option; this derive has: {}", known.join(", "))
                    }
                }));
            }
            match name.as_str() {
                "name" => value(meta, &mut options.name),
                "version" => value(meta, &mut options.version),
                "import" => value(meta, &mut options.import),
                "import_also" => set(meta, &mut options.import_also, texts(meta)?),
                "lists" => value(meta, &mut options.lists),
                "deprecated" => value(meta, &mut options.deprecated),
                "identity" => set(meta, &mut options.identity, idents(meta)?),
                rule if between => {
                    options.constraints.push(Between::read(meta, rule)?);
                    Ok(())
                }
                "canonical" => value(meta, &mut options.canonical),
                "upgrade" => set(meta, &mut options.upgrade, priors(meta)?),
                "identity_version" => value(meta, &mut options.identity_version),
                _ => flag(meta, &mut options.plan),
            }
        })?;
        Ok(options)
    }
}

/// The documentation comment, as Markdown.
pub fn documentation(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(doc) if doc.path.is_ident("doc") => match &doc.value {
            Expr::Lit(text) => match &text.lit {
                Lit::Str(text) => Some(text.value()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    let lines: Vec<String> = lines.map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned()).collect();
    lines.join("\n").trim().to_owned()
}

/// Reads all options and gives all errors at once.
fn for_each(
    attributes: &[Attribute],
    mut read: impl FnMut(&ParseNestedMeta<'_>) -> syn::Result<()>,
) -> syn::Result<()> {
    let mut errors = Errors::default();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("tf")) {
        errors.take(attribute.parse_nested_meta(|meta| read(&meta)));
    }
    errors.finish()
}

fn name(meta: &ParseNestedMeta<'_>) -> String {
    meta.path.get_ident().map(|name| name.unraw().to_string()).unwrap_or_default()
}

fn flag(meta: &ParseNestedMeta<'_>, flag: &mut Flag) -> syn::Result<()> {
    if flag.replace(meta.path.span()).is_some() { Err(meta.error("this stands here already")) } else { Ok(()) }
}

fn value<T: Parse>(meta: &ParseNestedMeta<'_>, setting: &mut Option<Setting<T>>) -> syn::Result<()> {
    let value = meta.value()?.parse()?;
    set(meta, setting, value)
}

fn set<T>(meta: &ParseNestedMeta<'_>, setting: &mut Option<Setting<T>>, value: T) -> syn::Result<()> {
    let span = meta.path.span();
    if setting.replace(Setting { span, value }).is_some() {
        Err(meta.error("this stands here already"))
    } else {
        Ok(())
    }
}

fn bounds(meta: &ParseNestedMeta<'_>) -> syn::Result<Bounds> {
    let content;
    parenthesized!(content in meta.input);
    let ExprRange { start, limits, end, .. } = match content.parse()? {
        Expr::Range(range) => range,
        other => return Err(syn::Error::new(other.span(), "expected bounds, such as 1..=60, 1.. or ..=60")),
    };
    if let (RangeLimits::HalfOpen(dots), Some(_)) = (limits, &end) {
        return Err(syn::Error::new(dots.span(), "write ..= here: the last value is allowed"));
    }
    Ok(Bounds { min: start.map(|start| *start), max: end.map(|end| *end) })
}

fn texts(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<LitStr>> {
    let content;
    parenthesized!(content in meta.input);
    let texts = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
    if texts.is_empty() { Err(meta.error("this names no text")) } else { Ok(texts.into_iter().collect()) }
}

fn durations(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<(Ident, LitStr)>> {
    let mut durations = Vec::new();
    meta.parse_nested_meta(|inner| {
        let operation = inner.path.get_ident().cloned();
        match (operation, name(&inner).as_str()) {
            (Some(operation), "create" | "read" | "update" | "delete") => {
                durations.push((operation, inner.value()?.parse()?));
                Ok(())
            }
            _ => Err(inner.error("operations are create, read, update and delete, as in create = \"5m\"")),
        }
    })?;
    Ok(durations)
}

fn priors(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<Prior>> {
    let content;
    parenthesized!(content in meta.input);
    Ok(Punctuated::<Prior, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

fn idents(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<Ident>> {
    let content;
    parenthesized!(content in meta.input);
    let idents: Vec<Ident> = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?.into_iter().collect();
    let repeated = |(position, ident): (usize, &Ident)| idents[..position].contains(ident);
    match idents.iter().enumerate().find(|&ident| repeated(ident)) {
        Some((_, ident)) => Err(syn::Error::new(ident.span(), "this stands here already")),
        None if idents.is_empty() => Err(meta.error("this names no attribute")),
        None => Ok(idents),
    }
}

/// Collects errors, so that an author sees all of them.
#[derive(Default)]
pub struct Errors(Option<syn::Error>);

impl Errors {
    pub fn add(&mut self, span: Span, message: impl std::fmt::Display) {
        self.take::<()>(Err(syn::Error::new(span, message)));
    }

    pub fn take<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        match (result, &mut self.0) {
            (Ok(value), _) => return Some(value),
            (Err(error), Some(errors)) => errors.combine(error),
            (Err(error), none) => *none = Some(error),
        }
        None
    }

    pub fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
