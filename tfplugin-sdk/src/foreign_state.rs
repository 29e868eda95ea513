//! A state that another type of resource wrote, perhaps of another provider: what `moved` blocks bring.

use crate::engine::tree::shaped;
use crate::tf_type::TfType;
use crate::{Dynamic, Error, Path, Report, Result};

/// The state of another type of resource, which a user moves here.
#[derive(Clone, Debug)]
pub struct ForeignState {
    /// Address of its provider, such as `registry.example.com/tencentcloudstack/tencentcloud`.
    pub provider: String,
    /// Its type name.
    pub type_name: String,
    /// Version of its schema.
    pub version: i64,
    /// The state, as plain JSON has it: text, numbers, booleans, `List`, `Object`, null.
    pub state: Dynamic,
    /// Its private bytes, in a form only its provider knows.
    pub private: Vec<u8>,
    /// Its identity, as plain JSON has it; null when there is none.
    pub identity: Dynamic,
}

impl ForeignState {
    /// Whether it is of this type and provider. `provider` is `namespace/name`: where it was published does not matter.
    pub fn is(&self, provider: &str, type_name: &str) -> bool {
        let published =
            self.provider == provider || self.provider.strip_suffix(provider).is_some_and(|host| host.ends_with('/'));
        published && self.type_name == type_name
    }

    /// The state in a struct that derives [`Object`](crate::Object). It needs only the attributes that matter: what
    /// else the state has is ignored, and what it lacks is null, or empty where the struct has no `Option` for it.
    ///
    /// # Errors
    ///
    /// When an attribute has another type.
    pub fn decode<T: TfType>(&self) -> Result<T> {
        plain(self.state.clone()).map_err(|error| {
            let detail = error.diagnostic().detail.clone();
            Error::new(format!("The state of a {} was not understood", self.type_name)).detail(detail)
        })
    }
}

/// A value from plain JSON, in the shape of `T`.
pub(crate) fn plain<T: TfType>(value: Dynamic) -> Result<T> {
    let mut report = Report::new();
    let shaped = shaped(&T::kind().value_type(), value, &Path::root(), &mut report);
    let decoded = if report.has_errors() { None } else { T::decode(&shaped, &Path::root(), &mut report) };
    decoded.ok_or_else(|| {
        let details: Vec<String> = report.into_iter().map(|found| found.detail).collect();
        Error::new("A stored state was not understood").detail(details.join("\n"))
    })
}
