//! Which steps start first: those on the longest path to a target.

/// Returns the longest path from each step to the end of the run, in seconds, with its own. `below` are the steps that each needs.
pub(super) fn longest_paths(below: &[&[usize]], seconds: &[f64]) -> Vec<f64> {
    let mut users = vec![0_usize; below.len()];
    for below in below.iter().flat_map(|below| below.iter()) {
        if let Some(users) = users.get_mut(*below) {
            *users += 1;
        }
    }
    let mut after = vec![0.0_f64; below.len()];
    let mut paths = vec![0.0_f64; below.len()];
    let free = |(index, users): (usize, &usize)| (*users == 0).then_some(index);
    let mut pending: Vec<usize> = users.iter().enumerate().filter_map(free).collect();
    while let Some(index) = pending.pop() {
        let path = after.get(index).unwrap_or(&0.0) + seconds.get(index).unwrap_or(&0.0);
        if let Some(slot) = paths.get_mut(index) {
            *slot = path;
        }
        for below in below.get(index).copied().unwrap_or_default() {
            if let (Some(after), Some(users)) = (after.get_mut(*below), users.get_mut(*below)) {
                *after = after.max(path);
                *users -= 1;
                if *users == 0 {
                    pending.push(*below);
                }
            }
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp, reason = "these sums are exact")]

    use super::longest_paths;

    #[test]
    fn a_path_counts_all_steps_up_to_the_target() {
        // 0 needs 1 and 2; 1 needs 3; 2 needs 3.
        let below: [&[usize]; 4] = [&[1, 2], &[3], &[3], &[]];
        assert_eq!(longest_paths(&below, &[1.0, 5.0, 2.0, 1.0]), [1.0, 6.0, 3.0, 7.0]);
    }

    #[test]
    fn two_targets_share_a_step_below() {
        let below: [&[usize]; 3] = [&[2], &[2], &[]];
        assert_eq!(longest_paths(&below, &[1.0, 9.0, 1.0]), [1.0, 9.0, 10.0]);
    }
}
