//! Additions to documents: every other byte stays as it was; written beside, synced, renamed.
