//! Accounts, sessions and the access log, in an embedded store. Never holds a document.
