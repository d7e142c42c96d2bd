// Decides whether a line is a request, exactly. Every deviation is a `bad-request` with a sentence that names it; a
// lenient reader would make each client's slip part of the protocol for ever.

import StrictJSON
import Vocabulary

extension Request {
    /// Reads one line, without its LF; a CR at its end is dropped.
    /// - Throws: `bad-request` or `unknown-verb`.
    public static func parse(_ line: some Collection<UInt8>) throws(RequestError) -> Request {
        var line = Array(line)
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !line.isEmpty else { throw .badRequest("the line is empty") }
        let verbEnd = line.firstIndex(of: UInt8(ascii: " ")) ?? line.endIndex
        let verb = String(decoding: line[..<verbEnd], as: UTF8.self).uppercased()
        if verb == "ADD" { return try parseAdd(line[verbEnd...].dropFirst()) }
        if verb == "RESTORE" { return .restore(try RestoreRequest.parse(line[verbEnd...].dropFirst())) }
        if verb == "CALLBACK" { return try parseCallback(line[verbEnd...].dropFirst()) }
        guard line.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw .badRequest("a byte outside printable ASCII must be percent-encoded")
        }
        var words = try Words(line)
        let request = try parse(verb, &words)
        try words.finish()
        return request
    }

    private static func parse(_ verb: String, _ words: inout Words) throws(RequestError) -> Request {
        switch verb {
        case "HELLO": return .hello
        case "PING": return .ping
        case "QUIT": return .quit
        case "GET":
            let account = try words.account()
            return .get(account, try parseGetOptions(&words))
        case "STATUS": return .status(words.hasArgument ? try words.account() : nil)
        case "LIST": return .list(try parseListOptions(&words))
        case "REFRESH": return .refresh(try words.account())
        case "REMOVE": return .remove(try words.account())
        case "AUTHORIZE": return .authorize(try words.account(), try parseLoginOptions(&words))
        case "DEVICE":
            let account = try words.account()
            let options = try parseLoginOptions(&words)
            guard options.redirectURI == nil else {
                throw .badRequest("DEVICE takes no redirect-uri: nobody is redirected")
            }
            return .device(account, options)
        case "LOGIN":
            return .login(
                try words.account(), wait: try words.integer("wait", 0...GetOptions.longestWait) ?? 0)
        case "REVOKE": return .revoke(try words.account())
        case "BACKUP": return .backup(try parseBackupOptions(&words))
        default: throw RequestError(.unknownVerb, "no such verb; HELLO names the protocol version")
        }
    }

    private static func parseGetOptions(_ words: inout Words) throws(RequestError) -> GetOptions {
        var options = GetOptions()
        if let minTTL = try words.integer("min-ttl", 0...Int64(UInt32.max)) { options.minTTL = minTTL }
        if let wait = try words.integer("wait", 0...GetOptions.longestWait) { options.wait = wait }
        if let not = words.option("not") {
            guard let fingerprint = Fingerprint(hex: not) else {
                throw .badRequest("not= takes the first 16 hex digits of the SHA-256 of the access token")
            }
            options.refused = fingerprint
        }
        return options
    }

    private static func parseListOptions(_ words: inout Words) throws(RequestError) -> ListOptions {
        var options = ListOptions()
        if words.hasArgument { options.glob = Glob(try words.argument("a pattern")) }
        if let state = words.option("state") {
            guard let known = AccountState(rawValue: state) else {
                let names = AccountState.allCases.map(\.rawValue).joined(separator: " ")
                throw .badRequest("state= takes one of: \(names)")
            }
            options.state = known
        }
        if let needs = words.option("needs") {
            guard let known = Need(rawValue: needs) else {
                let names = Need.allCases.map(\.rawValue).joined(separator: " ")
                throw .badRequest("needs= takes one of: \(names)")
            }
            options.needs = known
        }
        if let after = words.option("after") {
            guard let account = AccountName(after) else {
                throw .badRequest("after= takes an account's name")
            }
            options.after = account
        }
        if let limit = try words.integer("limit", 1...Int64(UInt32.max)) {
            options.limit = Int(min(limit, Int64(ListOptions.largestLimit)))
        }
        return options
    }

    private static func parseLoginOptions(_ words: inout Words) throws(RequestError) -> LoginOptions {
        var options = LoginOptions()
        if let redirectURI = words.option("redirect-uri") {
            guard !redirectURI.isEmpty, redirectURI.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw .badRequest("redirect-uri= takes a URI")
            }
            options.redirectURI = redirectURI
        }
        options.scope = words.option("scope")
        while let (name, value) = words.option(startingWith: "var.") {
            guard let variable = TemplateVariable(name, value) else {
                throw .badRequest(TemplateVariable.form)
            }
            options.variables[variable.name] = variable.value
        }
        return options
    }

    /// The URL is the rest of the line as it stands: a web framework hands it on without knowing what is in it.
    private static func parseCallback(_ rest: ArraySlice<UInt8>) throws(RequestError) -> Request {
        guard !rest.isEmpty, rest.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .badRequest("CALLBACK takes the redirected URL or its query, as the browser sent it")
        }
        return .callback(Secret(String(decoding: rest, as: UTF8.self)))
    }

    private static func parseBackupOptions(_ words: inout Words) throws(RequestError) -> BackupOptions {
        var options = BackupOptions()
        if let after = try words.integer("after", 0...Int64.max) { options.after = RecordID(rowID: after) }
        if let limit = try words.integer("limit", 1...Int64(UInt32.max)) {
            options.limit = Int(min(limit, Int64(BackupOptions.largestLimit)))
        }
        return options
    }

    /// `<account> <json>`: the JSON is the rest of the line as it stands, which may hold spaces and UTF-8.
    private static func parseAdd(_ rest: ArraySlice<UInt8>) throws(RequestError) -> Request {
        guard let space = rest.firstIndex(of: UInt8(ascii: " ")) else {
            throw .badRequest("ADD takes an account and a JSON object")
        }
        let json = rest[space...].dropFirst()
        guard space > rest.startIndex, json.first != UInt8(ascii: " "), json.last != UInt8(ascii: " ") else {
            throw .badRequest(Words.separation)
        }
        guard rest[..<space].allSatisfy({ (0x21...0x7E).contains($0) }),
            let decoded = PercentEncoding.decode(rest[..<space]), let account = AccountName(decoded)
        else { throw .badRequest(Words.accountForm) }
        return .add(account, try AddedGrant.parse(json))
    }
}

