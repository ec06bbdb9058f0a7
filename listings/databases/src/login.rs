//! Logging in: nothing to prove, or SCRAM.
use crate::{LoginError, Settings};
use bytes::BytesMut;
use deferreds::Failure;
use postgres_protocol::{
    authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256},
    message::frontend,
};

/// PostgreSQL hashes 4096 times unless it is told otherwise. What a server may ask for must have an end: the loop stands
/// still meanwhile.
const MOST_ITERATIONS: u32 = 200_000;

/// How far it is.
pub(crate) enum Login {
    /// The server has asked for nothing yet.
    Begun,
    /// It asked for SCRAM.
    Scram(Box<ScramSha256>),
    /// It has proven that it knows the password, too.
    Proven,
    /// This side is in.
    In,
}

impl Login {
    /// It offers ways of SASL.
    pub(crate) fn offered(
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

    /// It sent its salt, and how often to hash.
    pub(crate) fn salted(&mut self, data: &[u8], out: &mut BytesMut) -> Result<(), Failure> {
        let Login::Scram(scram) = self else {
            return Err(LoginError::Unproven.into());
        };
        if iterations(data).is_some_and(|count| count > MOST_ITERATIONS) {
            return Err(LoginError::TooSlow.into());
        }
        scram.update(data)?;
        frontend::sasl_response(scram.message(), out)?;
        Ok(())
    }

    /// It proves that it knows the password.
    pub(crate) fn proves(&mut self, data: &[u8]) -> Result<(), Failure> {
        let Login::Scram(scram) = self else {
            return Err(LoginError::Unproven.into());
        };
        scram.finish(data).map_err(|_| LoginError::Unproven)?;
        *self = Login::Proven;
        Ok(())
    }

    /// It says that all is well.
    pub(crate) fn accepted(&mut self) -> Result<(), LoginError> {
        match self {
            Login::Begun | Login::Proven => *self = Login::In,
            Login::Scram(_) | Login::In => return Err(LoginError::Unproven),
        }
        Ok(())
    }

    pub(crate) fn is_in(&self) -> bool {
        matches!(self, Login::In)
    }
}

/// The `i=4096` of `r=…,s=…,i=4096`. A number too large for a `u32` counts as the largest.
fn iterations(data: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(data).ok()?;
    let digits = text.split(',').find_map(|part| part.strip_prefix("i="))?;
    Some(digits.parse().unwrap_or(u32::MAX))
}
