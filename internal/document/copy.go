package document

import (
	"context"
	"slices"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/postgres"
)

// CopyForm is one of the three forms of copies (NĐ 30/2020 Đ.25).
type CopyForm string

// The closed list of forms.
const (
	SaoY     CopyForm = "sao_y"     // the whole of an original or principal version
	SaoLuc   CopyForm = "sao_luc"   // the whole of a copy
	TrichSao CopyForm = "trich_sao" // an extract
)

// CopySource is what was copied.
type CopySource string

// The closed list of sources.
const (
	FromPaper      CopySource = "paper"
	FromElectronic CopySource = "electronic"
)

// CopyOf says how a copy was made.
type CopyOf struct {
	Form     CopyForm
	Source   CopySource
	Warnings []string // what the rules ask of a scan and this one seems not to have
}

// The closed list of warnings (NĐ 30/2020 Annex I part II).
const (
	OldPDF     = "old_pdf" // before 1.4
	GrayScan   = "gray"    // not in colour
	CoarseScan = "coarse"  // below 200 dpi
)

// copyTypes are the document types of the forms.
var copyTypes = map[CopyForm]string{SaoY: "SY", SaoLuc: "SL", TrichSao: "TrS"}

// copyTitles are what stands at the top right corner of a copy (NĐ 30/2020 Annex I, box 14).
var copyTitles = map[CopyForm]string{SaoY: "SAO Y", SaoLuc: "SAO LỤC", TrichSao: "TRÍCH SAO"}

// Directions in which an electronic copy may be made (NĐ 30/2020 Đ.25): from paper all three forms; from
// an electronic document extracts alone. A whole electronic document is not copied but sent on.
var copyDirections = map[CopyForm][]CopySource{
	SaoY:     {FromPaper},
	SaoLuc:   {FromPaper},
	TrichSao: {FromPaper, FromElectronic},
}

// Messages for the directions that the decree does not know.
var (
	errCopyForm     = errs.InvalidField("form", "document.copy_form")
	errCopySource   = errs.InvalidField("type_of_source", "document.copy_source")
	errSaoYOfFile   = errs.InvalidField("type_of_source", "document.copy_sao_y_electronic")
	errSaoLucOfFile = errs.InvalidField("type_of_source", "document.copy_sao_luc_electronic")
	errSignedScan   = errs.InvalidField("upload_id", "document.copy_of_signed")
)

// CopyInput is what a clerk gives for a copy. Its symbol is that of its form and the agency: SY-UBND.
type CopyInput struct {
	Upload     id.Upload
	Form       CopyForm
	Source     CopySource
	Subject    string
	Urgency    int
	Recipients []id.Agency
}

// check finds a direction in which no electronic copy is made.
func (in CopyInput) check() error {
	allowed, known := copyDirections[in.Form]
	switch {
	case !known:
		return errCopyForm
	case in.Source != FromPaper && in.Source != FromElectronic:
		return errCopySource
	case slices.Contains(allowed, in.Source):
		return nil
	case in.Form == SaoY:
		return errSaoYOfFile
	}
	return errSaoLucOfFile
}

// IsCopy reports whether the document is a copy of another.
func (d Document) IsCopy() bool { return d.Copy != nil }

// CreateCopy prepares an electronic copy from an upload: a draft that the clerk numbers and the agency
// signs; no person does (NĐ 30/2020 Đ.25-26).
func (s *Service) CreateCopy(ctx context.Context, actor access.Actor, in CopyInput) (Document, error) {
	if err := actor.Need(access.Clerk); err != nil {
		return Document{}, err
	}
	if done, found, err := postgres.Recall[Document](ctx, s.db); err != nil || found {
		return done, err
	}
	if err := in.check(); err != nil {
		return Document{}, err
	}
	how := CopyOf{Form: in.Form, Source: in.Source}
	var err error
	if how.Warnings, err = s.inspectScan(ctx, actor, in.Upload, in.Source); err != nil {
		return Document{}, err
	}
	symbol, err := agencySymbol(ctx, s.db, actor.Agency)
	if err != nil {
		return Document{}, err
	}
	kind := copyTypes[in.Form]
	return s.create(ctx, actor, Input{TypeCode: kind, Symbol: kind + "-" + symbol, Subject: in.Subject, Urgency: in.Urgency,
		Recipients: in.Recipients, Files: []InputFile{{Upload: in.Upload, Main: true}}, Copy: &how})
}

// inspectScan looks at what was uploaded for a copy: paper carries no digital signatures, and the rules
// ask for PDF 1.4 or later, in colour, of at least 200 dpi (NĐ 30/2020 Annex I part II).
func (s *Service) inspectScan(ctx context.Context, actor access.Actor, uploadID id.Upload, source CopySource) ([]string, error) {
	u, err := s.uploads.Get(ctx, actor, uploadID)
	if errs.Is(err, errs.NotFound) {
		return nil, errs.InvalidField("upload_id", "document.upload_unknown")
	}
	if err != nil {
		return nil, err
	}
	ref, err := u.Ref()
	if err != nil {
		return nil, err
	}
	scan, err := s.press.Scan(ctx, ref)
	if err != nil {
		return nil, err
	}
	if scan.Signed && source == FromPaper {
		return nil, errSignedScan
	}
	warnings := []string{}
	if scan.Old {
		warnings = append(warnings, OldPDF)
	}
	if scan.Gray {
		warnings = append(warnings, GrayScan)
	}
	if scan.DPI > 0 && scan.DPI < leastDPI {
		warnings = append(warnings, CoarseScan)
	}
	return warnings, nil
}

// leastDPI is the least resolution of a scan, with room for paper that is a little larger than A4.
const leastDPI = 195

func agencySymbol(ctx context.Context, q postgres.Querier, agency id.Agency) (symbol string, err error) {
	err = q.QueryRow(ctx, `select symbol from agencies where id = $1`, agency).Scan(&symbol)
	if err == nil && symbol == "" {
		return "", errs.New(errs.Conflict, "document.agency_without_symbol")
	}
	return symbol, postgres.Translate(err)
}
