//! A kind of endpoint: the first free port of several.
use std::{io, rc::Rc};
use untwisted::{
    applications::{EndpointError, Listen, Listening, Options},
    reactor::{Address, Handle},
    transports::{Factory, listen},
};

/// From `first:LOW-HIGH`.
pub fn first(options: &mut Options) -> Result<Rc<dyn Listen>, EndpointError> {
    let Some(text) = options.positional("ports")? else {
        return Err(options.missing("the ports are missing, such as 4000-4010"));
    };
    let port = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| digits)
    };
    let ports = text.split_once('-');
    let ports = ports.and_then(|(low, high)| Some((port(low)?, port(high)?)));
    match ports {
        Some((low, high)) if low >= 1 && low <= high => Ok(Rc::new(First { low, high })),
        _ => Err(options.wrong("these are no ports; write 4000-4010, the lower one first")),
    }
}

struct First {
    low: u16,
    high: u16,
}

impl Listen for First {
    fn listen(&self, reactor: &Handle, factory: Rc<dyn Factory>) -> io::Result<Listening> {
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for port in self.low..=self.high {
            match listen(reactor, &Address::loopback(port), Rc::clone(&factory)) {
                Ok(port) => return Ok(port.into()),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    last = io::Error::other(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }
}
