// Ports of this machine, for servers that are not there yet.

import Foundation

/// A port of 127.0.0.1 that nobody listened at a moment ago.
func freePort() throws -> Int {
    try withTCPSocket { descriptor, address, length in
        guard bind(descriptor, address, length) == 0 else { throw Wire.Failure(description: "bind") }
        var bound = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return Int(in_port_t(bigEndian: bound.sin_port))
    }
}

/// Whether somebody listens at a port of 127.0.0.1.
func accepts(_ port: Int) -> Bool {
    withTCPSocket(port) { connect($0, $1, $2) == 0 }
}

private func withTCPSocket<Value>(
    _ port: Int = 0, _ body: (Int32, UnsafePointer<sockaddr>, socklen_t) throws -> Value
) rethrows -> Value {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return try withUnsafePointer(to: address) { pointer in
        try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            try body(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}

/// Passes connections to a port on to another one, until it is terminated.
func relay(from port: Int, to other: Int) throws -> Process {
    let relay = Process()
    guard let socat = Programs.installed("socat") else { throw Wire.Failure(description: "no socat") }
    relay.executableURL = URL(fileURLWithPath: socat)
    relay.arguments = ["TCP-LISTEN:\(port),bind=127.0.0.1,fork,reuseaddr", "TCP:127.0.0.1:\(other)"]
    relay.standardOutput = FileHandle.nullDevice
    relay.standardError = FileHandle.nullDevice
    try relay.run()
    return relay
}
