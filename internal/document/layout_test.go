package document_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/internal/signing/page"
	"nghisu/internal/signing/place"
	"nghisu/internal/signing/press"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
)

func content(t *testing.T, w *exchangetest.World, ref objects.Ref) string {
	t.Helper()
	o, err := w.Store.Open(t.Context(), ref.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	var b strings.Builder
	buf := make([]byte, ref.Size)
	n, _ := o.Read(buf)
	b.Write(buf[:n])
	return b.String()
}

// pressed are the comments that the pretended press wrote, without the random name of the upload.
func pressed(t *testing.T, w *exchangetest.World, f document.File) []string {
	t.Helper()
	var out []string
	for _, line := range strings.Split(content(t, w, f.Ref), "\n") {
		if strings.HasPrefix(line, "% laid") || strings.HasPrefix(line, "% filled") {
			out = append(out, strings.TrimPrefix(line, "% "))
		}
	}
	return out
}

func TestService_layout(t *testing.T) {
	w := exchangetest.New(t)
	ctx := t.Context()
	d := w.Draft(t)
	l, err := w.Documents.Layout(ctx, w.Sender.Specialist, d.ID)
	if !errs.Is(err, errs.NotFound) {
		t.Errorf("hidden document: %v", err)
	}
	if l, err = w.Documents.Layout(ctx, w.Sender.Leader, d.ID); err != nil || l.Laid || len(l.Fields) != 4 || len(l.Pages) != 1 {
		t.Fatalf("usual places: %+v, %v", l, err)
	}
	for _, f := range l.Fields {
		if f.Source != place.Default || f.Rect.W < 10 || f.Rect.Right() > 210 || f.Rect.Bottom() > 297 {
			t.Errorf("%+v", f)
		}
	}
	// placed by hand in the draft, kept by a change of other things, gone with the file
	moved := []place.Field{{Kind: place.Person, Page: 1, Rect: page.Rect{X: 120, Y: 200, W: 50, H: 25}}, {Kind: place.Seal, Page: 1, Rect: page.Rect{X: 100, Y: 195, W: 36, H: 36}}}
	if d, err = w.Documents.SetLayout(ctx, w.Sender.Clerk, d.ID, d.Version, moved); err != nil || d.Version != 2 {
		t.Fatalf("version %d, %v", d.Version, err)
	}
	in := w.Input(t, w.Sender.Clerk)
	in.Files = []document.InputFile{{File: d.Files[0].ID, Main: true}, {File: d.Files[1].ID}}
	if d, err = w.Documents.Change(ctx, w.Sender.Clerk, d.ID, 0, in); err != nil {
		t.Fatal(err)
	}
	if l, err = w.Documents.Layout(ctx, w.Sender.Clerk, d.ID); err != nil || len(l.Fields) != 2 || l.Fields[0].Source != place.Placed || l.Fields[0].Rect != moved[0].Rect {
		t.Errorf("placed: %+v, %v", l, err)
	}
	if d, err = w.Documents.Submit(ctx, w.Sender.Clerk, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	if d.Fields != document.FieldsAreLaid || d.Files[0].Reason != document.FieldsLaid || d.Files[0].Revision != 2 {
		t.Errorf("submitted: %s %+v", d.Fields, d.Files[0])
	}
	if diff := cmp.Diff([]string{"laid [NguoiKy DauCoQuan]"}, pressed(t, w, d.Files[0])); diff != "" {
		t.Errorf("in the file (-want +got):\n%s", diff)
	}
	// while the leader looks at it the fields are laid anew, from what was uploaded
	all := append(moved, place.Field{Kind: place.Number, Page: 1, Rect: page.Rect{X: 40, Y: 40, W: 40, H: 6}},
		place.Field{Kind: place.Date, Page: 1, Rect: page.Rect{X: 120, Y: 40, W: 70, H: 6}})
	if d, err = w.Documents.SetLayout(ctx, w.Sender.Leader, d.ID, d.Version, all); err != nil || d.State != document.Submitted || d.Files[0].Revision != 3 {
		t.Fatalf("by the leader: %+v, %v", d, err)
	}
	if diff := cmp.Diff([]string{"laid [NguoiKy DauCoQuan So NgayBanHanh]"}, pressed(t, w, d.Files[0])); diff != "" {
		t.Errorf("laid anew (-want +got):\n%s", diff)
	}
	if d, err = w.Documents.Return(ctx, w.Sender.Leader, d.ID, 0, "Sửa lại"); err != nil {
		t.Fatal(err)
	}
	if d.Fields != document.NoFields || d.Files[0].Reason != document.Uploaded || pressed(t, w, d.Files[0]) != nil {
		t.Errorf("a returned draft is not what was uploaded: %s %+v", d.Fields, d.Files[0])
	}
	if d, err = w.Documents.Submit(ctx, w.Sender.Clerk, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	w.Sign(t, d.ID, w.Sender.Leader, document.ByLeader)
	if _, err := w.Documents.SetLayout(ctx, w.Sender.Clerk, d.ID, 0, all); key(err) != "document.wrong_state.signed" {
		t.Errorf("after the signature: %v", err)
	}
	if l, err = w.Documents.Layout(ctx, w.Sender.Clerk, d.ID); err != nil || !l.Laid || len(l.Fields) != 4 {
		t.Errorf("laid: %+v, %v", l, err)
	}
	// another main file knows nothing of places on the former
	other := w.Draft(t)
	if other, err = w.Documents.SetLayout(ctx, w.Sender.Clerk, other.ID, 0, moved); err != nil {
		t.Fatal(err)
	}
	in = w.Input(t, w.Sender.Clerk)
	if _, err = w.Documents.Change(ctx, w.Sender.Clerk, other.ID, 0, in); err != nil {
		t.Fatal(err)
	}
	if l, err = w.Documents.Layout(ctx, w.Sender.Clerk, other.ID); err != nil || len(l.Fields) != 4 || l.Fields[0].Source != place.Default {
		t.Errorf("on another file: %+v, %v", l, err)
	}
}

func TestService_SetLayout_refuses(t *testing.T) {
	w := exchangetest.New(t)
	d := w.Draft(t)
	person := place.Field{Kind: place.Person, Page: 1, Rect: page.Rect{X: 120, Y: 200, W: 50, H: 25}}
	seal := place.Field{Kind: place.Seal, Page: 1, Rect: page.Rect{X: 100, Y: 195, W: 36, H: 36}}
	at := func(f place.Field, number int, r page.Rect) place.Field { f.Page, f.Rect = number, r; return f }
	for name, c := range map[string]struct {
		actor  access.Actor
		fields []place.Field
		code   errs.Code
		want   map[string]string
	}{
		"by the leader of a draft": {w.Sender.Leader, []place.Field{person, seal}, errs.Forbidden, nil},
		"by another agency":        {w.Receivers[0].Clerk, []place.Field{person, seal}, errs.NotFound, nil},
		"without the seal":         {w.Sender.Clerk, []place.Field{person}, errs.Invalid, map[string]string{"fields": "document.field_missing"}},
		"twice": {w.Sender.Clerk, []place.Field{person, seal, person}, errs.Invalid,
			map[string]string{"fields[2].kind": "document.field_kind"}},
		"on no page": {w.Sender.Clerk, []place.Field{at(person, 2, person.Rect), seal}, errs.Invalid,
			map[string]string{"fields[0].page": "document.field_page"}},
		"off the page": {w.Sender.Clerk, []place.Field{at(person, 1, page.Rect{X: 180, Y: 200, W: 50, H: 25}), seal}, errs.Invalid,
			map[string]string{"fields[0]": "document.field_off_page"}},
		"too small": {w.Sender.Clerk, []place.Field{person, at(seal, 1, page.Rect{X: 18, Y: 20, W: 1, H: 25})}, errs.Invalid,
			map[string]string{"fields[1]": "document.field_off_page"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Documents.SetLayout(t.Context(), c.actor, d.ID, 0, c.fields)
			if !errs.Is(err, c.code) {
				t.Fatalf("%v instead of %s", err, c.code)
			}
			if diff := cmp.Diff(c.want, fields(err)); c.want != nil && diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

// A file that came signed gets no fields, and says so; its number stays in the register alone.
func TestService_fileThatCameSigned(t *testing.T) {
	w := exchangetest.New(t)
	came := with(w, trouble{sight: &press.Sight{Pages: []page.Page{{Number: 1, Width: 210, Height: 297}}, Signed: []string{"NguoiKy"}}})
	d := w.Draft(t)
	if _, err := came.SetLayout(t.Context(), w.Sender.Clerk, d.ID, 0, nil); key(err) != "document.no_layout" {
		t.Errorf("set layout: %v", err)
	}
	d, err := came.Submit(t.Context(), w.Sender.Clerk, d.ID, d.Version)
	if err != nil {
		t.Fatal(err)
	}
	if d.Fields != document.FieldsImpossible || d.Files[0].Reason != document.Uploaded || len(edits(t, w, d.ID)) != 0 {
		t.Errorf("submitted: %s %+v", d.Fields, d.Files[0])
	}
	m, err := came.Mark(t.Context(), d, document.ByLeader, d.Files[0], w.Clock.Now())
	if err != nil || m.Field != "" || m.Page != 1 || m.Rect.W < 10 || m.Certify != 0 {
		t.Errorf("a signature in a field of its own: %+v, %v", m, err)
	}
	w.Sign(t, d.ID, w.Sender.Leader, document.ByLeader)
	d = w.Number(t, d.ID)
	if d.Code() != "01/QĐ-STC" || d.Files[0].Reason != document.LeaderSigned || pressed(t, w, d.Files[0]) != nil {
		t.Errorf("numbered: %+v", d.Files[0])
	}
}

func TestService_Mark(t *testing.T) {
	w := exchangetest.New(t)
	d := w.Submitted(t)
	seal, err := w.Uploads.Keep(t.Context(), []byte("\x89PNG seal"), upload.PNG)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.DB.Exec(t.Context(), `insert into signature_images (id, agency_id, sha256, width_mm, height_mm, set_at) values ($1, $2, $3, 38, 38, now())`,
		id.New[id.Event](), d.Agency, seal.Hash)
	if err != nil {
		t.Fatal(err)
	}
	mark := func(d document.Document, p document.Purpose, f document.File) document.Mark {
		t.Helper()
		m, err := w.Documents.Mark(t.Context(), d, p, f, w.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	// the leader has no picture; the first signature certifies
	if m := mark(d, document.ByLeader, d.Files[0]); m.Field != "NguoiKy" || m.Certify != 2 || m.Look.Image != nil || m.Look.Text != "" {
		t.Errorf("leader: %+v", m)
	}
	d = w.Number(t, w.Sign(t, d.ID, w.Sender.Leader, document.ByLeader).ID)
	if m := mark(d, document.BySeal, d.Files[0]); m.Field != "DauCoQuan" || m.Certify != 0 || string(m.Look.Image) != "\x89PNG seal" || m.Look.Text != "" {
		t.Errorf("seal: %+v", m)
	}
	// NĐ 30/2020 Annex I.II.8.b
	m := mark(d, document.BySeal, d.Files[1])
	if want := "01/QĐ-STC\n24/11/2026 08:12:00 +07:00"; m.Field != "KyHieuPhuLuc" || m.Look.Text != want || m.Look.Image != nil || m.Look.Style.Size != 10 || m.Certify != 0 {
		t.Errorf("appendix: %+v", m)
	}
	if m.Page != 1 || m.Rect.X < 105 || m.Rect.X+m.Rect.W > 210 || m.Rect.Y > 20 {
		t.Errorf("not the top right corner: %+v", m.Rect)
	}
}
