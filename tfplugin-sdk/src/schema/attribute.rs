//! One attribute: what it holds, who sets it, and the rules for its value.
//!
//! Not here: running the rules (`engine`).

use super::{Custom, Format, Pattern, PlanModifiers, Validator, object_type};
use crate::{Dynamic, Number, TfType, Type};

/// One attribute of a resource, of the provider block, or of a nested attribute.
// Independent answers to independent questions, not states of one thing.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// Its name in Terraform.
    pub name: String,
    /// What it holds.
    pub kind: AttributeKind,
    /// Whether users write it as blocks instead of as an attribute. Collections of blocks are empty, never null.
    pub block: bool,
    /// Who sets it.
    pub presence: Presence,
    /// Its value is hidden in Terraform's output, and never occurs in a diagnostic.
    pub sensitive: bool,
    /// Its value reaches the provider and is never stored.
    pub write_only: bool,
    /// What it means, in Markdown.
    pub description: String,
    /// Why it should not be used any more, and what to use.
    pub deprecated: Option<String>,
    /// The value it has when the configuration does not set it.
    pub default: Option<Dynamic>,
    /// Rules for a value that is set.
    pub validators: Vec<Validator>,
    /// Whether it takes what is not known yet; only of parameters of functions.
    pub undecided: bool,
    /// What a plan makes of it.
    pub plan: PlanModifiers,
}

/// What an attribute holds.
#[derive(Clone, Debug, PartialEq)]
pub enum AttributeKind {
    /// A value of this type.
    Plain(Type),
    /// Objects whose attributes have rules of their own.
    Nested(Nesting, Vec<Attribute>),
}

/// How the objects of a nested attribute are held together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object.
    Single,
    /// Objects in an order.
    List,
    /// Distinct objects in no order.
    Set,
    /// Objects by name.
    Map,
}

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The user must.
    Required,
    /// The user may; otherwise it is null.
    Optional,
    /// The user may; otherwise the provider does.
    OptionalComputed,
    /// The provider does.
    Computed,
}

impl Presence {
    /// Whether the provider may set it.
    pub fn is_computed(self) -> bool {
        matches!(self, Self::OptionalComputed | Self::Computed)
    }
}

impl AttributeKind {
    /// The type of a value of this kind.
    pub fn value_type(&self) -> Type {
        match self {
            Self::Plain(plain) => plain.clone(),
            Self::Nested(nesting, attributes) => {
                let object = object_type(attributes);
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => Type::list(object),
                    Nesting::Set => Type::set(object),
                    Nesting::Map => Type::map(object),
                }
            }
        }
    }
}

