// Decides how an operator describes a token endpoint's answers: by the names that `AnswerFormat` gives its knobs. A knob
// that is there replaces the preset's; error codes join the preset's, code by code.

import OAuth
import StrictJSON
import Vocabulary

extension ConfigurationReader {
    private static let responseKeys = [
        "roots", "fields", "success_status", "success_when", "expires_at", "expires_in_fields",
        "expires_in_unit", "expires_in_zero", "expires_from_jwt", "default_lifetime_s", "issued_at",
        "refresh_expires_in", "refresh_expires_at", "token_type_map", "token_type_default",
        "error_code_paths", "reauth_codes", "client_codes", "rate_codes", "transient_codes",
        "interaction_codes", "status_class", "empty_body_class", "rate_reset_header",
        "default_cooldown_s", "error_in_200", "error_text_paths", "note",
    ]

    /// `response`.
    mutating func readResponse(of section: Section, into format: inout AnswerFormat) {
        let response = subsection("response", of: section, keys: Self.responseKeys)
        readPlaces(of: response, into: &format)
        readLifetimes(of: response, into: &format)
        readTokenTypes(of: response, into: &format)
        readCodes(of: response, into: &format)
        readClasses(of: response, into: &format)
        readIdle(of: response)
    }

    /// Where a token lies and when an answer is a success.
    private mutating func readPlaces(of response: Section, into format: inout AnswerFormat) {
        if let roots = someTexts("roots", of: response, .pointer) { format.roots = roots }
        if response.object["fields"] != nil {
            let known = AnswerFormat.TokenMember.allCases
            let fields = subsection("fields", of: response, keys: known.map(\.rawValue))
            format.fields = [:]
            for member in known {
                if let names = texts(member.rawValue, of: fields, .nonEmpty) { format.fields[member] = names }
            }
        }
        if let statuses = statuses("success_status", of: response) { format.successStatus = statuses }
        guard response.object["success_when"] != nil else { return }
        let condition = subsection("success_when", of: response, keys: ["path", "equals"])
        let path = requiredText("path", of: condition, .pointer)
        require("equals", of: condition, "any JSON value")
        if let path, let equals = condition.object["equals"] {
            format.successWhen = .init(path: path, equals: equals)
        }
    }

    private mutating func statuses(_ key: String, of response: Section) -> Set<Int>? {
        guard let value = response.object[key] else { return nil }
        let expected = "an array of statuses from 200 to 299"
        let numbers = value.array?.map { $0.number?.exactInteger.flatMap(Int.init(exactly:)) }
        guard let numbers else {
            report(response.path(of: key), .wrongType(expected: expected, found: value.typeName))
            return nil
        }
        let statuses = numbers.compactMap { $0 }.filter((200...299).contains)
        guard !numbers.isEmpty, statuses.count == numbers.count else {
            report(response.path(of: key), .unacceptable(expected: expected))
            return nil
        }
        return Set(statuses)
    }

    private mutating func readLifetimes(of response: Section, into format: inout AnswerFormat) {
        if let member = timeMember("expires_at", of: response) { format.expiresAt = member }
        if let fields = texts("expires_in_fields", of: response, .nonEmpty) {
            format.expiresInFields = fields
        }
        if let unit = word(
            "expires_in_unit", of: response, kind: "unit", as: AnswerFormat.LifetimeUnit.self)
        {
            format.expiresInUnit = unit
        }
        if let zero = word(
            "expires_in_zero", of: response, kind: "meaning", as: AnswerFormat.ZeroLifetime.self)
        {
            format.expiresInZero = zero
        }
        if let counts = flag("expires_from_jwt", of: response) { format.expiresFromJWT = counts }
        if let seconds = integer("default_lifetime_s", of: response, within: Self.secondsOfLifetime) {
            format.defaultLifetime = .seconds(seconds)
        }
        if let member = timeMember("issued_at", of: response) { format.issuedAt = member }
        if let name = text("refresh_expires_in", of: response, .nonEmpty) { format.refreshExpiresIn = name }
        if let member = timeMember("refresh_expires_at", of: response) { format.refreshExpiresAt = member }
    }

    /// A longer one would be cut to a year (`Provider.longestLifetime`).
    private static let secondsOfLifetime = 1...365 * 86_400
    /// A longer one would be cut to an hour, as every header's is.
    private static let secondsOfCooldown = 1...3600

    private mutating func timeMember(
        _ key: String, of response: Section
    ) -> AnswerFormat.TimeMember? {
        guard response.object[key] != nil else { return nil }
        let member = subsection(key, of: response, keys: ["field", "format"])
        let field = requiredText("field", of: member, .nonEmpty)
        require("format", of: member, "epoch_s, epoch_ms or iso8601")
        let format = word("format", of: member, kind: "time format", as: AnswerFormat.TimeFormat.self)
        guard let field, let format else { return nil }
        return .init(field: field, format: format)
    }

    private mutating func readTokenTypes(of response: Section, into format: inout AnswerFormat) {
        if let map = textsByName("token_type_map", of: response, names: .nonEmpty, .scheme) {
            format.tokenTypeMap = map
        }
        if let type = text("token_type_default", of: response, .scheme) { format.tokenTypeDefault = type }
    }

    private mutating func readCodes(of response: Section, into format: inout AnswerFormat) {
        if let paths = someTexts("error_code_paths", of: response, .pointer) { format.errorCodePaths = paths }
        let lists: [(String, AnswerClass)] = [
            ("reauth_codes", .reauthorizationRequired), ("client_codes", .clientConfiguration),
            ("rate_codes", .rateLimited), ("transient_codes", .transient),
            ("interaction_codes", .reauthorizationRequired),
        ]
        var own: [String: AnswerClass] = [:]
        for (key, meaning) in lists {
            for (index, code) in (texts(key, of: response, .nonEmpty) ?? []).enumerated() {
                if let other = own[code], other != meaning {
                    report(
                        "\(response.path(of: key))[\(index)]",
                        .unacceptable(expected: "a code that stands in no other list"))
                }
                own[code] = meaning
            }
        }
        format.codes.merge(own) { $1 }
    }

    private mutating func readClasses(of response: Section, into format: inout AnswerFormat) {
        if let classes = classes("status_class", of: response) { format.statusClass = classes }
        if let classes = classes("empty_body_class", of: response) { format.emptyBodyClass = classes }
        if let header = rateResetHeader("rate_reset_header", of: response) { format.rateResetHeader = header }
        if let seconds = integer("default_cooldown_s", of: response, within: Self.secondsOfCooldown) {
            format.defaultCooldown = .seconds(seconds)
        }
    }

    private mutating func classes(_ key: String, of response: Section) -> [Int: AnswerClass]? {
        guard let mapping = mapping(key, of: response) else { return nil }
        var classes: [Int: AnswerClass] = [:]
        for name in mapping.object.names where isAccepted(name, in: mapping, by: .status) {
            let meaning = word(name, of: mapping, kind: "class of answers", as: AnswerClass.self)
            if let status = Int(name), let meaning { classes[status] = meaning }
        }
        return classes
    }

    /// Knobs of descriptions made for others, which say what holds anyway: errors in a 200 are always recognized, and the
    /// text of an error, which may hold a token, is never read.
    private mutating func readIdle(of response: Section) {
        if flag("error_in_200", of: response) == false {
            report(
                response.path(of: "error_in_200"),
                .unacceptable(expected: "true: an error in a 200 is always recognized"))
        }
        _ = texts("error_text_paths", of: response, .pointer)
        _ = text("note", of: response, .anyText)
    }
}
