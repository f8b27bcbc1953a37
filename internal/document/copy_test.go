package document_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/internal/signing/press"
)

// town is a world whose sender has letters for its symbols.
func town(t *testing.T) *exchangetest.World {
	t.Helper()
	w := exchangetest.New(t)
	if _, err := w.DB.Exec(t.Context(), `update agencies set symbol = 'STC' where id = $1`, w.Sender.Agency); err != nil {
		t.Fatal(err)
	}
	return w
}

func copyInput(t *testing.T, w *exchangetest.World) document.CopyInput {
	t.Helper()
	return document.CopyInput{Upload: w.Upload(t, w.Sender.Clerk, "ban-chup"), Form: document.SaoY, Source: document.FromPaper,
		Subject: "Quyết định số 12/QĐ-BTC", Recipients: []id.Agency{w.Receivers[0].Agency}}
}

// The road of a copy: draft, number, seal, release. Nobody signs it in person (NĐ 30/2020 Đ.25), and all
// copies have one series of numbers (Annex I part II).
func TestService_CreateCopy(t *testing.T) {
	w := town(t)
	ctx := t.Context()
	d, err := w.Documents.CreateCopy(ctx, w.Sender.Clerk, copyInput(t, w))
	if err != nil {
		t.Fatal(err)
	}
	if d.TypeCode != "SY" || d.Symbol != "SY-STC" || d.Signer != nil || !d.IsCopy() || d.State != document.Draft || len(d.Copy.Warnings) != 0 {
		t.Errorf("created %+v", d)
	}
	if diff := cmp.Diff([]document.Action{document.Change, document.Number, document.Cancel}, d.Can(w.Sender.Clerk)); diff != "" {
		t.Errorf("a clerk can (-want +got):\n%s", diff)
	}
	for name, actor := range map[string]access.Actor{"leader": w.Sender.Leader, "secretary": w.Sender.Secretary} {
		if got := d.Can(actor); len(got) != 0 {
			t.Errorf("%s can %v", name, got)
		}
	}
	if _, err := w.Documents.Submit(ctx, w.Sender.Clerk, d.ID, 0); key(err) != "document.wrong_state.draft" {
		t.Errorf("submitted: %v", err)
	}
	if l, err := w.Documents.Layout(ctx, w.Sender.Clerk, d.ID); err != nil || len(l.Fields) != 0 {
		t.Errorf("layout of a copy: %+v, %v", l, err)
	}
	d = w.Number(t, d.ID)
	if d.Code() != "01/SY-STC" || d.State != document.Numbered || d.Files[0].Revision != 1 {
		t.Errorf("numbered: %+v", d)
	}
	m, err := w.Documents.Mark(ctx, d, document.BySeal, d.Files[0], w.Clock.Now())
	if want := "SAO Y\nSở Tài chính\n24/11/2026 08:12:00 +07:00"; err != nil || m.Look.Text != want || m.Field != "KyHieuPhuLuc" {
		t.Errorf("mark %+v, %v", m, err)
	}
	d = w.Sign(t, d.ID, w.Sender.Clerk, document.BySeal)
	if _, err := w.Exchange.Send(ctx, w.Sender.Clerk, d.ID, 0); err != nil {
		t.Fatal(err)
	}
	page, _, err := w.Documents.List(ctx, w.Sender.Clerk, document.Filter{Limit: 5})
	if err != nil || len(page) != 1 || page[0].SignerName != "" || page[0].State != document.Released {
		t.Errorf("listed %+v, %v", page, err)
	}
	// the next copy, of another form, goes on with the number; ordinary documents count for themselves
	in := copyInput(t, w)
	in.Form, in.Source = document.TrichSao, document.FromElectronic
	if d, err = w.Documents.CreateCopy(ctx, w.Sender.Clerk, in); err != nil {
		t.Fatal(err)
	}
	if got := suggestion(t, w, d.ID); got.Number != "02" || d.TypeCode != "TrS" {
		t.Errorf("second copy %s: %+v", d.TypeCode, got)
	}
	if _, err := w.Documents.Number(ctx, w.Sender.Clerk, d.ID, 0, document.Numbering{Number: "01", IssuedOn: day(2026, 11, 24)}); key(err) != "document.number_taken" {
		t.Errorf("the number of another form: %v", err)
	}
	if d := w.Numbered(t); d.Number != "01" {
		t.Errorf("an ordinary document has number %s", d.Number)
	}
}

