// Package errs is the one error type of the system. It owns the codes, the safe message key and
// the per-field errors; it does not own wording (httpapi translates keys) nor HTTP statuses.
package errs

import (
	"errors"
	"fmt"
)

// Code is the coarse kind of a failure. httpapi alone turns it into an HTTP status.
type Code string

// The closed list of codes.
const (
	Invalid         Code = "invalid"         // the request breaks a rule of form; Fields may say where
	Unauthenticated Code = "unauthenticated" // no session, or it ended
	Forbidden       Code = "forbidden"       // the actor may see the thing but not do this
	NotFound        Code = "not_found"       // absent, or hidden from the actor: the same answer
	Conflict        Code = "conflict"        // the state of the thing does not allow it
	Stale           Code = "stale"           // If-Match names an older version
	Gone            Code = "gone"            // it existed and ended
	TooLarge        Code = "too_large"       // over a size limit
	Unsupported     Code = "unsupported"     // a type of content we do not take
	TooMany         Code = "too_many"        // rate limit or lockout
	Unavailable     Code = "unavailable"     // a part we need does not answer; try again
	Internal        Code = "internal"        // ours; the cause never leaves the server
)

// Field says what is wrong with one input. Path is the JSON path ("recipients[2]"), Key a message
// key. The submitted value is never carried.
type Field struct {
	Path string
	Key  string
	Args map[string]any
}

// Error is what every layer returns for an expected failure. Key is a stable, translatable message
// key ("exchange.already_decided"); Args fill its places and must be safe to show. Err is the cause
// for the log only.
type Error struct {
	Code    Code
	Key     string
	Args    map[string]any
	Fields  []Field
	Current any // Stale only: the state as it is now, in the shape the caller knows
	Err     error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %v", e.Code, e.Key, e.Err)
	}
	return fmt.Sprintf("%s: %s", e.Code, e.Key)
}

func (e *Error) Unwrap() error { return e.Err }

// New makes an error with a message key.
func New(code Code, key string) *Error { return &Error{Code: code, Key: key} }

// Wrap makes an error with a message key and a cause for the log.
func Wrap(code Code, key string, cause error) *Error { return &Error{Code: code, Key: key, Err: cause} }

// With returns a copy of e with one more argument for the message.
func (e *Error) With(name string, value any) *Error {
	c := *e
	c.Args = make(map[string]any, len(e.Args)+1)
	for k, v := range e.Args {
		c.Args[k] = v
	}
	c.Args[name] = value
	return &c
}

// InvalidField is the error for one wrong input.
func InvalidField(path, key string) *Error {
	return &Error{Code: Invalid, Key: "request.invalid", Fields: []Field{{Path: path, Key: key}}}
}

// InvalidFields is the error for several wrong inputs; nil when there are none.
func InvalidFields(fields []Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Key: "request.invalid", Fields: fields}
}

// Missing is the one answer for "absent" and "hidden from you".
func Missing() *Error { return New(NotFound, "request.not_found") }

// CodeOf tells the code of err: Internal when it is not of this package, "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// Is reports whether err carries the code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }
