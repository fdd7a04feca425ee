//! Did you mean: the known name that a written one was probably meant to be.

use super::{
    Words,
    text::{code_point, is_invisible, is_odd_space},
};
use crate::source::trial;
use unicode_security::skeleton;

/// The known name nearest to `written`, where it is near enough to be a slip: a third of its
/// characters added, left out, exchanged or swapped with their neighbours, three at most. Of
/// equally near ones the first in the order of the alphabet.
pub fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written: Vec<char> = written.chars().flat_map(char::to_lowercase).collect();
    let most = slips_allowed(written.len())?;
    let (mut letters, mut rows) = (Vec::new(), Rows::default());
    known
        .into_iter()
        .filter_map(|name| {
            trial::count(1);
            letters.clear();
            letters.extend(name.chars().flat_map(char::to_lowercase));
            let slips = (letters.len().abs_diff(written.len()) <= most).then(|| rows.slips(&written, &letters, most))??;
            (slips < letters.len()).then_some((slips, name))
        })
        .min()
        .map(|(_, name)| name)
}

/// The question whether `near` was meant by what is written. Where a reader takes the two for one,
/// what tells them apart is named instead.
pub fn did_you_mean(written: &str, near: &str) -> Words {
    let Some(hidden) = hidden(written, near) else {
        return Words::new(format!("是不是“{near}”？"), format!("did you mean “{near}”?"));
    };
    let number = code_point(hidden);
    if is_unseen(hidden) {
        return Words::new(
            format!("重新打一遍“{near}”：现在写的里面有看不见的字符 {number}"),
            format!("type “{near}” anew: there is a character in it that is not seen, {number}"),
        );
    }
    Words::new(
        format!("重新打一遍“{near}”：现在写的“{hidden}”是 {number}，只是看上去一样"),
        format!("type “{near}” anew: the “{hidden}” in it is {number}, and only looks the same"),
    )
}

/// The first of the known names that a reader takes for what is written, and that is another.
pub fn same_to_the_eye<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known.into_iter().find(|name| hidden(written, name).is_some())
}

/// The first character of `written` that makes it another word than `near`, where nobody sees it.
fn hidden(written: &str, near: &str) -> Option<char> {
    if written == near || written.is_ascii() {
        return None;
    }
    let seen = || written.chars().filter(|c| !is_unseen(*c));
    if seen().eq(near.chars()) {
        return written.chars().find(|c| is_unseen(*c));
    }
    let odd = seen().zip(near.chars()).find(|(written, near)| written != near).map(|(written, _)| written)?;
    let is_one = || skeleton(&seen().collect::<String>()).eq(skeleton(near));
    (!odd.is_ascii() && seen().count() == near.chars().count() && is_one()).then_some(odd)
}

fn is_unseen(c: char) -> bool {
    is_invisible(c) || is_odd_space(c)
}

/// In bytes: nothing that is longer was meant for a name.
const LONGEST_NAME: usize = 600;

/// Whether a word is a part of a name, whatever the case of its letters.
pub fn is_part(word: &str, name: &str) -> bool {
    let is_short = [word, name].iter().all(|text| text.len() <= LONGEST_NAME);
    let [word, name] = [word, name].map(|text| if is_short { text.trim().to_lowercase() } else { String::new() });
    !word.is_empty() && name.contains(&word)
}

fn slips_allowed(length: usize) -> Option<usize> {
    (2..=200).contains(&length).then(|| (length / 3).clamp(1, 3))
}

/// Room for the comparison of words, used again for each.
#[derive(Default)]
struct Rows {
    before: Vec<usize>,
    above: Vec<usize>,
    row: Vec<usize>,
}

impl Rows {
    /// The edits that turn one word into the other (optimal string alignment: a swap of neighbours
    /// is one), where they are no more than `most`. What lies further than that from the diagonal
    /// costs more.
    fn slips(&mut self, a: &[char], b: &[char], most: usize) -> Option<usize> {
        let too_many = most + 1;
        self.above.clear();
        self.above.extend(0..=b.len());
        for i in 1..=a.len() {
            self.row.clear();
            self.row.resize(b.len() + 1, too_many);
            self.row[0] = i;
            let band = i.saturating_sub(most).max(1)..=(i + most).min(b.len());
            for j in band {
                let exchanged = self.above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut least = exchanged.min(self.above[j] + 1).min(self.row[j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    least = least.min(self.before[j - 2] + 1);
                }
                self.row[j] = least;
            }
            if self.row.iter().all(|edits| *edits > most) {
                return None;
            }
            std::mem::swap(&mut self.before, &mut self.above);
            std::mem::swap(&mut self.above, &mut self.row);
        }
        self.above.get(b.len()).copied().filter(|edits| *edits <= most)
    }
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, is_part, nearest};

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
    fn a_word_is_a_part_of_a_longer_name() {
        for (word, name) in [("投诉", "客户投诉"), ("Report", "credit-report"), ("卡", "客户资料卡"), (" 投诉 ", "投诉")] {
            assert!(is_part(word, name), "{word} {name}");
        }
        let long = "投".repeat(1000);
        for (word, name) in [("投诉", "申诉"), ("", "客户"), (" ", "a b"), ("客户投诉", "投诉"), ("visit", ""), ("投", &long)]
        {
            assert!(!is_part(word, name), "{word} {name}");
        }
    }

    #[test]
    fn of_equally_near_names_the_first_is_taken_whatever_their_order() {
        assert_eq!(nearest("C-0099", ["C-0097", "C-0091"]), Some("C-0091"));
    }

    #[test]
    fn what_only_looks_like_the_name_is_told_by_its_character() {
        for (written, near, told) in [
            ("C-00\u{200b}11", "C-0011", "U+200B"),
            ("\u{202e}grade", "grade", "U+202E"),
            ("sales\u{a0}team", "salesteam", "U+00A0"),
            ("\u{410}", "A", "U+0410"),
            ("\u{421}-0011", "C-0011", "U+0421"),
        ] {
            let words = did_you_mean(written, near);
            assert!(words.zh.contains(told) && words.en.contains(told), "{words:?}");
        }
        for (written, near) in [("C-0017", "C-0071"), ("名字", "名称"), ("C-O011", "C-0011"), ("Ａ级", "A"), ("grade", "grade")] {
            assert!(did_you_mean(written, near).zh.starts_with("是不是"), "{written}");
        }
    }

    #[test]
    fn a_word_of_a_million_letters_is_not_compared() {
        assert_eq!(nearest(&"x".repeat(1_000_000), ["x"]), None);
    }
}
