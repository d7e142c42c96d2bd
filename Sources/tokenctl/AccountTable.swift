// Decides how accounts look side by side: one line each, columns as wide as their widest cell, colour on the state
// alone. Pure.

import TokenClient

/// The table of `status` and `list`.
enum AccountTable {
    /// The lines, header first, without an LF at the end.
    static func render(_ accounts: [AccountStatus], now: WallTime, _ paint: Paint) -> String {
        let header = ["ACCOUNT", "STATE", "TIME LEFT", "NEXT REFRESH", "REASON"]
        let rows = accounts.map { row($0, now: now.epochSeconds) }
        let widths = header.indices.map { column in
            rows.reduce(header[column].count) { max($0, $1[column].count) }
        }
        var lines = [line(header, widths, nil, paint)]
        lines.reserveCapacity(rows.count + 1)
        for (account, row) in zip(accounts, rows) {
            lines.append(line(row, widths, account.state.color, paint))
        }
        return lines.joined(separator: "\n")
    }

    private static func row(_ account: AccountStatus, now: Int64) -> [String] {
        [
            account.account.text,
            account.state.rawValue,
            account.expiresAt.map { RelativeTime.left(until: $0, now: now) } ?? "-",
            account.nextRefreshAt.map { RelativeTime.plan($0, now: now) } ?? "-",
            account.reason?.printable ?? ending(account, now) ?? "-",
        ]
    }

    /// Of an account that is well: what will keep it from staying so.
    private static func ending(_ account: AccountStatus, _ now: Int64) -> String? {
        guard account.needs == .user, let end = account.refreshTokenExpiresAt else { return nil }
        return "refresh token ends \(RelativeTime.until(end, now: now))"
    }

    private static func line(_ cells: [String], _ widths: [Int], _ color: Paint.Color?, _ paint: Paint)
        -> String
    {
        var line = ""
        for (column, cell) in cells.enumerated() {
            // Padding stands outside the colour, or underlines and backgrounds would show it.
            line += column == 1 && color != nil ? paint(cell, color!) : cell
            guard column < cells.count - 1 else { break }
            line += String(repeating: " ", count: widths[column] - cell.count + 2)
        }
        return line
    }
}
