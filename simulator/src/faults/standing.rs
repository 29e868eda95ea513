//! The faults of one kind that stand: added, listed with their counts, removed. What they are for and what they do is
//! their kind's business.

use tokio::time::Instant;

use super::occasions::Tally;

/// The most faults of one kind at a time.
pub const MOST: usize = 100;

/// There is no room for another fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are {MOST} faults, which is the most: remove some, or all with `clear`")]
pub struct TooMany;

/// Faults, oldest first, with their counts.
#[derive(Debug)]
pub(super) struct Standing<F, T = Tally> {
    newest: u64,
    rows: Vec<Row<F, T>>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Row<F, T> {
    pub(super) id: u64,
    pub(super) fault: F,
    pub(super) tally: T,
    /// When it is over; `None` when it is removed.
    until: Option<Instant>,
}

/// A fault as it is listed.
#[derive(Clone, Debug)]
pub struct Listed<F, T = Tally> {
    /// Its number.
    pub id: u64,
    /// The fault.
    pub fault: F,
    /// How often it was for something, and has struck.
    pub tally: T,
}

impl<F, T> Default for Standing<F, T> {
    fn default() -> Self {
        Self { newest: 0, rows: Vec::new() }
    }
}

impl<F: Clone, T: Clone> Standing<F, T> {
    /// Adds a fault; gives its id, which no other of its kind gets.
    pub(super) fn add(&mut self, fault: F, tally: T, until: Option<Instant>) -> Result<u64, TooMany> {
        if self.rows.len() >= MOST {
            return Err(TooMany);
        }
        self.newest += 1;
        self.rows.push(Row { id: self.newest, fault, tally, until });
        Ok(self.newest)
    }

    /// All of them, oldest first.
    pub(super) fn rows(&mut self) -> impl Iterator<Item = &mut Row<F, T>> {
        self.rows.iter_mut()
    }

    /// As they are listed, oldest first.
    pub(super) fn list(&self) -> Vec<Listed<F, T>> {
        let listed = |row: &Row<F, T>| Listed { id: row.id, fault: row.fault.clone(), tally: row.tally.clone() };
        self.rows.iter().map(listed).collect()
    }

    /// Removes one; false when there is none with that id.
    pub(super) fn remove(&mut self, id: u64) -> bool {
        let before = self.rows.len();
        self.rows.retain(|row| row.id != id);
        self.rows.len() < before
    }

    /// Removes all; gives how many there were.
    pub(super) fn clear(&mut self) -> usize {
        std::mem::take(&mut self.rows).len()
    }
}

impl<F, T> Row<F, T> {
    /// Whether its time is over.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now >= until)
    }
}
