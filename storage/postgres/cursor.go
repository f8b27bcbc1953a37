package postgres

import (
	"encoding/base64"
	"encoding/json"

	"nghisu/internal/errs"
)

// Cursor packs the sort key of the last row of a page (times, numbers, ids) into one opaque word.
func Cursor(key ...any) string {
	body, err := json.Marshal(key)
	if err != nil {
		panic(err) // sort keys are plain values
	}
	return base64.RawURLEncoding.EncodeToString(body)
}

// ReadCursor unpacks a cursor into pointers of the kinds it was made of; Invalid
// "request.bad_cursor" when it was not made by Cursor with as many values of these kinds.
func ReadCursor(cursor string, key ...any) error {
	bad := errs.New(errs.Invalid, "request.bad_cursor")
	body, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return bad
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil || len(raw) != len(key) {
		return bad
	}
	for i := range raw {
		if string(raw[i]) == "null" || json.Unmarshal(raw[i], key[i]) != nil {
			return bad
		}
	}
	return nil
}
