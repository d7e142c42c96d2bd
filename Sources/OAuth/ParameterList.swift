// Decides which parameters a request has in the end, from the standard's and the description's: overwrite, rename, omit, add,
// in this order. The order in which they stand is fixed, and none stands twice (RFC 6749 §3.2).

/// A request's parameter.
struct Parameter: Hashable {
    var name: String
    var value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// nil where there is no value.
    init?(_ name: String, _ value: String?) {
        guard let value else { return nil }
        self.init(name, value)
    }
}

/// Parameters in their order, names unique.
struct ParameterList {
    private(set) var all: [Parameter]

    init(_ standard: [Parameter]) { all = standard }

    /// Overwrites standard parameters, gives them other names or leaves them out, and adds the rest, sorted by name.
    ///
    /// - Parameters:
    ///   - extra: by the standard's names where they overwrite, whatever these are renamed to; values are templates.
    ///   - names: another name for a standard parameter; nil leaves it out.
    mutating func apply(
        extra: [String: String], names: [String: String?], _ context: RequestContext
    ) throws(RequestProblem) {
        var added: [Parameter] = []
        for (name, template) in extra.sorted(by: { $0.key < $1.key }) {
            let value = try Template.fill(template, context)
            if let index = all.firstIndex(where: { $0.name == name }) {
                all[index].value = value
            } else {
                added.append(Parameter(name, value))
            }
        }
        var renamed: [Parameter] = []
        for parameter in all {
            guard let name = names[parameter.name] ?? parameter.name else { continue }
            renamed.append(Parameter(name, parameter.value))
        }
        all = []
        // Of two that have come to one name the later holds.
        for parameter in renamed + added {
            all.removeAll { $0.name == parameter.name }
            all.append(parameter)
        }
    }

    /// `url` with the parameters in its query, in place of those of their names that are there.
    ///
    /// Spaces are `%20`, which every reader of queries takes for a space, unlike `+`.
    func appended(to url: String) -> String {
        let base = url.prefix { $0 != "?" }
        let ours = Set(all.map(\.name))
        var pairs = url.dropFirst(base.count + 1).split(separator: "&").map(String.init).filter { pair in
            let name = FormEncoding.decodeName(pair)
            return name.map { !ours.contains($0) } ?? true
        }
        pairs += all.map { "\(FormEncoding.encodeQuery($0.name))=\(FormEncoding.encodeQuery($0.value))" }
        return pairs.isEmpty ? String(base) : "\(base)?\(pairs.joined(separator: "&"))"
    }
}
