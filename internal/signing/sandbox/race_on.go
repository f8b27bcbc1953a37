//go:build race

package sandbox

// shadow is how many times as much memory a process takes whose race detector writes down who touched what.
const shadow = 3
