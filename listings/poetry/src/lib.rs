//! Public-domain poems and the slow poetry server that every chapter fetches from.
