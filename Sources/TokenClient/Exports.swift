// Decides that `import TokenClient` is enough: the client's signatures speak in the vocabulary's and the protocol's
// types, which a program must be able to name. Wrapping each of them was rejected: two names for one thing.

@_exported import StrictJSON
@_exported import Vocabulary
@_exported import WireProtocol
