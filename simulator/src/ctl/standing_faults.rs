//! What `ctl` can do with faults of any kind: add, list, remove, clear; and which of its events each strikes.

/// What there is for each kind; `A` says what a fault of the kind is.
#[derive(Clone, Debug, clap::Subcommand)]
pub(super) enum Command<A: clap::Args> {
    /// Add a fault: what it is for, which of those it strikes, what becomes of them
    Add(Box<A>),
    /// List the faults with what they have struck
    List,
    /// Remove one
    Remove {
        /// Its id
        id: u64,
    },
    /// Remove all
    Clear,
}

/// Which of the events that a fault is for it strikes.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Occasions {
    /// Let so many of them pass first
    #[arg(long, value_name = "COUNT", default_value_t, hide_default_value = true, help_heading = "Which of those")]
    pub(super) after: u64,
    /// Then strike so many [default: all]
    #[arg(long, value_name = "COUNT", help_heading = "Which of those")]
    pub(super) count: Option<u64>,
    /// Strike each of them with this probability, from 0 to 1
    #[arg(long, value_name = "SHARE", help_heading = "Which of those")]
    pub(super) probability: Option<f64>,
    /// Seed of the dice: the same seed strikes the same ones [default: 0]
    #[arg(long, value_name = "NUMBER", requires = "probability", help_heading = "Which of those")]
    pub(super) seed: Option<u64>,
}
