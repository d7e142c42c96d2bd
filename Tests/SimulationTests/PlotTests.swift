import Testing
import Vocabulary

@testable import Simulation

@Suite struct PlotTests {
    private func plot(_ title: String = "accounts", budget: Rate? = Rate(60, per: .minute)) -> String {
        let outcome = run(
            situation(
                ClientRules(budget: budget),
                troubles: [Trouble(.unreachable, from: .seconds(600), until: .seconds(1800))]))
        return Plot(title: title, outcome).svg
    }

    @Test("every element is closed, every attribute quoted, and the text is escaped")
    func wellFormed() {
        let svg = plot("a < b & c > \"d\"")
        #expect(svg.contains("<title>a &lt; b &amp; c &gt; \"d\"</title>"))
        var open: [Substring] = []
        for part in svg.split(separator: "<") {
            let tag = part.prefix { $0 != ">" }
            let name = tag.prefix { $0 != " " && $0 != "/" }
            if tag.hasPrefix("/") {
                #expect(open.popLast() == tag.dropFirst(), "\(tag)")
            } else if !tag.hasSuffix("/") {
                open.append(name)
            }
            #expect(tag.count { $0 == "\"" } % 2 == 0, "\(tag)")
        }
        #expect(open.isEmpty)
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.hasSuffix("</svg>\n"))
    }

    @Test("it shows refreshes, lapsed accounts and, where there is one, the budget")
    func content() {
        let svg = plot()
        #expect(svg.contains(">refreshes per minute</text>"))
        #expect(svg.contains(">accounts lapsed</text>"))
        #expect(svg.contains(">budget 60</text>"))
        #expect(!plot(budget: nil).contains("budget"))
    }

    @Test("nothing is drawn outside the picture")
    func bounds() throws {
        for part in plot().split(separator: "points=\"").dropFirst() {
            for pair in part.prefix(while: { $0 != "\"" }).split(separator: " ") {
                let numbers = pair.split(separator: ",").compactMap { Double($0) }
                try #require(numbers.count == 2)
                #expect((84...936).contains(numbers[0]) && (72...500).contains(numbers[1]), "\(pair)")
            }
        }
    }

    @Test(
        "an axis ends at a round number above everything shown, with at most six lines",
        arguments: [(0, 1, 1), (4, 5, 1), (60, 80, 20), (999, 1200, 200), (33_333, 40_000, 10_000)]
            as [(
                Double, Double, Double
            )])
    func scale(_ row: (most: Double, end: Double, step: Double)) {
        let scale = Plot.Scale(most: row.most, (top: 0, bottom: 100))
        #expect(scale.end == row.end && scale.step == row.step)
        #expect(scale.ticks.count <= 7 && scale.y(0) == 100 && scale.y(scale.end) == 0)
    }
}
