import Foundation

/// e to the power of `value`, kept finite: sizes are logarithms, and a broken network may say 1000.
func exponential(_ value: Float) -> Float { exp(min(value, 20)) }
