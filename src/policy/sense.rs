//! What makes sense in every record of a type: dates in order, deeds in the past, figures within
//! their bounds, people on staff.

use super::FieldPath;
use rust_decimal::Decimal;
use std::fmt;

/// Each path leads into at most one list; where one does, each of its rows is judged.
#[derive(Clone, Debug, Default)]
pub struct Sense {
    /// Lists of dates: none that is written lies before one written earlier in its list.
    pub order: Vec<Vec<FieldPath>>,
    /// Days on which something was done: none of them is still to come.
    pub past: Vec<FieldPath>,
    pub bounds: Vec<FigureBound>,
    /// People, and the day on which each of them was on staff.
    pub staff: Vec<(FieldPath, FieldPath)>,
}

/// What a figure may not go beyond.
#[derive(Clone, Debug)]
pub struct FigureBound {
    pub path: FieldPath,
    pub side: Side,
    pub limit: Limit,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Min,
    Max,
    /// More than this, and not this itself.
    Above,
}

impl Side {
    pub const NAMES: [(&str, Side); 3] = [("min", Side::Min), ("max", Side::Max), ("above", Side::Above)];

    pub fn allows(self, value: Decimal, limit: Decimal) -> bool {
        match self {
            Side::Min => value >= limit,
            Side::Max => value <= limit,
            Side::Above => value > limit,
        }
    }
}

/// `orders.paid ≤ orders.amount`.
impl fmt::Display for FigureBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.side {
            Side::Min => "≥",
            Side::Max => "≤",
            Side::Above => ">",
        };
        let limit = match &self.limit {
            Limit::Number(number) => number.to_string(),
            Limit::Field(path) => path.0.join("."),
        };
        write!(f, "{} {sign} {limit}", self.path.0.join("."))
    }
}

#[derive(Clone, Debug)]
pub enum Limit {
    Number(Decimal),
    /// A figure of the same record or row; where it is not written, nothing is bound by it.
    Field(FieldPath),
}
