package document

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"nghisu/internal/errs"
	"nghisu/internal/id"
)

// Limits of a draft.
const (
	MaxSubject    = 500 // characters, NĐ 30/2020 Annex VI
	MaxSymbol     = 30  // characters, NĐ 30/2020 Annex VI
	MaxReason     = 1000
	MaxRecipients = 500
	MaxFiles      = 50
)

// Input is what a clerk or specialist types in for a document.
type Input struct {
	TypeCode   string
	Symbol     string
	Subject    string
	Urgency    int
	Signer     id.Appointment
	Recipients []id.Agency
	Files      []InputFile
	Copy       *CopyOf // set by CreateCopy alone
}

// keepsMain reports whether the file stays the main one.
func (in Input) keepsMain(fileID id.File) bool {
	return slices.ContainsFunc(in.Files, func(f InputFile) bool { return f.Main && f.File == fileID })
}

// InputFile names a finished upload, or, in a change, a file the document has already.
type InputFile struct {
	Upload id.Upload
	File   id.File
	Main   bool
}

var (
	symbolFormat = regexp.MustCompile(`^[\p{L}\p{N}.&]+(-[\p{L}\p{N}.&]+)*$`)
	lookalikes   = strings.NewReplacer("Ð", "Đ", "ð", "đ") // Icelandic eth, common on old keyboards
)

// clean brings what people type into one form: composed letters, no surrounding or doubled blanks.
func (in Input) clean() Input {
	in.Symbol = lookalikes.Replace(norm.NFC.String(strings.TrimSpace(in.Symbol)))
	in.TypeCode = norm.NFC.String(in.TypeCode)
	in.Subject = cleanText(in.Subject)
	return in
}

func cleanText(s string) string { return norm.NFC.String(strings.Join(strings.Fields(s), " ")) }

// check finds everything wrong with the form of the input; facts of the database come later.
func (in Input) check(owner id.Agency) error {
	var bad []errs.Field
	add := func(path, key string, args map[string]any) {
		bad = append(bad, errs.Field{Path: path, Key: key, Args: args})
	}
	kind, known := TypeByCode(in.TypeCode)
	switch {
	case !known, in.Copy == nil && isCopyType(kind), in.Copy != nil && copyTypes[in.Copy.Form] != in.TypeCode:
		add("type_code", "document.type_unknown", nil)
	}
	if !symbolFormat.MatchString(in.Symbol) || utf8.RuneCountInString(in.Symbol) > MaxSymbol {
		add("symbol", "document.symbol_format", nil)
	} else if known && kind.Abbreviation != "" && !strings.HasPrefix(in.Symbol, kind.Abbreviation+"-") {
		// NĐ 30/2020 Annex I.II.3: a named type puts its abbreviation first
		add("symbol", "document.symbol_type", map[string]any{"abbreviation": kind.Abbreviation})
	}
	if n := utf8.RuneCountInString(in.Subject); n < 1 || n > MaxSubject {
		add("subject", "document.subject_length", map[string]any{"max": MaxSubject})
	}
	if in.Urgency < 0 || in.Urgency > 3 {
		add("urgency", "document.urgency_unknown", nil)
	}
	switch {
	case in.Copy == nil && id.IsZero(in.Signer):
		add("signer_id", "document.signer_missing", nil)
	case in.Copy != nil && !id.IsZero(in.Signer): // NĐ 30/2020 Đ.25: the agency alone signs a copy
		add("signer_id", "document.copy_has_no_signer", nil)
	case in.Copy != nil && len(in.Files) > 1:
		add("files", "document.copy_is_one_file", nil)
	}
	bad = append(bad, in.checkRecipients(owner)...)
	bad = append(bad, in.checkFiles()...)
	return errs.InvalidFields(bad)
}

func (in Input) checkRecipients(owner id.Agency) []errs.Field {
	if n := len(in.Recipients); n < 1 || n > MaxRecipients {
		return []errs.Field{{Path: "recipient_ids", Key: "document.recipients_count", Args: map[string]any{"max": MaxRecipients}}}
	}
	var bad []errs.Field
	seen := map[id.Agency]bool{}
	for i, a := range in.Recipients {
		path := fmt.Sprintf("recipient_ids[%d]", i)
		switch {
		case a == owner:
			bad = append(bad, errs.Field{Path: path, Key: "document.recipient_self"})
		case seen[a]:
			bad = append(bad, errs.Field{Path: path, Key: "document.recipient_twice"})
		}
		seen[a] = true
	}
	return bad
}

func (in Input) checkFiles() []errs.Field {
	if n := len(in.Files); n < 1 || n > MaxFiles {
		return []errs.Field{{Path: "files", Key: "document.files_count", Args: map[string]any{"max": MaxFiles}}}
	}
	var bad []errs.Field
	mains := 0
	uploads, files := map[id.Upload]bool{}, map[id.File]bool{}
	for i, f := range in.Files {
		path := fmt.Sprintf("files[%d]", i)
		if id.IsZero(f.Upload) == id.IsZero(f.File) {
			bad = append(bad, errs.Field{Path: path, Key: "document.file_source"})
			continue
		}
		if uploads[f.Upload] && !id.IsZero(f.Upload) || files[f.File] && !id.IsZero(f.File) {
			bad = append(bad, errs.Field{Path: path, Key: "document.file_twice"})
		}
		uploads[f.Upload], files[f.File] = true, true
		if f.Main {
			mains++
		}
	}
	if mains != 1 {
		bad = append(bad, errs.Field{Path: "files", Key: "document.one_main_file"})
	}
	return bad
}

// CleanReason trims and checks the reason of a return, cancellation or refusal: 1 to MaxReason characters.
func CleanReason(reason string) (string, error) {
	reason = strings.TrimSpace(norm.NFC.String(reason))
	if n := utf8.RuneCountInString(reason); n < 1 || n > MaxReason {
		return "", &errs.Error{Code: errs.Invalid, Key: "request.invalid", Fields: []errs.Field{
			{Path: "reason", Key: "request.reason_length", Args: map[string]any{"max": MaxReason}}}}
	}
	return reason, nil
}
