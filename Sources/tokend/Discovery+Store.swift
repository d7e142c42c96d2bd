// Decides how what issuers said outlives the process: read once, before anything is served, and written by the store beside
// everything else, so that no refresh waits for it or fails with it. What the store has serves until the issuer is read, at
// the usual time: at the first use after the start; what is more than a day old, only where the issuer cannot be read.

import GrantStore
import OAuth
import Vocabulary

extension Discovery {
    /// Takes up what an earlier process has kept. What cannot be believed is not used, and a reading overwrites it.
    func resume(_ providers: [ProviderName: Provider], _ now: WallTime) {
        let stored: [ProviderName: Result<StoredMetadata, RecordDamage>]
        do throws(StoreError) { stored = try store.metadata() } catch {
            return log.warning("what is stored of issuers' metadata cannot be read: \(error)")
        }
        for (name, result) in stored {
            guard let issuer = providers[name]?.issuer else { continue }
            do {
                let stored = try result.get()
                let kept = try ConfirmedMetadata(
                    kept: stored.document, confirmedAt: stored.confirmedAt, issuer: issuer, now: now)
                let isStale = now - kept.confirmedAt > Self.lifetime
                entries.withLock { $0[name] = Entry(metadata: kept.metadata, kept: kept, isStale: isStale) }
            } catch {
                log.warning("\(name): what is stored of its issuer's metadata is not used: \(error)")
            }
        }
    }

    /// Has the store write `metadata`, which was just read, where that tells a restart anything new.
    func keep(_ metadata: ServerMetadata, of name: ProviderName) {
        let fresh = ConfirmedMetadata(metadata, confirmedAt: Moment.now().wall)
        guard fresh.isWorthKeeping(over: entries.withLock({ $0[name]?.kept })) else { return }
        let stored = StoredMetadata(
            provider: name, confirmedAt: fresh.confirmedAt, document: metadata.kept)
        store.submit(.keepMetadata(stored)) { result in
            let isNews = self.entries.withLock { entries in
                guard case .failure = result else {
                    entries[name]?.kept = fresh
                    entries[name]?.isUnwritable = false
                    return false
                }
                defer { entries[name]?.isUnwritable = true }
                return entries[name]?.isUnwritable == false
            }
            // The next reading tries again.
            if isNews, case .failure(let error) = result {
                self.log.warning("\(name): its issuer's metadata cannot be kept for a restart: \(error)")
            }
        }
    }
}
