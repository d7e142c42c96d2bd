// Decides how a QR code looks on a terminal: two rows a line by half blocks, light modules drawn and dark ones left, on a
// background that is set to black, so that a light terminal shows the same. Readers want four light modules around it.

extension QRCode {
    /// Light modules on each side (ISO/IEC 18004 §7.3.8).
    static let quietZone = 4

    /// Columns that `text` takes.
    var columns: Int { size + 2 * Self.quietZone }

    /// Lines that `text` takes.
    var lines: Int { (columns + 1) / 2 }

    /// The code as lines, each ended by LF.
    /// - Parameter paint: where it is off, the terminal's own background must be dark.
    func text(_ paint: Paint) -> String {
        // ECMA-48: bright white on black.
        let (begin, end) = paint.isOn ? ("\u{1B}[97;40m", "\u{1B}[0m") : ("", "")
        let range = -Self.quietZone..<size + Self.quietZone
        return stride(from: range.lowerBound, to: range.upperBound, by: 2).map { y in
            begin
                + String(
                    range.map { x in half(isLight(x, y), y + 1 < range.upperBound && isLight(x, y + 1)) })
                + end + "\n"
        }.joined()
    }

    private func isLight(_ x: Int, _ y: Int) -> Bool {
        !(modules.indices.contains(y) && modules.indices.contains(x) && modules[y][x])
    }

    private func half(_ upper: Bool, _ lower: Bool) -> Character {
        switch (upper, lower) {
        case (true, true): "█"
        case (true, false): "▀"
        case (false, true): "▄"
        case (false, false): " "
        }
    }
}
