//! HTTP: the same pages for who is signed in, through his own view. Never decides access itself.
