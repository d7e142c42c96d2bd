// Decides whether and how a browser is opened: only where there is a display, by $BROWSER or xdg-open(1). A shell was
// rejected: the URL comes from the daemon's configuration and must not be parsed as a command.

import Glibc

/// The person's browser.
enum Browser {
    /// The command for `url`, or nil where there is no display to open it on.
    /// - Parameter environment: the value of a variable, empty where it is unset.
    static func command(for url: String, _ environment: (String) -> String) -> [String]? {
        guard !environment("DISPLAY").isEmpty || !environment("WAYLAND_DISPLAY").isEmpty else { return nil }
        // A list of commands, the first of which counts; %s stands for the URL (sensible-browser(1)).
        let first = environment("BROWSER").split(separator: ":").first ?? "xdg-open"
        let words = first.split(separator: " ").map(String.init)
        guard !words.isEmpty else { return nil }
        let filled = words.map { $0.replacing("%s", with: url) }
        return filled == words ? words + [url] : filled
    }

    /// Starts `command` apart from this program and its terminal, so that Ctrl-C here does not end it. False where it
    /// cannot be started.
    static func start(_ command: [String]) -> Bool {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0
        return posix_spawnp(&process, command[0], &actions, &attributes, arguments, environ) == 0
    }
}

/// A variable of this process's environment; empty where it is unset.
func environmentVariable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
