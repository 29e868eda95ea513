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
    /// A list, set or map.
    Collection,
    /// An object.
    Object,
    /// Anything.
    Dynamic,
}

/// What the derives must know of a type.
// Independent answers to independent questions, not states of one thing.
#[allow(clippy::struct_excessive_bools)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The form of its values.
    pub form: Form,
    /// It is an object, or holds objects.
    pub of_objects: bool,
    /// Null is one of its values.
    pub optional: bool,
    /// Its values are secrets.
    pub sensitive: bool,
    /// An attribute inside it is computed, so its plan form differs from its state form.
    pub computed_inside: bool,
    /// An attribute inside it is write-only.
    pub write_only_inside: bool,
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
            of_objects: matches!(form, Form::Object),
            optional: false,
            sensitive: false,
            computed_inside: false,
            write_only_inside: false,
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

    /// A list or map of this.
    #[must_use]
    pub const fn collected(self) -> Self {
        Self { form: Form::Collection, optional: false, ..self }
    }

    /// A set of this.
    #[must_use]
    pub const fn in_set(self) -> Self {
        let bad = self.bad_set_inside || self.write_only_inside || self.dynamic_inside;
        Self { bad_set_inside: bad, ..self.collected() }
    }

    /// An object with these attributes, of which the object itself makes some computed or write-only.
    pub const fn object(attributes: &[Facts], computed: bool, write_only: bool) -> Self {
        let mut facts = Self::leaf(Form::Object);
        facts.computed_inside = computed;
        facts.write_only_inside = write_only;
        let mut position = 0;
        while position < attributes.len() {
            let attribute = attributes[position];
            facts.computed_inside |= attribute.computed_inside;
            facts.write_only_inside |= attribute.write_only_inside;
            facts.dynamic_inside |= attribute.dynamic_inside;
            facts.undecided |= attribute.undecided;
            facts.bad_set_inside |= attribute.bad_set_inside;
            position += 1;
        }
        facts
    }

    /// Whether it has a length.
    pub const fn has_length(self) -> bool {
        matches!(self.form, Form::Text | Form::Collection)
    }

    /// Whether it is a list, set or map.
    pub const fn is_collection(self) -> bool {
        matches!(self.form, Form::Collection)
    }

    /// Whether it is a text.
    pub const fn is_text(self) -> bool {
        matches!(self.form, Form::Text)
    }

    /// Whether it is a number.
    pub const fn is_number(self) -> bool {
        matches!(self.form, Form::Number)
    }
}
