//! The twins of the chapter on Qt: tokio in a thread beside Qt's loop.
