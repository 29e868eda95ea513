//! A bounded memory: the newest entries stay, the oldest are forgotten first.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Entries by key, at most so many.
#[derive(Clone, Debug)]
pub(crate) struct Remembered<K, V> {
    by_key: BTreeMap<K, Arc<V>>,
    /// Oldest first, without repeats.
    in_order: VecDeque<(K, Arc<V>)>,
    /// Counts every entry there ever was: two memories of one origin differ by their newest entries.
    total: u64,
    most: usize,
}

/// What a memory has more, and what less, than it had before.
#[derive(Debug)]
pub(crate) struct Difference<K, V> {
    /// New, or under a known key again; oldest first.
    pub new: Vec<(K, Arc<V>)>,
    /// Forgotten.
    pub forgotten: Vec<K>,
}

impl<K: Ord + Clone, V> Remembered<K, V> {
    /// An empty memory of at most so many entries.
    pub const fn new(most: usize) -> Self {
        Self { by_key: BTreeMap::new(), in_order: VecDeque::new(), total: 0, most }
    }

    /// The newest entry; what is beyond the bound is forgotten. An entry with a known key takes the place of the old one.
    pub fn remember(&mut self, key: K, entry: Arc<V>) {
        if self.by_key.insert(key.clone(), Arc::clone(&entry)).is_some() {
            self.in_order.retain(|(known, _)| *known != key);
        }
        self.in_order.push_back((key, entry));
        self.total += 1;
        while self.in_order.len() > self.most {
            if let Some((oldest, _)) = self.in_order.pop_front() {
                self.by_key.remove(&oldest);
            }
        }
    }

    /// Forgets one entry.
    pub fn forget(&mut self, key: &K) {
        if self.by_key.remove(key).is_some() {
            self.in_order.retain(|(known, _)| known != key);
        }
    }

    /// The entry with that key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&Arc<V>>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.by_key.get(key)
    }

    /// Every entry, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.in_order.iter().map(|(key, entry)| (key, entry.as_ref()))
    }

    /// What has come and gone since. Quick when `before` is an earlier copy of this, right in any case.
    pub fn since(&self, before: &Self) -> Difference<K, V> {
        let new = self.total.checked_sub(before.total).and_then(|new| usize::try_from(new).ok());
        match new {
            Some(new) if self.continues(before, new) => {
                let kept = self.in_order.len() - new;
                let forgotten = before.in_order.len() - kept;
                Difference {
                    new: self.in_order.range(kept..).cloned().collect(),
                    forgotten: before.in_order.range(..forgotten).map(|(key, _)| key.clone()).collect(),
                }
            }
            _ => Difference {
                new: self.in_order.iter().cloned().collect(),
                forgotten: before.in_order.iter().map(|(key, _)| key.clone()).filter(|key| !self.has(key)).collect(),
            },
        }
    }

    fn has(&self, key: &K) -> bool {
        self.by_key.contains_key(key)
    }

    /// Whether this is `before`, but for `new` entries more at the end and some that are forgotten at the beginning.
    fn continues(&self, before: &Self, new: usize) -> bool {
        let (now, then) = (&self.in_order, &before.in_order);
        let Some(kept) = now.len().checked_sub(new) else { return false };
        // Entries keep their order and are never put between others, so the ends stand for all.
        kept <= then.len()
            && match kept {
                0 => then.is_empty() || new >= self.most,
                _ => {
                    Arc::ptr_eq(&now[kept - 1].1, &then[then.len() - 1].1)
                        && Arc::ptr_eq(&now[0].1, &then[then.len() - kept].1)
                }
            }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Remembered;

    fn keys(memory: &Remembered<u32, u32>) -> Vec<u32> {
        memory.in_order.iter().map(|(key, _)| *key).collect()
    }

    #[test]
    fn the_oldest_are_forgotten_first() {
        let mut memory = Remembered::new(3);
        for number in 0..5 {
            memory.remember(number, Arc::new(number));
        }
        assert_eq!(keys(&memory), [2, 3, 4]);
        assert!(memory.get(&1).is_none() && memory.get(&2).is_some());
    }

    #[test]
    fn a_difference_makes_the_one_of_the_other() {
        let mut chance = crate::chance::Chance::seeded(5);
        for round in 0..2000 {
            let mut before = Remembered::new(4);
            for _ in 0..chance.below(7) {
                let number = u32::try_from(chance.below(6)).expect("small");
                before.remember(number, Arc::new(number));
            }
            let mut after = if chance.below(4) == 0 { Remembered::new(4) } else { before.clone() };
            for _ in 0..chance.below(9) {
                let number = u32::try_from(chance.below(6)).expect("small");
                if chance.below(6) == 0 {
                    after.forget(&number);
                } else {
                    after.remember(number, Arc::new(number));
                }
            }
            let difference = after.since(&before);
            for key in &difference.forgotten {
                before.forget(key);
            }
            for (key, entry) in difference.new {
                before.remember(key, entry);
            }
            assert_eq!(keys(&before), keys(&after), "round {round}");
        }
    }
}
