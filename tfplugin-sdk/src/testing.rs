//! A miniature of Terraform's core, so that a provider can be tested without Terraform: in one process, without a
//! socket, in milliseconds.
//!
//! An [`Instance`] is one resource in a configuration. [`Instance::apply`] does what `terraform apply` does with it:
//! validate, plan, plan again, apply, read, plan once more. After every call the rules of core are checked; one that
//! is broken panics and so fails the test, with the sentence Terraform would print and the attribute. Diagnostics
//! of the provider come back as they are. Where Terraform's rules are concerned, the miniature is tested against it.
//!
//! | to find out | there is |
//! |---|---|
//! | all that usually matters, in one call | [`Core::whole_life`] |
//! | what happens when a call of the API fails, panics or is interrupted | [`Core::faults`] with a [`Fuse`], [`Core::interrupt_after`] |
//! | what happens when something is not known while planning | [`Core::unknowns`], [`Instance::apply_after`] |
//! | whether an import brings what was there | [`Instance::import_verify`] |
//! | whether states of older releases, or of other types, are taken over | [`Stored`] with [`Instance::take_over`] |
//! | what waits for a provider's configuration | [`Core::allowing_deferral`] |
//!
//! In every test, no diagnostic may show a secret that was put in, and nothing that is write-only may be kept.
//!
//! Not here: the wire, and what only a real Terraform can show; that is [`terraform`]. Use both.

mod action;
mod change;
mod core;
mod data_source;
mod ephemeral_resource;
mod faults;
mod function;
mod fuse;
mod import;
mod instance;
mod life;
mod list_resource;
#[cfg(test)]
mod original;
#[cfg(test)]
mod original_cases;
#[cfg(test)]
mod original_provider;
#[cfg(test)]
mod original_tests;
mod plan;
mod proposal;
mod recorded;
mod secrets;
mod state_file;
mod unknowns;
mod verdict;

#[doc(inline)]
pub use crate::terraform;
pub use action::{Invoked, Trigger};
pub use core::Core;
pub use data_source::Lookup;
pub use ephemeral_resource::{Ephemeral, Open};
pub use faults::Faults;
pub use function::Callable;
pub use fuse::{Blown, Fault, Fuse};
pub use instance::Instance;
pub use list_resource::{Hit, Hits, Search};
pub use plan::{Action, Plan};
pub use recorded::recorded;
pub use state_file::Stored;

use crate::engine::tree::with_empty_blocks;
use crate::schema::Schema;
use crate::tf_type::Codec;
use crate::{Dynamic, Path, Report, Type};

/// A configuration as the wire would hand it over.
fn shaped<C: Codec>(schema: &Schema, config: &C) -> Dynamic {
    let of = schema.value_type();
    let mut report = Report::new();
    let shaped = crate::engine::tree::shaped(&of, config.encode(), &Path::root(), &mut report);
    let (carried, unfit) = carried(&with_empty_blocks(&schema.attributes, &shaped), &of);
    report.extend(unfit);
    assert!(!report.has_errors(), "a configuration does not fit its own schema:\n{}", verdict::printed(&report));
    carried
}

/// A value as it arrives at the other side: members of sets once, and in an order of their own; with what did not fit its
/// type.
fn carried(value: &Dynamic, of: &Type) -> (Dynamic, Report) {
    let (bytes, mut report) = crate::wire::packed(value, of);
    let arrived = crate::wire::unpacked(&bytes, of).unwrap_or_else(|unread| {
        report.extend(unread);
        Dynamic::Null
    });
    (arrived, report)
}
