//! Whether what is shown is for all staff.

/// What an answer gives its reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Disclosure {
    /// What all staff may read: there is no line.
    Open,
    /// What not all may read: it goes out only after its line is on the disk.
    Restricted,
    /// Nothing: it is not there, or not for this reader. That they asked is noted down, and nobody
    /// waits for it.
    Nothing,
}
