//! Who asks.

use chancery::{access::Reader, source::RecordId};

/// A reader, and between which parts of the archive, in a hundred, lies what is hidden from him.
pub struct Asking {
    pub id: &'static str,
    pub hidden: (usize, usize),
}

impl Asking {
    pub fn reader(&self) -> Reader {
        Reader::Person(RecordId::from(self.id))
    }
}

const MUCH: (usize, usize) = (20, 80);

pub const OWNER: Asking = Asking { id: "zhong.nan", hidden: MUCH };
pub const CUSTODIAN: Asking = Asking { id: "cheng.suxin", hidden: MUCH };
pub const FINANCE: Asking = Asking { id: "bai.ruoxi", hidden: MUCH };
pub const OFFICE: Asking = Asking { id: "meng.fanshu", hidden: MUCH };
pub const TEACHER: Asking = Asking { id: "yin.chunmei", hidden: MUCH };
/// Sees almost nothing.
pub const CLEANER: Asking = Asking { id: "tian.shuisheng", hidden: (80, 90) };
pub const HEAD_OF_DEPARTMENT: Asking = Asking { id: "wu.guoliang", hidden: MUCH };
/// Reads a customer under an approved authorisation.
pub const AUTHORISED: Asking = Asking { id: "liu.qingping", hidden: MUCH };
/// Sees almost everything.
pub const GENERAL_MANAGER: Asking = Asking { id: "lu.mingyuan", hidden: (1, 10) };

pub const ALL: [&Asking; 9] =
    [&OWNER, &CUSTODIAN, &FINANCE, &OFFICE, &TEACHER, &CLEANER, &HEAD_OF_DEPARTMENT, &AUTHORISED, &GENERAL_MANAGER];
