//! Passwords that are tried first: words that very many take, with or without figures and signs
//! around them, and runs of keys.

/// Of whom letters alone are looked at, in lower case.
const WORDS: &[&str] = &[
    "abc",
    "abcd",
    "admin",
    "administrator",
    "aini",
    "baobao",
    "baseball",
    "basketball",
    "beijing",
    "chancery",
    "changeme",
    "china",
    "computer",
    "default",
    "dragon",
    "football",
    "freedom",
    "guanliyuan",
    "guest",
    "hello",
    "helloworld",
    "iloveyou",
    "internet",
    "letmein",
    "login",
    "manager",
    "master",
    "michael",
    "mima",
    "monkey",
    "mypassword",
    "nihao",
    "office",
    "pass",
    "passport",
    "passwd",
    "password",
    "passwords",
    "password1",
    "princess",
    "qwerty",
    "qwertyuiop",
    "qwertyui",
    "root",
    "secret",
    "server",
    "shadow",
    "shanghai",
    "sunshine",
    "superman",
    "system",
    "temp",
    "test",
    "testing",
    "trustno",
    "user",
    "welcome",
    "woaini",
    "woainima",
    "woaiwojia",
    "zhongguo",
];

/// Rows of keys, and figures that are chosen for their sound.
const RUNS: &[&str] = &[
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "qazwsxedcrfvtgbyhnujmikolp",
    "5201314",
    "1314520",
    "147258369",
    "987456321",
    "159753",
    "789456123",
    "zaq1xsw2cde3vfr4",
];

/// A character that stands again and again says little: with fewer different ones, a password is
/// one of few.
const DIFFERENT: usize = 4;

/// Whether a password is among those that are tried first.
pub(super) fn is_common(password: &str) -> bool {
    let plain: String = password.chars().flat_map(char::to_lowercase).filter(|c| !c.is_whitespace()).collect();
    let mut different: Vec<char> = plain.chars().collect();
    different.sort_unstable();
    different.dedup();
    let mut once: Vec<char> = plain.chars().collect();
    once.dedup();
    different.len() < DIFFERENT || is_word(&plain) || is_of_runs(plain.chars().collect()) || is_of_runs(once)
}

/// What is left of `P@ssw0rd2024!` is `password`.
fn is_word(plain: &str) -> bool {
    let bare = plain.trim_matches(|c: char| !c.is_alphabetic());
    let read: String = bare.chars().map(letter).filter(|c| c.is_alphabetic()).collect();
    let letters: String = plain.chars().filter(|c| c.is_alphabetic()).collect();
    [read, letters].iter().any(|word| WORDS.contains(&word.as_str()) || is_doubled(word))
}

fn is_doubled(word: &str) -> bool {
    word.len().is_multiple_of(2) && word.is_char_boundary(word.len() / 2) && {
        let (first, second) = word.split_at(word.len() / 2);
        first == second && WORDS.contains(&first)
    }
}

/// The letter that a figure or a sign is often written for.
fn letter(written: char) -> char {
    match written {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Whether it can be put together of pieces, four characters or longer, of the runs, read either
/// way; up to three may be left over at the end.
fn is_of_runs(mut rest: Vec<char>) -> bool {
    while rest.len() > 3 {
        let longest = (4..=rest.len()).rev().find(|length| is_run(&rest[..*length]));
        match longest {
            Some(length) => drop(rest.drain(..length)),
            None => return false,
        }
    }
    true
}

fn is_run(piece: &[char]) -> bool {
    let (forward, backward): (String, String) = (piece.iter().collect(), piece.iter().rev().collect());
    let is_same = piece.iter().all(|c| *c == piece[0]);
    is_same || RUNS.iter().any(|run| run.contains(&forward) || run.contains(&backward))
}

#[cfg(test)]
mod tests {
    use super::is_common;

    #[test]
    fn what_is_tried_first_is_known_however_it_is_dressed() {
        for common in [
            "12345678",
            "123456789",
            "1234567890",
            "0987654321",
            "87654321",
            "11111111",
            "12121212",
            "11223344",
            "aaaa1111",
            "password",
            "Password1",
            "P@ssw0rd!",
            "passw0rd2024",
            "!!admin!!",
            "admin123",
            "Admin@2026",
            "qwertyuiop",
            "QWERTYUI",
            "asdfghjkl",
            "1qaz2wsx",
            "1q2w3e4r",
            "qazwsxedc",
            "abcd1234",
            "1234abcd",
            "abc12345",
            "woaini520",
            "woaini1314",
            "5201314520",
            "iloveyou",
            "88888888",
            "zhongguo1",
            "mima1234",
            "passwordpassword",
            "p a s s w o r d",
            "chancery2026",
            "147258369",
            "12345678a",
        ] {
            assert!(is_common(common), "{common}");
        }
    }

    #[test]
    fn what_is_not_tried_first_may_be_taken() {
        for own in [
            "a good password",
            "long enough",
            "八个汉字就够了吗",
            "a better one",
            "correct horse",
            "tr0ub4dor&3",
            "Mz7!kq2w",
            "赵敏的一个密码",
            "my cat is 7 years old",
            "qwer-tomorrow",
            "2026年的第一天",
        ] {
            assert!(!is_common(own), "{own}");
        }
    }
}
