//! Reading `#[tf(...)]`. Which options go together is for `rules` to say.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, ExprRange, Lit, LitInt, LitStr, Meta, RangeLimits, Token, Type, parenthesized};

/// Whether a word stands there, and where.
pub type Flag = Option<Span>;

/// An option with a value, and where its name stands.
pub struct Setting<T> {
    pub span: Span,
    pub value: T,
}

/// The options of a field.
#[derive(Default)]
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
}

/// The options of a struct.
#[derive(Default)]
pub struct StructOptions {
    pub name: Option<Setting<LitStr>>,
    pub version: Option<Setting<LitInt>>,
    pub import: Option<Setting<LitStr>>,
    pub deprecated: Option<Setting<LitStr>>,
    pub plan: Flag,
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
pub struct Bounds {
    pub min: Option<Expr>,
    pub max: Option<Expr>,
}

impl FieldOptions {
    pub fn read(attributes: &[Attribute]) -> syn::Result<Self> {
        let mut options = Self::default();
        for_each(attributes, |meta| match name(meta).as_str() {
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
                "unknown option; an attribute has: computed, optional, required, keep, replace, sensitive, \
                     write_only, prefix = \"...\", default = ..., range(..=..), length(..=..), pattern = \"...\", \
                     message = \"...\", one_of(\"...\"), deprecated = \"...\"",
            )),
        })?;
        Ok(options)
    }
}

impl StructOptions {
    /// Reads the options of a struct for which `allowed` are possible.
    pub fn read(attributes: &[Attribute], allowed: &[&str]) -> syn::Result<Self> {
        let mut options = Self::default();
        for_each(attributes, |meta| {
            let name = name(meta);
            if !allowed.contains(&name.as_str()) {
                return Err(meta.error(match allowed {
                    [] => "this derive has no options for the struct".to_owned(),
                    allowed => format!("unknown option; this derive has: {}", allowed.join(", ")),
                }));
            }
            match name.as_str() {
                "name" => value(meta, &mut options.name),
                "version" => value(meta, &mut options.version),
                "import" => value(meta, &mut options.import),
                "deprecated" => value(meta, &mut options.deprecated),
                "identity" => set(meta, &mut options.identity, idents(meta)?),
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
    if texts.is_empty() { Err(meta.error("one_of allows nothing")) } else { Ok(texts.into_iter().collect()) }
}

fn priors(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<Prior>> {
    let content;
    parenthesized!(content in meta.input);
    Ok(Punctuated::<Prior, Token![,]>::parse_terminated(&content)?.into_iter().collect())
}

fn idents(meta: &ParseNestedMeta<'_>) -> syn::Result<Vec<Ident>> {
    let content;
    parenthesized!(content in meta.input);
    let idents = Punctuated::<Ident, Token![,]>::parse_terminated(&content)?;
    if idents.is_empty() { Err(meta.error("this names no attribute")) } else { Ok(idents.into_iter().collect()) }
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
