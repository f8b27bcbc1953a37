//go:build !race

package sandbox

// shadow is 1: no race detector.
const shadow = 1
