//! What an operation of a resource has at hand beside what any [`Operation`] has: the checkpoint, the
//! configuration and private state.

use std::ops::{Deref, DerefMut};

use crate::{Operation, Private, Report, Resource};

/// What an operation of a resource has at hand; it derefs to [`Operation`] for what any operation has.
#[derive(Debug)]
pub struct Context<'a, R: Resource> {
    operation: Operation<'a, R::Api>,
    config: Option<R::Config>,
    start: Option<R::Plan>,
    checkpoint: Option<R::Plan>,
    private: Private,
}

impl<'a, R: Resource> Context<'a, R> {
    pub(crate) fn new(operation: Operation<'a, R::Api>, private: Private) -> Self {
        Self { operation, config: None, start: None, checkpoint: None, private }
    }

    /// The configuration, and the state a checkpoint starts from.
    pub(crate) fn starting(mut self, config: Option<R::Config>, start: R::Plan) -> Self {
        self.config = config;
        self.start = Some(start);
        self
    }

    /// The configuration; only while creating and updating.
    pub fn config(&self) -> Option<&R::Config> {
        self.config.as_ref()
    }

    /// Writes down what is certainly true by now. It starts as the plan when creating and as the prior state when
    /// updating or deleting; later checkpoints go on from earlier ones. Should the operation fail, panic or be
    /// cancelled, Terraform stores this (what is still unknown as null) together with the error, so that an object
    /// that exists is never forgotten. Reading and importing store nothing and ignore it.
    pub fn checkpoint(&mut self, write: impl FnOnce(&mut R::Plan)) {
        // On a copy: should `write` panic, what was written down before must still be there.
        if let Some(mut state) = self.checkpoint.as_ref().or(self.start.as_ref()).cloned() {
            write(&mut state);
            self.checkpoint = Some(state);
        }
    }

    /// What the provider keeps with the resource beside its state.
    pub fn private(&self) -> &Private {
        &self.private
    }

    /// Changes what the provider keeps with the resource. It is stored also when the operation fails, except by delete.
    pub fn private_mut(&mut self) -> &mut Private {
        &mut self.private
    }

    pub(crate) fn into_parts(self) -> (Option<R::Plan>, Private, Report) {
        (self.checkpoint, self.private, self.operation.into_warnings())
    }
}

impl<'a, R: Resource> Deref for Context<'a, R> {
    type Target = Operation<'a, R::Api>;

    fn deref(&self) -> &Self::Target {
        &self.operation
    }
}

impl<R: Resource> DerefMut for Context<'_, R> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.operation
    }
}
