// Decides what becomes of names on the way to the disk, and puts names and contents together. A name is durable once
// its directory was synced, and not before: ext4 would make a new file's name durable with the file, POSIX does not
// promise it.

import Foundation

/// A model of a directory's disk that steps are carried out on.
struct Disk: Sendable {
    private typealias Node = Int

    private enum NameChange: Sendable {
        case link(String, Node)
        case rename(String, to: String, Node)
        case unlink(String)

        /// The name whose directory's sync makes it durable.
        var path: String {
            switch self {
            case .link(let path, _), .rename(_, let path, _), .unlink(let path): path
            }
        }
    }

    private typealias Names = [String: Node]

    /// nil for a directory.
    private var nodes: [DiskFile?] = []
    private var names: Names = [:]
    private var durableNames: Names = [:]
    private var pendingNames: [NameChange] = []

    /// Everything in the tree is durable.
    init(_ tree: FileTree) {
        for path in tree.paths {
            names[path] = nodes.count
            nodes.append(tree[path].map { DiskFile($0) })
        }
        durableNames = names
    }

    mutating func carryOut(_ step: Step) {
        switch step {
        case .create(let path): link(path, DiskFile())
        case .makeDirectory(let path): link(path, nil)
        case .write(let path, let offset, let bytes): nodes[node(path)]?.apply(.write(bytes, at: offset))
        case .truncate(let path, let size), .allocate(let path, let size):
            nodes[node(path)]?.apply(.resize(size))
        case .sync(let path, let isGood): nodes[node(path)]?.sync(isGood: isGood)
        case .syncDirectory(let path, let isGood): if isGood { syncNames(in: path) }
        case .rename(let path, let target):
            let node = node(path)
            names[path] = nil
            names[target] = node
            pendingNames.append(.rename(path, to: target, node))
        case .unlink(let path):
            names[path] = nil
            pendingNames.append(.unlink(path))
        case .note: break
        }
    }

    /// Whether a power cut cannot change anything.
    var isDurable: Bool { pendingNames.isEmpty && names.values.allSatisfy { nodes[$0]?.isDurable ?? true } }

    // MARK: Images

    /// What processes see.
    var tree: FileTree { tree(names) { $0.content } }

    /// What processes see when the last one died half-way through a write.
    func tree(within step: Step) -> FileTree? {
        guard case .write(let path, let offset, let bytes) = step, bytes.count > 1 else { return nil }
        var tree = tree
        tree.entries[path] = nodes[node(path)].map { .file($0.torn(bytes, at: offset)) }
        return tree
    }

    func tree(after loss: Crash.Loss) -> FileTree {
        switch loss {
        case .nothingUnsynced: return tree
        case .everythingUnsynced: return tree(durableNames) { $0.withoutUnsynced() }
        case .random(let seed):
            var coins = Coins(seed: seed)
            let chance = coins.chance()
            var names = durableNames
            for change in pendingNames where coins.toss(chance) { Self.apply(change, to: &names) }
            return tree(names) { $0.afterPowerCut(&coins) }
        }
    }

    private func tree(_ names: Names, _ content: (DiskFile) -> Data) -> FileTree {
        var tree = FileTree()
        // In order, for a directory stands before what is in it, and the coins must fall in the same order each time.
        for (path, node) in names.sorted(by: { $0.key < $1.key }) {
            let parent = Self.parent(of: path)
            guard parent.isEmpty || tree.entries[parent] != nil else { continue }
            tree.entries[path] = nodes[node].map { .file(content($0)) } ?? .directory
        }
        return tree
    }

    // MARK: Names

    private mutating func link(_ path: String, _ file: DiskFile?) {
        names[path] = nodes.count
        pendingNames.append(.link(path, nodes.count))
        nodes.append(file)
    }

    private mutating func syncNames(in directory: String) {
        for change in pendingNames where Self.parent(of: change.path) == directory {
            Self.apply(change, to: &durableNames)
        }
        pendingNames.removeAll { Self.parent(of: $0.path) == directory }
    }

    private static func apply(_ change: NameChange, to names: inout Names) {
        switch change {
        case .link(let path, let node): names[path] = node
        case .unlink(let path): names[path] = nil
        case .rename(let path, let target, let node):
            // Both halves or none; the old name may meanwhile be another file's.
            if names[path] == node { names[path] = nil }
            names[target] = node
        }
    }

    private func node(_ path: String) -> Node {
        guard let node = names[path] else {
            preconditionFailure("a recorded step is about a file that is there: \(path)")
        }
        return node
    }

    private static func parent(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }
}
