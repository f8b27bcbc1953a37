package document_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/id"
	"nghisu/internal/org/orgtest"
	"nghisu/storage/postgres"
)

func fields(err error) map[string]string {
	m := map[string]string{}
	var e *errs.Error
	if errors.As(err, &e) {
		for _, f := range e.Fields {
			m[f.Path] = f.Key
		}
	}
	return m
}

func key(err error) string {
	var e *errs.Error
	if errors.As(err, &e) {
		return e.Key
	}
	return ""
}

func states(d document.Document) []document.State {
	var out []document.State
	for _, s := range d.Steps {
		out = append(out, s.State)
	}
	return out
}

func TestService_theWholeRoad(t *testing.T) {
	w := exchangetest.New(t)
	in := w.Input(t, w.Sender.Specialist)
	d, err := w.Documents.Create(t.Context(), w.Sender.Specialist, in)
	if err != nil {
		t.Fatal(err)
	}
	if d.Code() != "" || d.IssuedOn != nil || d.Version != 1 || len(d.Files) != 2 || !d.Files[0].Main || d.Files[0].Name != "van-ban.pdf" || len(d.Recipients) != 4 {
		t.Errorf("created %+v", d)
	}
	if d, err = w.Documents.Submit(t.Context(), w.Sender.Specialist, d.ID, d.Version); err != nil {
		t.Fatal(err)
	}
	if d, err = w.Documents.Return(t.Context(), w.Sender.Leader, d.ID, d.Version, " Thiếu  căn cứ "); err != nil {
		t.Fatal(err)
	}
	if d.State != document.Draft || d.ReturnReason != "Thiếu  căn cứ" {
		t.Errorf("after return: %s %q", d.State, d.ReturnReason)
	}
	in.Subject, in.Urgency = "Về việc phân bổ kinh phí (sửa)", 2
	in.Files = []document.InputFile{{File: d.Files[1].ID, Main: true}, {Upload: w.Upload(t, w.Sender.Clerk, "moi")}}
	if d, err = w.Documents.Change(t.Context(), w.Sender.Clerk, d.ID, d.Version, in); err != nil {
		t.Fatal(err)
	}
	if d.Subject != in.Subject || d.Files[0].Name != "phu-luc.pdf" || d.Files[1].Name != "moi.pdf" {
		t.Errorf("after change: %+v", d)
	}
	if d, err = w.Documents.Submit(t.Context(), w.Sender.Clerk, d.ID, d.Version); err != nil {
		t.Fatal(err)
	}
	if d.ReturnReason != "" {
		t.Errorf("the reason stays after the next submission: %q", d.ReturnReason)
	}
	d = w.Sign(t, d.ID, w.Sender.Leader, document.ByLeader)
	if d.State != document.Signed || d.Files[0].Revision != 3 || d.Files[1].Revision != 1 {
		t.Errorf("after the leader: %s, revisions %d and %d", d.State, d.Files[0].Revision, d.Files[1].Revision)
	}
	n, err := w.Documents.SuggestNumber(t.Context(), w.Sender.Clerk, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = w.Documents.Number(t.Context(), w.Sender.Clerk, d.ID, d.Version, n); err != nil {
		t.Fatal(err)
	}
	if d.State != document.Numbered || d.Code() != "01/QĐ-STC" || d.IssuedOn.Format(time.DateOnly) != "2026-11-24" {
		t.Errorf("after the number: %s %s %v", d.State, d.Code(), d.IssuedOn)
	}
	d = w.Sign(t, d.ID, w.Sender.Clerk, document.BySeal)
	if d.State != document.Sealed || d.Files[0].Revision != 5 || d.Files[1].Revision != 2 {
		t.Errorf("after the seal: %s, revisions %d and %d", d.State, d.Files[0].Revision, d.Files[1].Revision)
	}
	want := []document.State{document.Draft, document.Submitted, document.Draft, document.Submitted, document.Signed, document.Numbered, document.Sealed}
	if diff := cmp.Diff(want, states(d)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if by := d.Steps[2].By; by == nil || by.FullName != w.Sender.Leader.Name {
		t.Errorf("returned by %+v", by)
	}
	var events int
	err = w.DB.QueryRow(t.Context(), `select count(*) from audit_events where object_id = $1`, d.ID).Scan(&events)
	if err != nil || events != 12 { // added, submitted, returned, changed, submitted, numbered, three edits of two; signing audits signatures
		t.Errorf("%d audit events, %v", events, err)
	}
}

func TestService_Create_refuses(t *testing.T) {
	w := exchangetest.New(t)
	dissolved := orgtest.Agency(t, w.DB, "H77.9", "UBND quận cũ")
	if _, err := w.DB.Exec(t.Context(), `update agencies set valid_to = '2026-11-24' where id = $1`, dissolved); err != nil {
		t.Fatal(err)
	}
	gone := orgtest.Person(t, w.DB, w.Sender.Agency, "Nguyên Giám đốc", access.Leader)
	if _, err := w.DB.Exec(t.Context(), `update appointments set valid_to = '2026-11-24' where id = $1`, gone.Appointment); err != nil {
		t.Fatal(err)
	}
	theirs := w.Upload(t, w.Receivers[0].Clerk, "cua-nguoi-khac")
	for name, c := range map[string]struct {
		actor  access.Actor
		change func(in *document.Input)
		code   errs.Code
		fields map[string]string
	}{
		"a leader":        {w.Sender.Leader, nil, errs.Forbidden, nil},
		"a secretary":     {w.Sender.Secretary, nil, errs.Forbidden, nil},
		"form":            {w.Sender.Clerk, func(in *document.Input) { in.Symbol = "" }, errs.Invalid, map[string]string{"symbol": "document.symbol_format"}},
		"signer is clerk": {w.Sender.Clerk, func(in *document.Input) { in.Signer = w.Sender.Clerk.Appointment }, errs.Invalid, map[string]string{"signer_id": "document.signer_not_leader"}},
		"signer of another agency": {w.Sender.Clerk, func(in *document.Input) { in.Signer = w.Receivers[0].Leader.Appointment }, errs.Invalid,
			map[string]string{"signer_id": "document.signer_not_leader"}},
		"signer whose appointment ended": {w.Sender.Clerk, func(in *document.Input) { in.Signer = gone.Appointment }, errs.Invalid,
			map[string]string{"signer_id": "document.signer_not_leader"}},
		"dissolved and unknown recipients": {w.Sender.Clerk, func(in *document.Input) {
			in.Recipients = append(in.Recipients, dissolved, id.New[id.Agency]())
		}, errs.Invalid, map[string]string{"recipient_ids[4]": "document.recipient_unknown", "recipient_ids[5]": "document.recipient_unknown"}},
		"upload of another person": {w.Sender.Clerk, func(in *document.Input) { in.Files[1].Upload = theirs }, errs.Invalid,
			map[string]string{"files[1]": "document.upload_unknown"}},
		"file of nowhere": {w.Sender.Clerk, func(in *document.Input) { in.Files[1] = document.InputFile{File: id.New[id.File]()} }, errs.Invalid,
			map[string]string{"files[1]": "document.file_unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			in := w.Input(t, w.Sender.Clerk)
			if c.change != nil {
				c.change(&in)
			}
			_, err := w.Documents.Create(t.Context(), c.actor, in)
			if !errs.Is(err, c.code) {
				t.Fatalf("%v instead of %s", err, c.code)
			}
			if c.fields != nil {
				if diff := cmp.Diff(c.fields, fields(err)); diff != "" {
					t.Errorf("fields (-want +got):\n%s", diff)
				}
			}
		})
	}
	var left int
	if err := w.DB.QueryRow(t.Context(), `select count(*) from documents`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d documents left behind, %v", left, err)
	}
}

func TestService_commandsAreRefused(t *testing.T) {
	w := exchangetest.New(t)
	draft, submitted, sealed := w.Draft(t), w.Submitted(t), w.Sealed(t)
	stranger := w.Receivers[0]
	ctx := t.Context()
	in := w.Input(t, w.Sender.Clerk)
	for name, c := range map[string]struct {
		do   func() error
		code errs.Code
	}{
		"submit by the leader":         {func() error { _, err := w.Documents.Submit(ctx, w.Sender.Leader, draft.ID, 0); return err }, errs.Forbidden},
		"submit by another agency":     {func() error { _, err := w.Documents.Submit(ctx, stranger.Clerk, draft.ID, 0); return err }, errs.NotFound},
		"submit by another specialist": {func() error { _, err := w.Documents.Submit(ctx, w.Sender.Specialist, draft.ID, 0); return err }, errs.NotFound},
		"submit twice":                 {func() error { _, err := w.Documents.Submit(ctx, w.Sender.Clerk, submitted.ID, 0); return err }, errs.Conflict},
		"submit of an older version":   {func() error { _, err := w.Documents.Submit(ctx, w.Sender.Clerk, draft.ID, 7); return err }, errs.Stale},
		"submit of nothing":            {func() error { _, err := w.Documents.Submit(ctx, w.Sender.Clerk, id.New[id.Document](), 0); return err }, errs.NotFound},
		"change after submission":      {func() error { _, err := w.Documents.Change(ctx, w.Sender.Clerk, submitted.ID, 0, in); return err }, errs.Conflict},
		"change of an older version":   {func() error { _, err := w.Documents.Change(ctx, w.Sender.Clerk, draft.ID, 9, in); return err }, errs.Stale},
		"change with bad input": {func() error {
			_, err := w.Documents.Change(ctx, w.Sender.Clerk, draft.ID, 0, document.Input{})
			return err
		}, errs.Invalid},
		"return by the clerk":        {func() error { _, err := w.Documents.Return(ctx, w.Sender.Clerk, submitted.ID, 0, "x"); return err }, errs.Forbidden},
		"return without a reason":    {func() error { _, err := w.Documents.Return(ctx, w.Sender.Leader, submitted.ID, 0, "  "); return err }, errs.Invalid},
		"return of a draft":          {func() error { _, err := w.Documents.Return(ctx, w.Sender.Leader, draft.ID, 0, "x"); return err }, errs.Conflict},
		"cancel without a reason":    {func() error { _, err := w.Documents.Cancel(ctx, w.Sender.Clerk, sealed.ID, 0, ""); return err }, errs.Invalid},
		"read by another agency":     {func() error { _, err := w.Documents.Get(ctx, stranger.Clerk, sealed.ID); return err }, errs.NotFound},
		"read by another specialist": {func() error { _, err := w.Documents.Get(ctx, w.Sender.Specialist, sealed.ID); return err }, errs.NotFound},
		"file of another agency": {func() error {
			_, err := w.Documents.File(ctx, stranger.Clerk, sealed.ID, sealed.Files[0].ID, 0)
			return err
		}, errs.NotFound},
		"file of another document": {func() error {
			_, err := w.Documents.File(ctx, w.Sender.Clerk, sealed.ID, draft.Files[0].ID, 0)
			return err
		}, errs.NotFound},
		"revision that never was": {func() error {
			_, err := w.Documents.File(ctx, w.Sender.Clerk, sealed.ID, sealed.Files[0].ID, 9)
			return err
		}, errs.NotFound},
		"leader's signature by a clerk": {func() error {
			return w.SignFile(t, submitted.ID, w.Sender.Clerk, document.ByLeader, submitted.Files[0].ID)
		}, errs.Forbidden},
		"leader's signature on an annex": {func() error {
			return w.SignFile(t, submitted.ID, w.Sender.Leader, document.ByLeader, submitted.Files[1].ID)
		},
			errs.Conflict},
		"seal before the leader": {func() error {
			return w.SignFile(t, submitted.ID, w.Sender.Clerk, document.BySeal, submitted.Files[0].ID)
		}, errs.Conflict},
		"seal after the seal": {func() error { return w.SignFile(t, sealed.ID, w.Sender.Clerk, document.BySeal, sealed.Files[0].ID) }, errs.Conflict},
		"seal by the leader":  {func() error { return w.SignFile(t, sealed.ID, w.Sender.Leader, document.BySeal, sealed.Files[0].ID) }, errs.Forbidden},
		"signature by another agency": {func() error {
			return w.SignFile(t, submitted.ID, stranger.Leader, document.ByLeader, submitted.Files[0].ID)
		}, errs.NotFound},
		"signature of no such document": {func() error {
			return w.SignFile(t, id.New[id.Document](), w.Sender.Leader, document.ByLeader, id.New[id.File]())
		}, errs.NotFound},
	} {
		t.Run(name, func(t *testing.T) {
			if err := c.do(); !errs.Is(err, c.code) {
				t.Errorf("%v instead of %s", err, c.code)
			}
		})
	}
}

// A refusal for the state tells the state as it is now.
func TestService_conflictCarriesThePresentState(t *testing.T) {
	w := exchangetest.New(t)
	d := w.Submitted(t)
	_, err := w.Documents.Submit(t.Context(), w.Sender.Clerk, d.ID, 1)
	var e *errs.Error
	if !errors.As(err, &e) {
		t.Fatalf("%v", err)
	}
	now, ok := e.Current.(document.Document)
	if e.Key != "document.wrong_state.submitted" || !ok || now.Version != d.Version {
		t.Errorf("key %s, current %+v", e.Key, e.Current)
	}
}

func TestService_submitLooksAgainWhoIsThere(t *testing.T) {
	w := exchangetest.New(t)
	d := w.Draft(t)
	if _, err := w.DB.Exec(t.Context(), `update agencies set valid_to = '2026-11-24' where id = $1`, w.Receivers[2].Agency); err != nil {
		t.Fatal(err)
	}
	_, err := w.Documents.Submit(t.Context(), w.Sender.Clerk, d.ID, 0)
	if diff := cmp.Diff(map[string]string{"recipient_ids[2]": "document.recipient_unknown"}, fields(err)); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

// The same request again gives the first answer and makes nothing new.
func TestService_CreateOnce(t *testing.T) {
	w := exchangetest.New(t)
	in := w.Input(t, w.Sender.Clerk)
	ctx := postgres.WithCommand(t.Context(), postgres.Command{Person: w.Sender.Clerk.Person, Key: "key-for-create", Fingerprint: []byte("x")})
	first, err := w.Documents.Create(ctx, w.Sender.Clerk, in)
	if err != nil {
		t.Fatal(err)
	}
	second, err := w.Documents.Create(ctx, w.Sender.Clerk, in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("answers differ (-first +second):\n%s", diff)
	}
}

func TestService_List(t *testing.T) {
	w := exchangetest.New(t)
	ctx := t.Context()
	var made []id.Document
	for range 5 {
		w.Clock.Add(time.Minute)
		made = append([]id.Document{w.Draft(t).ID}, made...)
	}
	mine, err := w.Documents.Create(ctx, w.Sender.Specialist, w.Input(t, w.Sender.Specialist))
	if err != nil {
		t.Fatal(err)
	}
	made = append([]id.Document{mine.ID}, made...)
	submitted := w.Submitted(t)
	made = append([]id.Document{submitted.ID}, made...)
	read := func(actor access.Actor, f document.Filter) []id.Document {
		t.Helper()
		var got []id.Document
		for {
			page, next, err := w.Documents.List(ctx, actor, f)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) > f.Limit {
				t.Errorf("%d on a page of %d", len(page), f.Limit)
			}
			for _, s := range page {
				got = append(got, s.ID)
			}
			if next == "" {
				return got
			}
			f.After = next
		}
	}
	for name, c := range map[string]struct {
		actor access.Actor
		f     document.Filter
		want  []id.Document
	}{
		"all, by pages of two":        {w.Sender.Clerk, document.Filter{Limit: 2}, made},
		"leader sees all":             {w.Sender.Leader, document.Filter{Limit: 50}, made},
		"by state":                    {w.Sender.Secretary, document.Filter{Limit: 3, State: document.Submitted}, made[:1]},
		"specialist sees own":         {w.Sender.Specialist, document.Filter{Limit: 50}, []id.Document{mine.ID}},
		"another agency sees nothing": {w.Receivers[0].Clerk, document.Filter{Limit: 50}, nil},
	} {
		if diff := cmp.Diff(c.want, read(c.actor, c.f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	page, _, err := w.Documents.List(ctx, w.Sender.Clerk, document.Filter{Limit: 1})
	if err != nil || len(page) != 1 || page[0].RecipientCount != 4 || page[0].FileCount != 2 || page[0].SignerName != w.Sender.Leader.Name ||
		page[0].CreatedByName != w.Sender.Clerk.Name {
		t.Errorf("summary %+v, %v", page, err)
	}
	if _, _, err := w.Documents.List(ctx, w.Sender.Clerk, document.Filter{Limit: 1, After: "nonsense"}); !errs.Is(err, errs.Invalid) {
		t.Errorf("bad cursor: %v", err)
	}
}

func TestService_File_recordsReadingOncePerHour(t *testing.T) {
	w := exchangetest.New(t)
	d := w.Sealed(t)
	count := func() (n int) {
		t.Helper()
		err := w.DB.QueryRow(context.Background(), `select count(*) from audit_events where kind = 'document.file_read'`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	read := func(actor access.Actor, revision int) document.File {
		t.Helper()
		f, err := w.Documents.File(t.Context(), actor, d.ID, d.Files[0].ID, revision)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if f := read(w.Sender.Clerk, 0); f.Revision != 5 || f.Ref != d.Files[0].Ref {
		t.Errorf("newest revision: %+v", f)
	}
	if f := read(w.Sender.Clerk, 1); f.Revision != 1 || f.Reason != document.Uploaded || f.Ref == d.Files[0].Ref {
		t.Errorf("first revision: %+v", f)
	}
	if n := count(); n != 1 {
		t.Errorf("%d records after two readings", n)
	}
	read(w.Sender.Leader, 0)
	w.Clock.Add(61 * time.Minute)
	read(w.Sender.Clerk, 0)
	if n := count(); n != 3 {
		t.Errorf("%d records after another person and another hour", n)
	}
}
