// Decides the course of a login at another device (RFC 8628): the daemon polls the provider, this program asks the daemon
// until it knows.

import Glibc
import TokenClient

/// One login by a device code.
struct DeviceLogin {
    /// The time between two questions where the daemon answers at once, in milliseconds: a person takes longer.
    private static let pause: Int32 = 1000

    let account: AccountName
    let options: LoginOptions
    let screen: LoginScreen

    /// Blocks until the login has ended.
    func run(_ client: TokenClient) throws(Complaint) -> LoggedIn {
        let device: DeviceCode
        do { device = try client.device(account, options) } catch { throw Complaint(error, about: account) }
        // The daemon's own word that the code has lapsed comes first.
        let deadline = Moment.now().boot + device.expiresIn + client.timeout
        try show(device)
        let wait = Duration.seconds(GetOptions.wait(within: client.timeout))
        while Moment.now().boot < deadline {
            let asked = Moment.now().boot
            do {
                return try client.login(of: account, wait: wait)
            } catch .refused(let error) where error.code == .tryAgain {
                if Moment.now().boot - asked < .milliseconds(Int(Self.pause)) { poll(nil, 0, Self.pause) }
            } catch {
                throw Complaint(error, about: account)
            }
        }
        throw Complaint(.loginNeeded, "\(account): the code has lapsed; begin anew")
    }

    private func show(_ device: DeviceCode) throws(Complaint) {
        screen.tell("To connect \(account), open the first line on any device and enter the second:\n\n")
        try screen.put(device.verificationURI.printable)
        try screen.put(device.userCode.printable)
        screen.showCode(device.verificationURIComplete ?? device.verificationURI)
        let seconds = device.expiresIn.components.seconds
        screen.tell("\nWaiting; the code is good for \(RelativeTime.spell(seconds)).\n")
    }
}
