// Decides which boot of the machine a boot time belongs to: CLOCK_BOOTTIME starts anew with each, and a mark outlives it.

import Foundation

enum BootID {
    /// The kernel's name for this boot (random(4)); where /proc does not tell, a name that no other process has, so that
    /// what this one writes is read by the wall clock.
    static func current() -> String {
        let path = "/proc/sys/kernel/random/boot_id"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let line = text.split(separator: "\n").first
        else { return UUID().uuidString }
        return String(line)
    }
}
