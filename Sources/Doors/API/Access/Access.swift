import HTTPTypes

/// What somebody who comes with a token must have been granted. Other credentials carry every right of their account.
struct Right: Hashable, Sendable {
    /// Keys of a token's permissions.
    enum Object: String, Sendable, CaseIterable {
        case account, token, event, handler, task, lambdas
        case verifier
        case stream = "video_stream"
        case group = "video_group"
        case analytic = "video_analytic"
        case image, object
        case face, list, attribute
        case faceSample = "face_sample"
        case bodySample = "body_sample"
        /// Resources that make nothing and show nothing that is there; each is an action of its own.
        case resources
    }
    /// `creation` is POST, `view` GET and HEAD, `modification` PUT and PATCH, `deletion` DELETE, `matching` the search for those who are alike.
    /// The others are resources by name.
    enum Action: String, Sendable, CaseIterable {
        case creation, view, modification, deletion, matching
        case sdk, iso, liveness
    }

    let object: Object
    let action: Action
    init(_ object: Object, _ action: Action) { (self.object, self.action) = (object, action) }
}

/// Who gets to an operation. Declared in the table of resources, judged by `Authenticator` alone.
enum Access: Hashable, Sendable {
    /// Any account; a token needs the right.
    case right(Right)
    /// Any account; which rights a token needs follows from what the body names, and the operation itself demands them.
    case rightsOfBody
    /// Any account, but by no token.
    case noToken
    /// The account that asks, but by no token.
    case ownAccountWithoutToken
    /// Any token, and nothing else.
    case tokenOnly
    /// Any account, by its password or a session that began with it, and by nothing else.
    case signedIn
    /// The same, of an account that administers the daemon.
    case admin

    /// Whether a link that is signed gets somebody there: to look at a picture.
    var acceptsLinks: Bool {
        guard case .right(let right) = self, right.action == .view else { return false }
        return [.image, .faceSample, .bodySample].contains(right.object)
    }

    static func right(_ object: Right.Object, _ action: Right.Action) -> Access { .right(Right(object, action)) }

    /// Whether the operation is about the account that asks, so that an unknown one is what was not found.
    var isAboutOwnAccount: Bool {
        switch self {
        case .right(let right): right.object == .account
        case .ownAccountWithoutToken: true
        case .rightsOfBody, .noToken, .tokenOnly, .signedIn, .admin: false
        }
    }
}
