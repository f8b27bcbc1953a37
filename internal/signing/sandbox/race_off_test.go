//go:build !race

package sandbox_test

const sampled = 1
