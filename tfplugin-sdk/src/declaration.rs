//! What the derives of data sources and ephemeral resources make of a struct.
//!
//! Not here: what an author writes for each (`data_source`, `ephemeral_resource`).

use crate::schema::Schema;
use crate::tf_type::Codec;

/// What `#[derive(DataSource)]` and `#[derive(EphemeralResource)]` make of a struct: its name in Terraform, its schema
/// and its other forms. The struct itself is the whole answer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not declared as something Terraform can ask for",
    note = "put `#[derive(Clone, Debug, PartialEq, tfplugin_sdk::DataSource)]` (or `EphemeralResource`) on the struct"
)]
pub trait Declaration: Codec {
    /// The configuration: every attribute null, unknown or known.
    type Config: Codec;
    /// What the user sets, wholly known; without what is computed.
    type Input: Codec;
    /// Type name in Terraform.
    const NAME: &'static str;

    /// The schema.
    fn schema() -> Schema;
}
