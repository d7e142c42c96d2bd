// Decides the one version number that all programs of the package show: semantic versioning, raised with each release.

/// The version of tokend and its tools, as `--version`, `HELLO`, `STATUS` and the User-Agent header show it.
public let tokendVersion = "0.1.0"
