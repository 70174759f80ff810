//! Dense typed indices: a store can't be mixed with a zone.
//!
//! Entities are sorted by id when a [`crate::market::Market`] is born, so an index is also a rank in
//! id order, and a tie broken by index is a tie broken by id.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

/// A dense index of an entity of kind `K`.
pub struct Idx<K>(u32, PhantomData<fn() -> K>);

impl<K> Idx<K> {
    /// The index of the `position`-th entity in id order.
    ///
    /// # Panics
    /// If `position` does not fit 32 bits; tables are limited far below that.
    #[must_use]
    pub fn new(position: usize) -> Self {
        Self(u32::try_from(position).expect("entities are limited to 2^32"), PhantomData)
    }

    /// The position as an array index.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

impl<K> Clone for Idx<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Idx<K> {}
impl<K> PartialEq for Idx<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<K> Eq for Idx<K> {}
impl<K> PartialOrd for Idx<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Idx<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<K> Hash for Idx<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<K> fmt::Debug for Idx<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// The ids of all entities of kind `K`, ascending and without repeats.
#[derive(Debug)]
pub struct Ids<K> {
    names: Vec<String>,
    kind: PhantomData<fn() -> K>,
}

impl<K> Clone for Ids<K> {
    fn clone(&self) -> Self {
        Self { names: self.names.clone(), kind: PhantomData }
    }
}

impl<K> Default for Ids<K> {
    fn default() -> Self {
        Self { names: Vec::new(), kind: PhantomData }
    }
}

impl<K> Ids<K> {
    /// Sorts the names by their bytes and drops repeats.
    #[must_use]
    pub fn sorted(mut names: Vec<String>) -> Self {
        names.sort_unstable();
        names.dedup();
        Self { names, kind: PhantomData }
    }

    /// The index of `name`, if it is known.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Idx<K>> {
        self.names.binary_search_by(|known| known.as_str().cmp(name)).ok().map(Idx::new)
    }

    /// The id of an entity.
    #[must_use]
    pub fn name(&self, idx: Idx<K>) -> &str {
        &self.names[idx.at()]
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All ids, ascending.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// All indices, in id order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Idx<K>> + use<K> {
        (0..self.names.len()).map(Idx::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    struct Thing;

    #[test]
    fn an_index_is_the_rank_of_the_id() {
        let ids: Ids<Thing> = Ids::sorted(vec!["b".into(), "a".into(), "b".into()]);
        assert_eq!(ids.len(), 2);
        assert_eq!(ids.find("b"), Some(Idx::new(1)));
        assert_eq!(ids.find("c"), None);
        assert_eq!(ids.name(Idx::new(0)), "a");
    }
}
