// Decides how a run looks: two panels over one axis of time, the refreshes of each minute under the budget's line, and the
// accounts that are lapsed. SVG, because every browser shows it and a diff can be read; a plotting library was rejected, for
// these are two polygons and a few numbers.

import Vocabulary

/// A run as an SVG picture.
public struct Plot: Sendable {
    private let title: String
    private let minutes: Int
    private let refreshes: [Double]
    private let lapsed: [Double]
    /// Requests per minute; nil where a client has none.
    private let budget: Double?

    private static let size = (width: 960.0, height: 560.0)
    private static let left = 84.0
    private static let right = 936.0
    private static let upper = (top: 72.0, bottom: 312.0)
    private static let lower = (top: 372.0, bottom: 500.0)
    /// More columns than this would be thinner than two pixels.
    private static let mostColumns = 420

    public init(title: String, _ outcome: Outcome) {
        let total = outcome.total
        self.title = title
        minutes = total.minutes
        refreshes = Self.columns(total.refreshes.map(Double.init)) { $0.reduce(0, +) / Double($0.count) }
        lapsed = Self.columns(total.lapsed.map(Double.init)) { $0.max()! }
        let budgets = outcome.clients.map { $0.budget.map { $0.perSecond * 60 } }
        budget = budgets.contains { $0 == nil } ? nil : budgets.reduce(0) { $0 + $1! }
    }

    /// As many values as there is room for: each of so many minutes, put together by `join`.
    private static func columns(_ values: [Double], join: (ArraySlice<Double>) -> Double) -> [Double] {
        let width = (values.count + mostColumns - 1) / mostColumns
        return stride(from: 0, to: values.count, by: max(1, width)).map {
            join(values[$0..<min($0 + width, values.count)])
        }
    }

    /// The picture, LF at its end.
    public var svg: String {
        let rate = Scale(most: max(refreshes.max() ?? 0, budget ?? 0), Self.upper)
        let count = Scale(most: lapsed.max() ?? 0, Self.lower)
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 560" width="960" height="560" \
            font-family="system-ui, sans-serif" font-size="13" fill="#374151">
            """,
            "<title>\(Self.escaped(title))</title>",
            ##"<rect width="960" height="560" fill="#ffffff"/>"##,
            ##"<text x="84" y="30" font-size="17" fill="#111827">\##(Self.escaped(title))</text>"##,
        ]
        parts += panel("refreshes per minute", rate, refreshes, fill: "#bfdbfe", line: "#2563eb")
        parts += budgetLine(rate)
        parts += panel(
            lapsed.contains { $0 > 0 } ? "accounts lapsed" : "accounts lapsed: none", count, lapsed,
            fill: "#fecaca", line: "#dc2626")
        parts += timeAxis
        return parts.joined(separator: "\n") + "\n</svg>\n"
    }

    private func panel(_ name: String, _ scale: Scale, _ values: [Double], fill: String, line: String)
        -> [String]
    {
        let baseline = scale.y(0)
        var parts = [#"<text x="84" y="\#(px(scale.top - 12))" fill="\#(line)">\#(name)</text>"#]
        for tick in scale.ticks {
            let y = px(scale.y(tick))
            parts.append(##"<line x1="84" x2="936" y1="\##(y)" y2="\##(y)" stroke="#e5e7eb"/>"##)
            parts.append(
                #"<text x="76" y="\#(px(scale.y(tick) + 4))" text-anchor="end">\#(Int(tick).grouped)</text>"#)
        }
        let outline = values.enumerated().map { index, value in
            "\(px(x(index, of: values.count))),\(px(scale.y(value)))"
                + " \(px(x(index + 1, of: values.count))),\(px(scale.y(value)))"
        }.joined(separator: " ")
        parts.append(
            #"<polygon fill="\#(fill)" points="84,\#(px(baseline)) \#(outline) 936,\#(px(baseline))"/>"#)
        parts.append(#"<polyline fill="none" stroke="\#(line)" stroke-width="1.3" points="\#(outline)"/>"#)
        return parts
    }

    private func budgetLine(_ scale: Scale) -> [String] {
        guard let budget else { return [] }
        let y = scale.y(budget)
        return [
            ##"<line x1="84" x2="936" y1="\##(px(y))" y2="\##(px(y))" stroke="#111827" stroke-dasharray="6 4"/>"##,
            ##"<text x="936" y="\##(px(y - 6))" text-anchor="end" fill="#111827">budget \##(Int(budget.rounded()).grouped)</text>"##,
        ]
    }

    private var timeAxis: [String] {
        let step = [1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440].first { minutes / $0 <= 14 } ?? 1440
        return stride(from: 0, through: minutes, by: step).map { minute in
            let x = px(Self.left + (Self.right - Self.left) * Double(minute) / Double(minutes))
            let label = minute == 0 ? "0" : Duration.seconds(minute * 60).inWords
            return #"<text x="\#(x)" y="522" text-anchor="middle">\#(label)</text>"#
        } + [##"<line x1="84" x2="936" y1="500" y2="500" stroke="#6b7280"/>"##]
    }

    private func x(_ index: Int, of count: Int) -> Double {
        Self.left + (Self.right - Self.left) * Double(index) / Double(count)
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// A panel's vertical axis: from 0 to a round number.
    struct Scale {
        let top: Double
        let bottom: Double
        let step: Double
        let end: Double

        /// - Parameter most: the greatest value to be shown.
        init(most: Double, _ panel: (top: Double, bottom: Double)) {
            (top, bottom) = panel
            var step = 1.0
            // 1, 2, 5, 10, 20, 50, ...: at most five lines.
            var factors = [2, 2.5, 2].makeIterator()
            while most / step > 5 {
                if let factor = factors.next() {
                    step *= factor
                } else {
                    factors = [2, 2.5, 2].makeIterator()
                }
            }
            self.step = step
            end = max(step, (most * 1.05 / step).rounded(.up) * step)
        }

        var ticks: [Double] { Array(stride(from: 0, through: end, by: step)) }

        func y(_ value: Double) -> Double { bottom - (bottom - top) * value / end }
    }
}

/// A coordinate, to a tenth of a pixel.
private func px(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
}
