import Testing

/// The real programs against the sandbox. One at a time: each is a load of its own, and two cores hold one.
@Suite("System", .serialized)
struct SystemTests {}
