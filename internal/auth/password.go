package auth

import (
	"crypto/rand"
	"math/big"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"nghisu/internal/errs"
	"nghisu/internal/org"
)

// Without a second factor: 14 characters of all four classes (TCVN 14423:2026, vn-rules 6.6), or a
// passphrase of 20, which people can remember.
const (
	minMixed      = 14
	minPhrase     = 20
	maxPassword   = 200 // characters
	minDifferent  = 8   // different characters
	minNamePart   = 4   // shorter parts of a name occur by chance
	temporarySize = 16
)

// common holds beginnings of passwords that are tried first, folded. Short of these a rule of form
// does not keep "Matkhau@12345678" out.
var common = []string{"matkhau", "password", "passw0rd", "p4ssw0rd", "qwerty", "1234567", "abc123", "abcdef", "admin", "vietnam",
	"tangiang", "nghisu", "iloveyou", "letmein", "welcome", "hanoi", "saigon", "danang"}

// normal brings a password to one form, so that it is the same from every keyboard: Vietnamese
// letters are typed composed on Windows and decomposed on macOS.
func normal(password string) string { return norm.NFC.String(password) }

// checkPassword says everything that is wrong with a new password; path names the input.
func checkPassword(path, password, username, fullName string) []errs.Field {
	var fields []errs.Field
	fail := func(key string, args map[string]any) {
		fields = append(fields, errs.Field{Path: path, Key: key, Args: args})
	}
	if !utf8.ValidString(password) || strings.ContainsFunc(password, unicode.IsControl) {
		fail("auth.password_characters", nil)
		return fields
	}
	password = normal(password)
	length := utf8.RuneCountInString(password)
	if length > maxPassword {
		fail("auth.password_long", map[string]any{"max": maxPassword})
	}
	if length < minPhrase {
		if length < minMixed {
			fail("auth.password_short", map[string]any{"min": minMixed, "phrase": minPhrase})
		}
		for _, key := range missingClasses(password) {
			fail(key, nil)
		}
	}
	if different(password) < minDifferent {
		fail("auth.password_repeats", map[string]any{"min": minDifferent})
	}
	if containsName(password, username, fullName) {
		fail("auth.password_has_name", nil)
	}
	if isCommon(password) {
		fail("auth.password_common", nil)
	}
	return fields
}

func missingClasses(password string) []string {
	var lower, upper, digit, other bool
	for _, r := range password {
		switch {
		case unicode.IsLower(r):
			lower = true
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsDigit(r):
			digit = true
		default:
			other = true
		}
	}
	var keys []string
	for _, class := range []struct {
		has bool
		key string
	}{{lower, "auth.password_needs_lower"}, {upper, "auth.password_needs_upper"}, {digit, "auth.password_needs_digit"}, {other, "auth.password_needs_other"}} {
		if !class.has {
			keys = append(keys, class.key)
		}
	}
	return keys
}

func different(password string) int {
	seen := map[rune]struct{}{}
	for _, r := range password {
		seen[r] = struct{}{}
	}
	return len(seen)
}

// squash folds and joins, so that "Nguyễn-Hữu Thành" is found in "nguyenhuuthanh1!".
func squash(s string) string { return strings.ReplaceAll(org.Fold(s), " ", "") }

func containsName(password, username, fullName string) bool {
	folded := squash(password)
	for _, name := range []string{squash(username), squash(fullName)} {
		if len(name) >= minNamePart && strings.Contains(folded, name) {
			return true
		}
	}
	// "vp_phamvanduc" holds the agency and the name.
	for part := range strings.FieldsFuncSeq(strings.ToLower(username), func(r rune) bool { return r == '_' || r == '.' || r == '-' }) {
		if len(part) >= minNamePart && strings.Contains(folded, part) {
			return true
		}
	}
	return false
}

// isCommon refuses a password of less than a passphrase's length that is built on a common one.
func isCommon(password string) bool {
	folded := squash(password)
	for _, c := range common {
		if strings.HasPrefix(folded, c) && len(folded) < len(c)+10 {
			return true
		}
	}
	return false
}

// temporaryAlphabet has no signs that look alike when read out or copied from paper.
const temporaryAlphabet = "abcdefghjkmnpqrstuvwxyz23456789"

// temporaryPassword makes a first password of four groups, 79 bits of chance.
func temporaryPassword() (string, error) {
	var b strings.Builder
	for i := range temporarySize {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		n, err := rand.Int(rand.Reader, big.NewInt(int64(len(temporaryAlphabet))))
		if err != nil {
			return "", err
		}
		b.WriteByte(temporaryAlphabet[n.Int64()])
	}
	return b.String(), nil
}
