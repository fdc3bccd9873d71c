import Foundation
import HTTPEdge
import Store
import Testing

@testable import API

/// What ends a feed whose credentials are looked at again.
struct CredentialWatchTests {
    @Test func onlyARefusalDoes() {
        for refusal in [
            APIError.wrongCredentials, .unusableToken, .missingRight("view", "event"), .accountNotFound(UUID()),
        ] {
            #expect(CredentialWatch.pause(after: refusal) == nil)
        }
        #expect(CredentialWatch.pause(after: APIError.tooManyLogins(retryAfter: .seconds(9))) == .seconds(9))
        #expect(CredentialWatch.pause(after: APIError.tooManyLogins(retryAfter: .seconds(3600))) == .seconds(60))
        for failure in [StoreError.unavailable(reason: ""), .failed(reason: "")] {
            #expect(CredentialWatch.pause(after: failure) == .seconds(1))
        }
        #expect(CredentialWatch.pause(after: CancellationError()) == .seconds(1))
    }
}
