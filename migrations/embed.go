// Package migrations holds the steps of the database schema, in order, and runs them (run.go).
// Steps go forward only. schema.sql is the result, compared by a test.
package migrations

import "embed"

// Files are the steps, 00001_name.sql and on.
//
//go:embed 0*.sql
var Files embed.FS
