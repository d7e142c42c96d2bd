// Decides when and how text is coloured: on a terminal, unless the user asks otherwise (no-color.org).

import Glibc
import TokenClient

/// Colours text, or leaves it.
struct Paint: Hashable {
    /// SGR codes of ECMA-48 that every terminal has and both light and dark backgrounds show.
    enum Color: Int {
        case red = 31
        case green = 32
        case yellow = 33
        case cyan = 36
    }

    let isOn: Bool

    /// On where standard output is a terminal, `NO_COLOR` is unset or empty and `TERM` is not `dumb`.
    static var forStandardOutput: Paint {
        Paint(isOn: StandardOutput.isTerminal && wantsColor)
    }

    /// The same of standard error.
    static var forStandardError: Paint { Paint(isOn: StandardError.isTerminal && wantsColor) }

    private static var wantsColor: Bool {
        environmentVariable("NO_COLOR").isEmpty && environmentVariable("TERM") != "dumb"
    }

    func callAsFunction(_ text: String, _ color: Color) -> String {
        isOn ? "\u{1B}[\(color.rawValue)m\(text)\u{1B}[0m" : text
    }
}

extension AccountState {
    /// Red needs a person or serves nobody, yellow is failing, cyan is on its way.
    var color: Paint.Color {
        switch self {
        case .ok: .green
        case .new, .refreshing: .cyan
        case .retrying, .inDoubt: .yellow
        case .expired, .loginNeeded, .operatorNeeded: .red
        }
    }
}

extension ClientStatus.State {
    /// As of accounts: red refreshes nothing, yellow less than it should.
    var color: Paint.Color {
        switch self {
        case .ok: .green
        case .recovering: .cyan
        case .paused, .overloaded: .yellow
        case .parked, .failing: .red
        }
    }
}
