//! The kinds of endpoints that listen at an address: tcp, tcp6, ssl, unix.
use crate::{EndpointError, Listen, Listening, Options, certificates};
use reactor::{Address, Handle};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    rc::Rc,
};
use transports::{
    Factory, listen,
    tls::{Tls, secure},
};

/// An address, and what is done with each connection there before its protocol is built.
struct SocketEndpoint {
    address: Address,
    tls: Option<Tls>,
    /// Who may use a Unix socket, as chmod(2) has it.
    #[cfg_attr(not(unix), allow(dead_code))]
    mode: Option<u32>,
}

// ANCHOR: at
impl Listen for SocketEndpoint {
    fn listen(&self, reactor: &Handle, mut factory: Rc<dyn Factory>) -> io::Result<Listening> {
        if let Some(tls) = &self.tls {
            factory = secure(tls.clone(), factory);
        }
        let port = listen(reactor, &self.address, factory)?;
        if let Err(error) = self.set_permissions() {
            port.stop_listening();
            return Err(error);
        }
        Ok(port.into())
    }
}
// ANCHOR_END: at

impl SocketEndpoint {
    #[cfg(unix)]
    fn set_permissions(&self) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        if let (Some(mode), Address::Unix(path)) = (self.mode, &self.address) {
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn set_permissions(&self) -> io::Result<()> {
        Ok(())
    }
}

fn at(address: Address) -> SocketEndpoint {
    SocketEndpoint {
        address,
        tls: None,
        mode: None,
    }
}

pub(crate) fn tcp(options: &mut Options) -> Result<Rc<dyn Listen>, EndpointError> {
    let every = Ipv4Addr::UNSPECIFIED.into();
    let address = inet(options, every, IpAddr::is_ipv4, "IPv4")?;
    Ok(Rc::new(at(address)))
}

pub(crate) fn tcp6(options: &mut Options) -> Result<Rc<dyn Listen>, EndpointError> {
    let every = Ipv6Addr::UNSPECIFIED.into();
    let address = inet(options, every, IpAddr::is_ipv6, "IPv6")?;
    Ok(Rc::new(at(address)))
}

pub(crate) fn ssl(options: &mut Options) -> Result<Rc<dyn Listen>, EndpointError> {
    let every = Ipv4Addr::UNSPECIFIED.into();
    let address = inet(options, every, |_| true, "IP")?;
    let tls = Some(Tls::server(certificates::server(options)?));
    Ok(Rc::new(SocketEndpoint { tls, ..at(address) }))
}

#[cfg(unix)]
pub(crate) fn unix(options: &mut Options) -> Result<Rc<dyn Listen>, EndpointError> {
    let path = options.positional("address")?;
    let Some(path) = path.filter(|path| !path.is_empty()) else {
        return Err(options.missing("the path is missing"));
    };
    let mode = match options.text("mode")? {
        None => None,
        // Octal, as for chmod: 660 in decimal would be other permissions than anyone means.
        Some(mode) => match u32::from_str_radix(&mode, 8) {
            Ok(mode @ 0..=0o777) => Some(mode),
            _ => {
                let what = "these are no permissions, such as 660: octal digits, up to 777";
                return Err(options.wrong(what));
            }
        },
    };
    let address = Address::Unix(path.into());
    Ok(Rc::new(SocketEndpoint {
        mode,
        ..at(address)
    }))
}

/// Takes a port, and the interface it belongs to.
fn inet(
    options: &mut Options,
    every: IpAddr,
    fits: fn(&IpAddr) -> bool,
    family: &str,
) -> Result<Address, EndpointError> {
    let Some(port) = options.number("port")? else {
        return Err(options.missing("the port is missing: a number from 0 to 65535"));
    };
    let ip = match options.text("interface")? {
        None => every,
        Some(text) => match text.parse::<IpAddr>() {
            Ok(ip) if fits(&ip) => ip,
            _ => return Err(options.wrong(format!("this is no {family} address"))),
        },
    };
    Ok(SocketAddr::new(ip, port).into())
}
