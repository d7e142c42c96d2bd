// Decides that a client that closes its half has gone. Hummingbird lets connections half-close and would find out only
// when it writes, so that a hung request of a client that gave up would count as in flight for ever.

import NIOCore

/// Closes the connection as soon as the peer's FIN arrives.
final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