/// The words of a line behind its verb: arguments first, taken in order, then options, taken by name.
private struct Words {
    static let separation = "words are separated by one space, with none before or behind them"
    static let accountForm = "an account is <provider>/<name>, of letters, digits and ._@:+~/-"

    /// No verb takes half as many; a line of thousands would cost the server's thread milliseconds.
    private static let mostWords = 16

    private var arguments: [String] = []
    private var options: [(name: String, value: String)] = []

    init(_ line: [UInt8]) throws(RequestError) {
        let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        guard !words.contains(where: \.isEmpty) else {
            throw .badRequest(Self.separation)
        }
        guard words.count <= Self.mostWords else { throw .badRequest("more words than the verb takes") }
        for word in words.dropFirst() {
            guard let equals = word.firstIndex(of: UInt8(ascii: "=")) else {
                guard options.isEmpty else { throw .badRequest("options stand behind all other words") }
                arguments.append(try Self.decode(word))
                continue
            }
            let name = String(decoding: word[..<equals], as: UTF8.self)
            guard !options.contains(where: { $0.name == name }) else {
                throw .badRequest("an option stands twice")
            }
            options.append((name, try Self.decode(word[word.index(after: equals)...])))
        }
    }

    private static func decode(_ word: ArraySlice<UInt8>) throws(RequestError) -> String {
        guard let decoded = PercentEncoding.decode(word) else {
            throw .badRequest("a percent sign is followed by two hex digits and stands for a byte of UTF-8")
        }
        return decoded
    }

    var hasArgument: Bool { !arguments.isEmpty }

    mutating func argument(_ what: String) throws(RequestError) -> String {
        guard hasArgument else { throw .badRequest("\(what) is missing") }
        return arguments.removeFirst()
    }

    mutating func account() throws(RequestError) -> AccountName {
        guard let account = AccountName(try argument("the account")) else {
            throw .badRequest(Self.accountForm)
        }
        return account
    }

    mutating func option(_ name: String) -> String? {
        guard let index = options.firstIndex(where: { $0.name == name }) else { return nil }
        return options.remove(at: index).value
    }

    /// An option whose name begins with `prefix`: what is behind that, and its value.
    mutating func option(startingWith prefix: String) -> (name: String, value: String)? {
        guard let index = options.firstIndex(where: { $0.name.hasPrefix(prefix) }) else { return nil }
        let option = options.remove(at: index)
        return (String(option.name.dropFirst(prefix.count)), option.value)
    }

    mutating func integer(_ name: String, _ range: ClosedRange<Int64>) throws(RequestError) -> Int64? {
        guard let text = option(name) else { return nil }
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int64(text), range.contains(number)
        else {
            throw .badRequest("\(name)= takes a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Everything must have been taken.
    func finish() throws(RequestError) {
        guard arguments.isEmpty else { throw .badRequest("more words than the verb takes") }
        guard options.isEmpty else { throw .badRequest("an option that the verb does not know") }
    }
}
