//! Figures in a text: digits of any width, and numbers written in Chinese numerals.

/// How many characters of a text are figures. Of Chinese numerals those count that stand together,
/// two or more, and begin with a digit or with 十: 三万一千二百 and 二〇二六 are figures, the 一 of 一家 and the
/// 千万 of 千万不可 are words.
pub(super) fn characters(text: &str) -> u64 {
    let digits = text.chars().filter(|c| c.is_ascii_digit() || ('０'..='９').contains(c)).count();
    let numerals = text.split(|c| !is_numeral(c)).filter(|run| is_number(run)).map(|run| run.chars().count());
    (digits + numerals.sum::<usize>()) as u64
}

fn is_number(run: &str) -> bool {
    run.chars().count() > 1 && run.starts_with(|c| is_digit(c) || matches!(c, '十' | '拾'))
}

fn is_digit(c: char) -> bool {
    "〇零一二三四五六七八九两壹贰叁肆伍陆柒捌玖".contains(c)
}

fn is_numeral(c: char) -> bool {
    is_digit(c) || "十百千万亿拾佰仟萬億".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_either_script_are_figures_and_words_are_not() {
        for (text, expected) in [
            ("", 0),
            ("货款 31,200 元", 5),
            ("３万", 1),
            ("货款三万一千二百元", 6),
            ("二〇二六年三月十二日", 6),
            ("十一家、二十家", 4),
            ("叁万伍仟元整", 4),
            ("一家做隔板，两家做壳体，三月交货", 0),
            ("万一不成，千万不可，百般推托，十分稳妥", 0),
            ("四舍五入", 0),
            ("第三、四条", 0),
        ] {
            assert_eq!(characters(text), expected, "{text}");
        }
    }
}
