//! Writes a site into a folder, whole or not at all: one rename publishes it.
