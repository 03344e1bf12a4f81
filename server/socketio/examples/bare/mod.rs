//! A server on a thread of its own, and clients that are bare sockets: they hold nothing and do only what they must, so that what
//! is counted is the server.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;

use socketio::{SocketIo, listen};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Serves for as long as the process lives.
pub(crate) fn serve(io: SocketIo, runtime: Runtime) -> io::Result<SocketAddr> {
    let (sender, addr) = mpsc::channel();
    std::thread::spawn(move || -> io::Result<()> {
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let _ = sender.send(listener.local_addr()?);
            listen::serve(listener, io, listen::NotFound, std::future::pending()).await
        })
    });
    addr.recv().map_err(io::Error::other)
}

/// A client that has joined `/`.
pub(crate) fn open(addr: SocketAddr) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect(addr)?;
    stream.write_all(REQUEST)?;
    // The answer and the open packet, behind which the server waits.
    let (mut received, mut bytes) = (0, [0; 1024]);
    while received == 0 || bytes[received - 1] != b'}' {
        match stream.read(&mut bytes[received..])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => received += count,
        }
    }
    send(&mut stream, 1, b"40")?;
    skip_frame(&mut stream)?;
    Ok(stream)
}

/// Sends one frame.
pub(crate) fn send(stream: &mut TcpStream, opcode: u8, payload: &[u8]) -> io::Result<()> {
    let mut frame = Vec::new();
    push(&mut frame, opcode, payload);
    stream.write_all(&frame)
}

/// Appends one frame of up to 125 bytes, under a mask of zeros.
pub(crate) fn push(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    out.extend_from_slice(&[0x80 | opcode, 0x80 | payload.len() as u8, 0, 0, 0, 0]);
    out.extend_from_slice(payload);
}

/// Waits for one frame of less than 64 KiB and forgets it.
pub(crate) fn skip_frame(stream: &mut TcpStream) -> io::Result<()> {
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    let length = match head[1] {
        126 => {
            stream.read_exact(&mut head)?;
            usize::from(u16::from_be_bytes(head))
        }
        length => usize::from(length),
    };
    stream.read_exact(&mut vec![0; length])
}

const REQUEST: &[u8] = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n\
    host: 127.0.0.1\r\n\
    connection: Upgrade\r\n\
    upgrade: websocket\r\n\
    sec-websocket-version: 13\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
