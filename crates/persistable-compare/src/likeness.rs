//! What the differences of two steps show: a look-alike, another version, params that evolved.

use std::cmp::Ordering;

use crate::difference::{Difference, DifferenceKind};

/// In which way two steps are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Likeness {
    /// They have the same values, but some have another kind: `1` and `1.0`, a text and a path.
    LookAlike,
    /// They are the same but for the version.
    OtherVersion,
    /// The second one has some params that the first one lacks. They may have been added to the step since.
    ParamAdded(Vec<String>),
    /// They have the same dependencies in another order.
    DependenciesReordered {
        /// Their names in the order of the first one.
        from: String,
    },
    /// A param has another name.
    ParamRenamed {
        /// Its name in the first one.
        from: String,
        /// Its name in the second one.
        to: String,
    },
}

impl Likeness {
    /// Returns what the differences show; `None` if they are just differences.
    #[must_use]
    pub fn of(differences: &[Difference]) -> Option<Self> {
        let all = |is: fn(&Difference) -> bool| !differences.is_empty() && differences.iter().all(is);
        if all(|difference| difference.kind == DifferenceKind::KindOfValue) {
            return Some(Self::LookAlike);
        }
        if all(|difference| difference.kind == DifferenceKind::Version) {
            return Some(Self::OtherVersion);
        }
        if all(|difference| difference.kind == DifferenceKind::Param && difference.before.is_none()) {
            return Some(Self::ParamAdded(differences.iter().map(|difference| difference.path.clone()).collect()));
        }
        if let [difference] = differences
            && difference.kind == DifferenceKind::Dependencies
            && difference.path == "dependencies"
            && let (Some(before), Some(after)) = (&difference.before, &difference.after)
            && in_order(before) == in_order(after)
        {
            return Some(Self::DependenciesReordered { from: before.clone() });
        }
        if let [a, b] = differences
            && a.kind == DifferenceKind::Param
            && b.kind == DifferenceKind::Param
        {
            let (gone, new) = if a.after.is_none() { (a, b) } else { (b, a) };
            if gone.after.is_none() && new.before.is_none() && gone.before == new.after {
                return Some(Self::ParamRenamed { from: gone.path.clone(), to: new.path.clone() });
            }
        }
        None
    }
}

/// Returns the names of dependencies in the order of the alphabet.
fn in_order(names: &str) -> Vec<&str> {
    let mut names: Vec<&str> = names.split(", ").collect();
    names.sort_unstable();
    names
}

/// Compares how near two steps are to a third one, by what differs: fewer differences are nearer. Of as many, those that only look
/// different, and then those whose numbers are less apart.
#[must_use]
pub fn nearer(a: &[Difference], b: &[Difference]) -> Ordering {
    let others = |all: &[Difference]| all.iter().filter(|found| found.kind != DifferenceKind::KindOfValue).count();
    let gap = |all: &[Difference]| all.iter().map(|difference| difference.gap).sum::<f64>();
    (a.len(), others(a)).cmp(&(b.len(), others(b))).then_with(|| gap(a).total_cmp(&gap(b)))
}
