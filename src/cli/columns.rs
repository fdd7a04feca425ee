//! Rows of words in columns, by the width that a terminal gives them: a Chinese character takes
//! two.

use crate::diagnostic::text::{visible, width};

/// A line for each row: every cell but the last as wide as the widest of its column.
pub(super) fn columns(rows: &[Vec<String>]) -> Vec<String> {
    let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| visible(cell)).collect()).collect();
    let widest = |column: usize| cells.iter().filter_map(|row| row.get(column)).map(|cell| width(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..cells.iter().map(Vec::len).max().unwrap_or(0)).map(widest).collect();
    let padded = |(cell, most): (&String, &usize)| format!("{cell}{}", " ".repeat(most - width(cell)));
    let line = |row: &Vec<String>| row.iter().zip(&widths).map(padded).collect::<Vec<_>>().join("  ").trim_end().to_owned();
    cells.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::columns;

    #[test]
    fn columns_stand_right_under_chinese() {
        let rows = [["规则", "a", "甲"], ["rule", "bcd", ""], ["应办事项", "\u{202e}", "乙"]];
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
        assert_eq!(columns(&rows), ["规则      a         甲", "rule      bcd", "应办事项  <U+202E>  乙"]);
        assert_eq!(columns(&[]), Vec::<String>::new());
    }
}
