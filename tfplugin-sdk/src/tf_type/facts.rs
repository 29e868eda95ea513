//! What the derives must know of a type at compile time, so that a contradiction is a compile error.

/// The form of a value, as far as rules need it: a range is for numbers, a pattern for texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A text.
    Text,
    /// A number.
    Number,
    /// True or false.
    Bool,
    /// A list.
    List,
    /// A set.
    Set,
    /// A map.
    Map,
    /// An object.
    Object,
    /// Anything.
    Dynamic,
}

/// What the derives must know of a type, or of an attribute of that type.
// Independent answers to independent questions, not states of one thing.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The form of its values.
    pub form: Form,
    /// The form of its elements, where it is a list, a set or a map.
    pub elements: Option<Form>,
    /// It is an object, or holds objects.
    pub of_objects: bool,
    /// Null is one of its values.
    pub optional: bool,
    /// Its values are secrets.
    pub sensitive: bool,
    /// An attribute inside it is computed, so its plan form differs from its state form.
    pub computed_inside: bool,
    /// An attribute inside it has a default.
    pub default_inside: bool,
    /// An attribute inside it is write-only.
    pub write_only_inside: bool,
    /// Something inside it is written as blocks.
    pub block_inside: bool,
    /// It is or contains a value of dynamic type.
    pub dynamic_inside: bool,
    /// It may be not known where everything else is: a `Value`.
    pub undecided: bool,
    /// A set inside it holds what a set cannot hold.
    pub bad_set_inside: bool,
}

impl Facts {
    /// A plain type of this form.
    pub const fn leaf(form: Form) -> Self {
        Self {
            form,
            elements: None,
            of_objects: matches!(form, Form::Object),
            optional: false,
            sensitive: false,
            computed_inside: false,
            default_inside: false,
            write_only_inside: false,
            block_inside: false,
            dynamic_inside: matches!(form, Form::Dynamic),
            undecided: false,
            bad_set_inside: false,
        }
    }

    /// The same, and null.
    #[must_use]
    pub const fn or_null(self) -> Self {
        Self { optional: true, ..self }
    }

    /// The same, null, and not known yet.
    #[must_use]
    pub const fn or_unknown(self) -> Self {
        Self { undecided: true, ..self.or_null() }
    }

    /// The same, and secret.
    #[must_use]
    pub const fn secret(self) -> Self {
        Self { sensitive: true, ..self }
    }

    /// A list of this.
    #[must_use]
    pub const fn in_list(self) -> Self {
        Self { form: Form::List, elements: Some(self.form), optional: false, ..self }
    }

    /// A map of this.
    #[must_use]
    pub const fn in_map(self) -> Self {
        Self { form: Form::Map, ..self.in_list() }
    }

    /// A set of this.
    #[must_use]
    pub const fn in_set(self) -> Self {
        let bad = self.bad_set_inside || self.write_only_inside || self.dynamic_inside;
        Self { form: Form::Set, bad_set_inside: bad, ..self.in_list() }
    }

    /// An attribute of this type that the provider computes.
    #[must_use]
    pub const fn computed(self) -> Self {
        Self { computed_inside: true, ..self }
    }

    /// An attribute of this type with a default.
    #[must_use]
    pub const fn with_default(self) -> Self {
        Self { default_inside: true, ..self }
    }

    /// An attribute of this type that is never stored.
    #[must_use]
    pub const fn write_only(self) -> Self {
        Self { write_only_inside: true, ..self }
    }

    /// An attribute of this type that is written as blocks.
    #[must_use]
    pub const fn block(self) -> Self {
        Self { block_inside: true, ..self }
    }

    /// An object with these attributes.
    pub const fn object(attributes: &[Facts]) -> Self {
        let mut facts = Self::leaf(Form::Object);
        let mut position = 0;
        while position < attributes.len() {
            let attribute = attributes[position];
            facts.computed_inside |= attribute.computed_inside;
            facts.default_inside |= attribute.default_inside;
            facts.write_only_inside |= attribute.write_only_inside;
            facts.block_inside |= attribute.block_inside;
            facts.dynamic_inside |= attribute.dynamic_inside;
            facts.undecided |= attribute.undecided;
            facts.bad_set_inside |= attribute.bad_set_inside;
            position += 1;
        }
        facts
    }

    /// Whether it is a list, set or map.
    pub const fn is_collection(self) -> bool {
        self.elements.is_some()
    }

    /// Whether it is one text, number or boolean.
    pub const fn is_leaf(self) -> bool {
        matches!(self.form, Form::Text | Form::Number | Form::Bool)
    }

    /// Whether it can identify a resource: Terraform takes a text, a number, a boolean, or a list of these.
    pub const fn can_identify(self) -> bool {
        matches!(
            (self.form, self.elements),
            (Form::Text | Form::Number | Form::Bool, _) | (Form::List, Some(Form::Text | Form::Number | Form::Bool))
        )
    }

    /// Whether it is a list or a map with values of dynamic type inside. Terraform gives each block of such a list a type
    /// of its own, and so has no list of them.
    pub const fn is_mixed(self) -> bool {
        matches!(self.form, Form::List | Form::Map) && self.dynamic_inside
    }
}

impl Form {
    /// Whether it has a length.
    pub const fn has_length(self) -> bool {
        matches!(self, Self::Text | Self::List | Self::Set | Self::Map)
    }

    /// Whether it is a map.
    pub const fn is_map(self) -> bool {
        matches!(self, Self::Map)
    }

    /// Whether it is a text.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text)
    }

    /// Whether it is a number.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Number)
    }
}
