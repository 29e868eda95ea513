//! Rules between attributes: `exactly_one_of(a, b)`, `required_when(kind = Kind::Http, path)`.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, LitStr, Token, parenthesized};

use crate::field::{Field, optional};
use crate::options::Errors;

/// The names of the rules.
pub const KINDS: &[&str] = &[
    "conflicts",
    "requires",
    "required_together",
    "exactly_one_of",
    "at_least_one_of",
    "less_than",
    "required_when",
    "refused_when",
];

/// A rule between attributes.
pub struct Between {
    kind: Ident,
    names: Vec<Ident>,
    /// Attributes and the values for which it holds.
    values: Vec<(Ident, Expr)>,
    because: Option<LitStr>,
}

/// What stands between two commas.
enum Term {
    Name(Ident),
    Value(Ident, Expr),
    Because(LitStr),
}

impl Parse for Term {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: Ident = input.parse()?;
        if !input.peek(Token![=]) {
            return Ok(Self::Name(name));
        }
        input.parse::<Token![=]>()?;
        if name == "because" { Ok(Self::Because(input.parse()?)) } else { Ok(Self::Value(name, input.parse()?)) }
    }
}

impl Between {
    pub fn read(meta: &ParseNestedMeta<'_>, kind: &str) -> syn::Result<Self> {
        let content;
        parenthesized!(content in meta.input);
        let kind = Ident::new(kind, meta.path.span());
        let mut rule = Self { kind, names: Vec::new(), values: Vec::new(), because: None };
        for term in Punctuated::<Term, Token![,]>::parse_terminated(&content)? {
            match term {
                Term::Name(name) => rule.names.push(name),
                Term::Value(name, value) => rule.values.push((name, value)),
                Term::Because(text) => rule.because = Some(text),
            }
        }
        Ok(rule)
    }

    /// Reports attributes there are not, and terms that do not make a rule of this kind.
    pub fn check(&self, fields: &[Field], errors: &mut Errors) {
        let all = self.names.iter().chain(self.values.iter().map(|(name, _)| name));
        for name in all.filter(|name| field(fields, name).is_none()) {
            errors.add(name.span(), format!("there is no attribute `{name}`"));
        }
        for (position, name) in self.names.iter().enumerate() {
            if self.names[..position].contains(name) {
                errors.add(name.span(), "this stands here already");
            }
        }
        let (names, values) = (self.names.len(), self.values.len());
        let problem = match self.kind.to_string().as_str() {
            "required_when" if names == 0 || values == 0 => {
                Some("this names values and what they require, as in required_when(kind = Kind::Http, path)")
            }
            "refused_when" if values == 0 || names + values < 2 => {
                Some("this names values and what they refuse, as in refused_when(kind = Kind::Tcp, path)")
            }
            "required_when" | "refused_when" => None,
            _ if values > 0 || self.because.is_some() => Some("this rule has only names of attributes"),
            "less_than" if names != 2 => Some("this names two numbers, the lower one first"),
            _ if names < 2 => Some("a rule between attributes names at least two"),
            _ => None,
        };
        if let Some(problem) = problem {
            errors.add(self.kind.span(), problem);
        }
    }

    /// An expression for the rule. It has been checked.
    pub fn constraint(&self, fields: &[Field]) -> TokenStream {
        let words = self.kind.to_string();
        let words = words.split('_').map(|word| word[..1].to_uppercase() + &word[1..]);
        let kind = format_ident!("{}", words.collect::<String>());
        let names = self.names.iter().map(|name| name.unraw().to_string());
        let names = quote! { ::std::vec![#(::std::string::String::from(#names)),*] };
        let constraint = quote! { ::tfplugin_sdk::schema::Constraint::#kind };
        if self.kind == "less_than" {
            let numbers = self.names.iter().filter_map(|name| Some((name.span(), &field(fields, name)?.of)));
            let assertions = numbers.map(|(span, of)| {
                quote_spanned! { span =>
                    const _: () = ::core::assert!(
                        <#of as ::tfplugin_sdk::TfType>::FACTS.form.is_number(), "less_than is for numbers"
                    );
                }
            });
            return quote! { { #(#assertions)* #constraint(#names) } };
        }
        if self.values.is_empty() {
            return quote! { #constraint(#names) };
        }
        let values = self.values.iter().filter_map(|(name, value)| {
            let (text, value) = (name.unraw().to_string(), field(fields, name)?.encoded(value));
            Some(quote! { (::std::string::String::from(#text), #value) })
        });
        let because = optional(self.because.as_ref().map(|text| quote! { ::std::string::String::from(#text) }));
        quote! {
            #constraint(
                ::tfplugin_sdk::schema::Condition { values: ::std::vec![#(#values),*], because: #because },
                #names,
            )
        }
    }
}

fn field<'a>(fields: &'a [Field], name: &Ident) -> Option<&'a Field> {
    fields.iter().find(|field| field.ident == *name)
}
