//! The simulated providers of `demo` and the tests.
