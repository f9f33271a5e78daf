//! A stage for tests and the demo: a desktop of its own, real applications and a scripted person.