/// How a derive (or an author who writes a schema by hand) builds one.
impl Attribute {
    /// The attribute that the Rust type `T` makes: required, or optional for an `Option`.
    pub fn of<T: TfType>(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind: T::kind(),
            block: false,
            presence: if T::FACTS.optional { Presence::Optional } else { Presence::Required },
            sensitive: T::FACTS.sensitive,
            write_only: false,
            description: String::new(),
            deprecated: None,
            default: None,
            validators: T::validators(),
            undecided: T::FACTS.undecided,
            plan: PlanModifiers::default(),
        }
    }

    /// Nothing but the rules that are added to it, for [`Attribute::each`] and [`Attribute::keys`].
    pub fn rules() -> Self {
        Self { validators: Vec::new(), ..Self::of::<Dynamic>("") }
    }

    /// The type of its value.
    pub fn value_type(&self) -> Type {
        self.kind.value_type()
    }

    /// What it means, in Markdown.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        text.clone_into(&mut self.description);
        self
    }

    /// Why it should not be used any more, and what to use.
    #[must_use]
    pub fn deprecated(mut self, text: &str) -> Self {
        self.deprecated = Some(text.to_owned());
        self
    }

    /// The user must set it. Only a write-only attribute needs to say so: its Rust type is an `Option`, because
    /// it is not in the state.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.presence = Presence::Required;
        self
    }

    /// The provider sets it, with everything inside it. What is not an `Option` is planned as not null.
    #[must_use]
    pub fn computed(mut self) -> Self {
        self.plan_not_null();
        self.presence = Presence::Computed;
        compute_inside(&mut self.kind);
        self.validators.clear();
        self
    }

    /// The user may set it, else the provider does.
    #[must_use]
    pub fn optional_computed(mut self) -> Self {
        self.plan_not_null();
        self.presence = Presence::OptionalComputed;
        self
    }

    /// The value it has when the configuration does not set it.
    #[must_use]
    pub fn default_value(mut self, value: Dynamic) -> Self {
        self.presence = Presence::OptionalComputed;
        self.default = Some(value);
        self
    }

    /// Hides its value, with everything inside it.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        hide_inside(&mut self.kind);
        self
    }

    /// Whether a diagnostic may show its value.
    pub(crate) fn is_secret(&self) -> bool {
        self.sensitive || self.write_only
    }

    /// Whether the provider says what it is, where the configuration has `config` for it.
    pub(crate) fn is_left_to_provider(&self, config: &Dynamic) -> bool {
        self.presence.is_computed() && self.default.is_none() && self.is_unset(config)
    }

    /// Whether a configuration that has `config` for it does not set it.
    pub(crate) fn is_unset(&self, config: &Dynamic) -> bool {
        match config {
            Dynamic::Null => true,
            Dynamic::List(elements) | Dynamic::Set(elements) => self.block && elements.is_empty(),
            Dynamic::Map(elements) => self.block && elements.is_empty(),
            _ => false,
        }
    }

    /// Users write it as blocks: `rule { ... }` instead of `rules = [{ ... }]`. With [`Attribute::computed`] the provider
    /// says what is in it where there are none, which needs Terraform 1.16.
    #[must_use]
    pub fn block(mut self) -> Self {
        self.block = true;
        self
    }

    /// Its value reaches the provider and is never stored; no diagnostic shows it, nor anything inside it.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        hide_inside(&mut self.kind);
        self
    }

    /// A change of it replaces the resource.
    #[must_use]
    pub fn replace(mut self) -> Self {
        self.plan.replace = true;
        self
    }

    /// Some changes of it replace the resource: [`crate::ResourceModel::replace_if`] says which.
    #[must_use]
    pub fn may_replace(mut self) -> Self {
        self.plan.may_replace = true;
        self
    }

    /// An update keeps the value of the prior state.
    #[must_use]
    pub fn keep(mut self) -> Self {
        self.plan.keep = true;
        self
    }

    /// An update keeps the value of the prior state, unless that is null.
    #[must_use]
    pub fn keep_non_null(mut self) -> Self {
        self.plan.keep = true;
        self.plan.keep_non_null = true;
        self
    }

    /// An update keeps the value of the prior state unless one of these attributes changes.
    #[must_use]
    pub fn computed_when(mut self, causes: &[&str]) -> Self {
        self.plan.computed_when = causes.iter().map(|&cause| cause.to_owned()).collect();
        self
    }

    /// While unknown, it is known to start with this.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        self.plan.refinements.prefix = Some(prefix.to_owned());
        self
    }

    /// While unknown, a number is known to be within these bounds (both inclusive).
    #[must_use]
    pub fn promise_range(mut self, min: Option<Number>, max: Option<Number>) -> Self {
        self.plan.refinements.lower = min.map(|min| (min, true));
        self.plan.refinements.upper = max.map(|max| (max, true));
        self
    }

    /// While unknown, a collection is known to have this many elements (both bounds inclusive).
    #[must_use]
    pub fn promise_length(mut self, min: Option<u64>, max: Option<u64>) -> Self {
        self.plan.refinements.min_length = min;
        self.plan.refinements.max_length = max;
        self
    }

    /// A number must be within these bounds (both inclusive). It narrows the range its Rust type has.
    #[must_use]
    pub fn range(mut self, min: Option<Number>, max: Option<Number>) -> Self {
        let narrowed = self.validators.iter_mut().any(|validator| validator.narrow(min.as_ref(), max.as_ref()));
        if !narrowed {
            self.validators.push(Validator::Range { min, max, whole: false });
        }
        self
    }

    /// A text must have this many characters, a collection this many elements (both bounds inclusive).
    #[must_use]
    pub fn length(mut self, min: Option<u64>, max: Option<u64>) -> Self {
        self.validators.push(Validator::Length { min, max });
        self
    }

    /// A text must match this regular expression; `message` says the rule in words.
    #[must_use]
    pub fn pattern(mut self, pattern: &str, message: Option<&str>) -> Self {
        self.validators.push(Validator::Pattern(Pattern::new(pattern, message)));
        self
    }

    /// A text must be one of these.
    #[must_use]
    pub fn one_of(mut self, allowed: &[&str]) -> Self {
        self.validators.push(Validator::one_of(allowed));
        self
    }

    /// A text must be none of these.
    #[must_use]
    pub fn none_of(mut self, refused: &[&str]) -> Self {
        self.validators.push(Validator::NoneOf(refused.iter().map(|&text| text.to_owned()).collect()));
        self
    }

    /// A text must have this form.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.validators.push(Validator::Format(format));
        self
    }

    /// A collection must not have an element twice: two that are the same, or two objects that agree in these attributes.
    #[must_use]
    pub fn unique(mut self, by: &[&str]) -> Self {
        self.validators.push(Validator::Unique(by.iter().map(|&name| name.to_owned()).collect()));
        self
    }

    /// A rule of the author's own.
    #[must_use]
    pub fn custom(mut self, rule: fn(&Dynamic) -> Result<(), String>) -> Self {
        self.validators.push(Validator::Custom(Custom::new(rule)));
        self
    }

    /// Every element of a collection must keep the rules of `element`, of which nothing else counts.
    #[must_use]
    pub fn each(mut self, element: Self) -> Self {
        self.validators.extend(element.validators.into_iter().map(|rule| Validator::Each(Box::new(rule))));
        self
    }

    /// Every key of a map must keep the rules of `key`, of which nothing else counts.
    #[must_use]
    pub fn keys(mut self, key: Self) -> Self {
        self.validators.extend(key.validators.into_iter().map(|rule| Validator::Keys(Box::new(rule))));
        self
    }

    fn plan_not_null(&mut self) {
        if self.presence == Presence::Required {
            self.plan.refinements.not_null = Some(true);
        }
    }
}

fn hide_inside(kind: &mut AttributeKind) {
    if let AttributeKind::Nested(_, attributes) = kind {
        for attribute in attributes {
            attribute.sensitive = true;
            hide_inside(&mut attribute.kind);
        }
    }
}

/// Everything inside a computed attribute is computed.
fn compute_inside(kind: &mut AttributeKind) {
    if let AttributeKind::Nested(_, attributes) = kind {
        for attribute in attributes {
            attribute.presence = Presence::Computed;
            attribute.default = None;
            attribute.validators.clear();
            compute_inside(&mut attribute.kind);
        }
    }
}
