//! Did-you-mean: the known name that is nearest to a written one.

/// The nearest of the known names, where it is near enough to be meant; of equally near ones the first in their order.
pub fn nearest<'n>(written: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let letters = written.chars().count();
    // A name of one or two characters shares nothing with another of the same length at the distance 2.
    let allowed = (letters / 3).clamp(1, 3);
    let distances = known.into_iter().map(|name| (distance(written, name), name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= allowed && distance < letters).then_some(name)
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from one to the other (optimal string alignment).
fn distance(left: &str, right: &str) -> usize {
    let fold = |text: &str| text.chars().flat_map(char::to_lowercase).take(64).collect::<Vec<char>>();
    let (left, right) = (fold(left), fold(right));
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for i in 1..=left.len() {
        let mut row = vec![i];
        for j in 1..=right.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(left[i - 1] != right[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_name() {
        for (written, known, meant) in [
            ("grdae", &["grade", "date"][..], Some("grade")),
            ("credit_limt", &["credit_limit"], Some("credit_limit")),
            ("Grade", &["grade"], Some("grade")),
            ("等极", &["等级", "额度"], Some("等级")),
            ("x", &["y"], None),
            ("grade", &["colour"], None),
            ("", &["a"], None),
        ] {
            assert_eq!(nearest(written, known.iter().copied()), meant, "{written}");
        }
    }
}
