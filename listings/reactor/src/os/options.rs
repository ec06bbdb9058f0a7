//! How a socket of the system is made and what can be set on it.
use super::socket::Socket;
use crate::{Address, SocketOption, capabilities::unsuitable};
use socket2::{Domain, SockRef, TcpKeepalive, Type};
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

fn new(at: SocketAddr, kind: Type) -> io::Result<socket2::Socket> {
    let socket = socket2::Socket::new(Domain::for_address(at), kind, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// On Windows `SO_REUSEADDR` means that another process can take the address while it is in use.
fn reuse(socket: &socket2::Socket) -> io::Result<()> {
    if cfg!(unix) {
        socket.set_reuse_address(true)?;
    }
    Ok(())
}

pub(super) fn backlog(backlog: u32) -> i32 {
    i32::try_from(backlog).unwrap_or(i32::MAX)
}

pub(super) fn listen(at: SocketAddr, most: u32) -> io::Result<Socket> {
    let socket = new(at, Type::STREAM)?;
    reuse(&socket)?;
    socket.bind(&at.into())?;
    socket.listen(backlog(most))?;
    let listener = mio::net::TcpListener::from_std(socket.into());
    Ok(Socket::TcpListener(listener))
}

pub(super) fn bind(at: SocketAddr, shared: bool) -> io::Result<Socket> {
    let socket = new(at, Type::DGRAM)?;
    if shared {
        reuse(&socket)?;
    }
    socket.bind(&at.into())?;
    Ok(Socket::Udp(mio::net::UdpSocket::from_std(socket.into())))
}

/// Returns whether it is a socket of IPv6: some options have another name there.
fn is_six(socket: &Socket) -> bool {
    matches!(socket.local_address(), Ok(Address::Inet(at)) if at.is_ipv6())
}

fn reference(socket: &Socket) -> io::Result<SockRef<'_>> {
    Ok(match socket {
        Socket::TcpListener(socket) => socket.into(),
        Socket::TcpStream(socket) => socket.into(),
        Socket::Udp(socket) => socket.into(),
        #[cfg(unix)]
        Socket::UnixListener(socket) => socket.into(),
        #[cfg(unix)]
        Socket::UnixStream(socket) => socket.into(),
        #[cfg(unix)]
        Socket::UnixDatagram(socket) => socket.into(),
        #[cfg(unix)]
        _ => return Err(unsuitable()),
    })
}

pub(super) fn set(socket: &Socket, option: SocketOption) -> io::Result<()> {
    use SocketOption::*;
    let of = reference(socket)?;
    let tcp = matches!(socket, Socket::TcpListener(_) | Socket::TcpStream(_));
    let udp = matches!(socket, Socket::Udp(_));
    // IPv4 and IPv6 have an option each for the same thing; a socket knows one of the two.
    let six = is_six(socket);
    match option {
        NoDelay(on) if tcp => of.set_tcp_nodelay(on),
        KeepAlive(None) if tcp => of.set_keepalive(false),
        KeepAlive(Some(after)) if tcp => {
            of.set_tcp_keepalive(&TcpKeepalive::new().with_time(after))
        }
        SendBuffer(bytes) => of.set_send_buffer_size(bytes),
        ReceiveBuffer(bytes) => of.set_recv_buffer_size(bytes),
        TimeToLive(routers) if (tcp || udp) && six => of.set_unicast_hops_v6(routers),
        TimeToLive(routers) if tcp || udp => of.set_ttl_v4(routers),
        Broadcast(on) if udp => of.set_broadcast(on),
        JoinGroup(IpAddr::V4(group)) if udp => of.join_multicast_v4(&group, &Ipv4Addr::UNSPECIFIED),
        JoinGroup(IpAddr::V6(group)) if udp => of.join_multicast_v6(&group, 0),
        LeaveGroup(IpAddr::V4(group)) if udp => {
            of.leave_multicast_v4(&group, &Ipv4Addr::UNSPECIFIED)
        }
        LeaveGroup(IpAddr::V6(group)) if udp => of.leave_multicast_v6(&group, 0),
        GroupLoop(on) if udp && six => of.set_multicast_loop_v6(on),
        GroupLoop(on) if udp => of.set_multicast_loop_v4(on),
        GroupTimeToLive(routers) if udp && six => of.set_multicast_hops_v6(routers),
        GroupTimeToLive(routers) if udp => of.set_multicast_ttl_v4(routers),
        _ => Err(unsuitable()),
    }
}
