// Package tokentest makes tokens with SoftHSM for tests; it needs cgo. Tests only.
package tokentest
