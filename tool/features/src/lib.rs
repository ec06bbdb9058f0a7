//! No code: this package only asks for features (`tool/src/tidy/union.rs` tells why).