func TestService_CreateCopy_directions(t *testing.T) {
	w := town(t)
	for name, c := range map[string]struct {
		change func(in *document.CopyInput)
		scan   press.Scan
		want   map[string]string // fields; nil when it is made
		notes  []string
	}{
		"sao y of paper":                  {nil, press.Scan{DPI: 300}, nil, nil},
		"sao lục of paper":                {func(in *document.CopyInput) { in.Form = document.SaoLuc }, press.Scan{}, nil, nil},
		"trích sao of paper":              {func(in *document.CopyInput) { in.Form = document.TrichSao }, press.Scan{}, nil, nil},
		"trích sao of an electronic one":  {func(in *document.CopyInput) { in.Form, in.Source = document.TrichSao, document.FromElectronic }, press.Scan{Signed: true}, nil, nil},
		"sao y of an electronic one":      {func(in *document.CopyInput) { in.Source = document.FromElectronic }, press.Scan{}, map[string]string{"type_of_source": "document.copy_sao_y_electronic"}, nil},
		"sao lục of an electronic one":    {func(in *document.CopyInput) { in.Form, in.Source = document.SaoLuc, document.FromElectronic }, press.Scan{}, map[string]string{"type_of_source": "document.copy_sao_luc_electronic"}, nil},
		"no form":                         {func(in *document.CopyInput) { in.Form = "photo" }, press.Scan{}, map[string]string{"form": "document.copy_form"}, nil},
		"no source":                       {func(in *document.CopyInput) { in.Source = "" }, press.Scan{}, map[string]string{"type_of_source": "document.copy_source"}, nil},
		"what is signed is no paper":      {nil, press.Scan{Signed: true}, map[string]string{"upload_id": "document.copy_of_signed"}, nil},
		"no upload":                       {func(in *document.CopyInput) { in.Upload = id.New[id.Upload]() }, press.Scan{}, map[string]string{"upload_id": "document.upload_unknown"}, nil},
		"no subject":                      {func(in *document.CopyInput) { in.Subject = " " }, press.Scan{}, map[string]string{"subject": "document.subject_length"}, nil},
		"a poor scan is taken with notes": {nil, press.Scan{Old: true, Gray: true, DPI: 150}, nil, []string{document.OldPDF, document.GrayScan, document.CoarseScan}},
	} {
		t.Run(name, func(t *testing.T) {
			in := copyInput(t, w)
			if c.change != nil {
				c.change(&in)
			}
			d, err := with(w, trouble{scan: &c.scan}).CreateCopy(t.Context(), w.Sender.Clerk, in)
			if c.want != nil {
				if diff := cmp.Diff(c.want, fields(err)); diff != "" {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(append([]string{}, c.notes...), d.Copy.Warnings); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
	for name, actor := range map[string]access.Actor{"leader": w.Sender.Leader, "specialist": w.Sender.Specialist} {
		if _, err := w.Documents.CreateCopy(t.Context(), actor, copyInput(t, w)); !errs.Is(err, errs.Forbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.DB.Exec(t.Context(), `update agencies set symbol = '' where id = $1`, w.Receivers[0].Agency); err != nil {
		t.Fatal(err)
	}
	in := copyInput(t, w)
	in.Upload = w.Upload(t, w.Receivers[0].Clerk, "khong-chu")
	in.Recipients = []id.Agency{w.Sender.Agency}
	if _, err := w.Documents.CreateCopy(t.Context(), w.Receivers[0].Clerk, in); key(err) != "document.agency_without_symbol" {
		t.Errorf("agency without symbol: %v", err)
	}
}

// A copy stays that copy: no signer, no second file, no other type; and no ordinary draft becomes one.
func TestService_Change_ofACopy(t *testing.T) {
	w := town(t)
	d, err := w.Documents.CreateCopy(t.Context(), w.Sender.Clerk, copyInput(t, w))
	if err != nil {
		t.Fatal(err)
	}
	good := document.Input{TypeCode: "SY", Symbol: "SY-STC", Subject: "Sửa trích yếu", Recipients: []id.Agency{w.Receivers[1].Agency},
		Files: []document.InputFile{{File: d.Files[0].ID, Main: true}}}
	for name, c := range map[string]struct {
		change func(in *document.Input)
		want   map[string]string
	}{
		"signer":       {func(in *document.Input) { in.Signer = w.Sender.Leader.Appointment }, map[string]string{"signer_id": "document.copy_has_no_signer"}},
		"another type": {func(in *document.Input) { in.TypeCode, in.Symbol = "QĐ", "QĐ-STC" }, map[string]string{"type_code": "document.type_unknown"}},
		"second file": {func(in *document.Input) {
			in.Files = append(in.Files, document.InputFile{Upload: w.Upload(t, w.Sender.Clerk, "hai")})
		}, map[string]string{"files": "document.copy_is_one_file"}},
		"nothing wrong": {func(*document.Input) {}, map[string]string{}},
	} {
		in := good
		c.change(&in)
		_, err := w.Documents.Change(t.Context(), w.Sender.Clerk, d.ID, 0, in)
		if diff := cmp.Diff(c.want, fields(err)); diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	in := w.Input(t, w.Sender.Clerk)
	in.TypeCode, in.Symbol = "SY", "SY-STC"
	if _, err := w.Documents.Create(t.Context(), w.Sender.Clerk, in); fields(err)["type_code"] != "document.type_unknown" {
		t.Errorf("a copy by the ordinary way: %v", err)
	}
}
