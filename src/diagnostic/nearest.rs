//! Did you mean: the known name that a written one was probably meant to be.

use crate::source::trial;

/// The known name nearest to `written`, where it is near enough to be a slip: a third of its characters added, left out, exchanged
/// or swapped with their neighbours, three at most. Of equally near ones the first in the order of the alphabet.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written: Vec<char> = written.chars().flat_map(char::to_lowercase).collect();
    let most = slips_allowed(written.len())?;
    known
        .into_iter()
        .filter_map(|name| {
            trial::count(1);
            let letters: Vec<char> = name.chars().flat_map(char::to_lowercase).collect();
            let slips = (letters.len().abs_diff(written.len()) <= most).then(|| slips(&written, &letters))?;
            (slips <= most && slips < letters.len()).then_some((slips, name))
        })
        .min()
        .map(|(_, name)| name)
}

fn slips_allowed(length: usize) -> Option<usize> {
    (2..=200).contains(&length).then(|| (length / 3).clamp(1, 3))
}

/// The edits that turn one word into the other (optimal string alignment: a swap of neighbours is one).
fn slips(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let exchanged = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = exchanged.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_the_name_and_another_word_does_not() {
        let names = ["credit_limit", "grade", "custodian", "名称", "C-0071", "A"];
        for (written, meant) in [
            ("credit_limt", Some("credit_limit")),
            ("garde", Some("grade")),
            ("Custodian", Some("custodian")),
            ("名字", Some("名称")),
            ("C-0017", Some("C-0071")),
            ("phone", None),
            ("B", None),
            ("", None),
            ("gr", None),
        ] {
            assert_eq!(nearest(written, names), meant, "{written}");
        }
    }

    #[test]
    fn of_equally_near_names_the_first_is_taken_whatever_their_order() {
        assert_eq!(nearest("C-0099", ["C-0097", "C-0091"]), Some("C-0091"));
    }

    #[test]
    fn a_word_of_a_million_letters_is_not_compared() {
        assert_eq!(nearest(&"x".repeat(1_000_000), ["x"]), None);
    }
}
