//! Dependencies before what was made from them.

use std::collections::{BTreeMap, VecDeque};

/// Sorts artifacts, so that each comes after those that it names: its stem and the stems that it was made from.
pub(super) fn dependencies_first(artifacts: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut above: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    for (stem, below) in artifacts {
        let known: Vec<&String> = below.iter().filter(|below| artifacts.contains_key(*below)).collect();
        missing.insert(stem, known.len());
        known.into_iter().for_each(|below| above.entry(below).or_default().push(stem));
    }
    let mut next: VecDeque<&str> =
        artifacts.keys().map(String::as_str).filter(|stem| missing.get(stem) == Some(&0)).collect();
    let mut sorted = Vec::with_capacity(artifacts.len());
    while let Some(stem) = next.pop_front() {
        sorted.push(stem.to_owned());
        for dependent in above.remove(stem).into_iter().flatten() {
            if let Some(count) = missing.get_mut(dependent) {
                *count -= 1;
                if *count == 0 {
                    next.push_back(dependent);
                }
            }
        }
    }
    // Keys can't form a cycle; whoever forged one gets the artifacts all the same.
    sorted.extend(missing.into_iter().filter(|(_, count)| *count > 0).map(|(stem, _)| stem.to_owned()));
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_come_first_and_cycles_come_last() {
        let below = |stems: &[&str]| stems.iter().map(ToString::to_string).collect::<Vec<_>>();
        let artifacts = BTreeMap::from([
            ("a".to_owned(), below(&["b", "c", "gone"])),
            ("b".to_owned(), below(&["c", "c"])),
            ("c".to_owned(), below(&[])),
            ("x".to_owned(), below(&["y"])),
            ("y".to_owned(), below(&["x"])),
        ]);
        assert_eq!(dependencies_first(&artifacts), ["c", "b", "a", "x", "y"]);
    }
}
