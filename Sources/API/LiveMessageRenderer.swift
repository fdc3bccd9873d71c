public import JSON
public import Pipeline

/// Renders what a live subscriber is told as JSON messages, in order: none, one, or several where one frame changed
/// several tracks, since a message holds one object per result name.
public typealias LiveMessageRenderer = @Sendable (LiveMessage) -> [JSONValue]
