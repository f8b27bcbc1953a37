//go:build !cgo

package token

// Built reports whether this build can use tokens.
const Built = false

func load(string) (worker, error) { return nil, ErrNotBuilt }
