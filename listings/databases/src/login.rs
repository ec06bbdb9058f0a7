//! Logging in: nothing to prove, or SCRAM.
use crate::{LoginError, Settings};
use bytes::BytesMut;
use deferreds::Failure;
use postgres_protocol::{
    authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256},
    message::frontend,
};

/// PostgreSQL hashes 4096 times unless it is told otherwise. What a server may ask for must have an
/// end: the loop stands still meanwhile.
const MAX_ITERATIONS: u32 = 200_000;

/// How far the login is.
pub(crate) enum Login {
    /// The server has asked for nothing yet.
    Started,
    /// It asked for SCRAM.
    Scram(Box<ScramSha256>),
    /// The server has proven that it knows the password, too.
    Verified,
    /// This side is in.
    Done,
}

impl Login {
    /// The server offers mechanisms of SASL. Starts SCRAM, if that is among them.
    pub(crate) fn start_scram(
        &mut self,
        has_scram: bool,
        settings: &Settings,
        out: &mut BytesMut,
    ) -> Result<(), Failure> {
        if !has_scram {
            return Err(LoginError::Unknown.into());
        }
        let Some(password) = &settings.password else {
            return Err(LoginError::NoPassword.into());
        };
        let scram = ScramSha256::new(password.as_bytes(), ChannelBinding::unsupported());
        frontend::sasl_initial_response(SCRAM_SHA_256, scram.message(), out)?;
        *self = Login::Scram(Box::new(scram));
        Ok(())
    }

    /// The server sent its salt, and how often to hash. Answers with the proof of the password.
    pub(crate) fn answer_challenge(
        &mut self,
        data: &[u8],
        out: &mut BytesMut,
    ) -> Result<(), Failure> {
        let Login::Scram(scram) = self else {
            return Err(LoginError::Unproven.into());
        };
        if iterations(data).is_some_and(|count| count > MAX_ITERATIONS) {
            return Err(LoginError::TooSlow.into());
        }
        scram.update(data)?;
        frontend::sasl_response(scram.message(), out)?;
        Ok(())
    }

    /// The server sent its own proof. Verifies that it knows the password.
    pub(crate) fn verify_server(&mut self, data: &[u8]) -> Result<(), Failure> {
        let Login::Scram(scram) = self else {
            return Err(LoginError::Unproven.into());
        };
        scram.finish(data).map_err(|_| LoginError::Unproven)?;
        *self = Login::Verified;
        Ok(())
    }

    /// The server says that all is well. Accepts that when there was nothing to prove, or all is
    /// proven.
    pub(crate) fn accept(&mut self) -> Result<(), LoginError> {
        match self {
            Login::Started | Login::Verified => *self = Login::Done,
            Login::Scram(_) | Login::Done => return Err(LoginError::Unproven),
        }
        Ok(())
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self, Login::Done)
    }
}

/// Returns the 4096 of `r=…,s=…,i=4096`. A number too large for a `u32` counts as the largest.
fn iterations(data: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(data).ok()?;
    let digits = text.split(',').find_map(|part| part.strip_prefix("i="))?;
    Some(digits.parse().unwrap_or(u32::MAX))
}
