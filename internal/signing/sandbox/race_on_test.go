//go:build race

package sandbox_test

// sampled is every which odd file is tried: a child with the race detector draws pages slowly.
const sampled = 10
