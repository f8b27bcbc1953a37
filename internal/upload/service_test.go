package upload

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

func TestCleanName(t *testing.T) {
	tests := map[string]struct{ in, want, key string }{
		"plain":                    {in: "a.pdf", want: "a.pdf"},
		"decomposed is composed":   {in: "Quye\u0302\u0301t đi\u0323nh.pdf", want: "Quyết định.pdf"},
		"path of Windows":          {in: `C:\fakepath\Tờ trình.pdf`, want: "Tờ trình.pdf"},
		"path of Unix":             {in: "../../etc/passwd", want: "passwd"},
		"spaces around":            {in: "  a.pdf ", want: "a.pdf"},
		"200 letters":              {in: strings.Repeat("ế", 200), want: strings.Repeat("ế", 200)},
		"201 letters":              {in: strings.Repeat("ế", 201), key: "upload.name_too_long"},
		"nothing":                  {in: " ", key: "upload.bad_name"},
		"only a path":              {in: "a/", key: "upload.bad_name"},
		"the folder above":         {in: "a/..", key: "upload.bad_name"},
		"a line break":             {in: "a\nb.pdf", key: "upload.bad_name"},
		"turned reading direction": {in: "a\u202efdp.exe", key: "upload.bad_name"},
		"broken UTF-8":             {in: "a\xff.pdf", key: "upload.bad_name"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := cleanName(tc.in)
			if tc.key == "" {
				if err != nil || got != tc.want {
					t.Errorf("%q, error %v; want %q", got, err, tc.want)
				}
				return
			}
			var e *errs.Error
			if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Path != "name" || e.Fields[0].Key != tc.key {
				t.Errorf("%q, error %v; want %s", got, err, tc.key)
			}
		})
	}
}

func TestService_Create(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	if _, err := w.Create(ctx, w.clerk, "a.pdf", MaxSize); err != nil {
		t.Errorf("200 MB: %v", err)
	}
	_, err := w.Create(ctx, w.clerk, "a.pdf", MaxSize+1)
	needError(t, err, errs.TooLarge, "upload.too_large")
	_, err = w.Create(ctx, w.clerk, "a.pdf", 0)
	needError(t, err, errs.Invalid, "request.invalid")
	_, err = w.Create(ctx, w.clerk, "\x00", 1)
	needError(t, err, errs.Invalid, "request.invalid")

	keyed := postgres.WithCommand(ctx, postgres.Command{Person: w.clerk.Person, Key: "12345678", Fingerprint: []byte("x")})
	first, err := w.Create(keyed, w.clerk, "b.pdf", 5)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.Create(keyed, w.clerk, "b.pdf", 5)
	if diff := cmp.Diff(first, again); diff != "" || err != nil {
		t.Errorf("repeat, error %v (-first +again):\n%s", err, diff)
	}
	if n := count(t, w.db, `select count(*) from uploads where name = 'b.pdf'`); n != 1 {
		t.Errorf("%d uploads, want 1", n)
	}
	for range maxOpen - 2 {
		w.create(t, 5)
	}
	_, err = w.Create(ctx, w.clerk, "c.pdf", 5)
	needError(t, err, errs.TooMany, "upload.too_many_open")
	if _, err = w.Create(ctx, w.other, "c.pdf", 5); err != nil {
		t.Errorf("another person: %v", err)
	}
}

func TestService_Append(t *testing.T) {
	w := newWorld(t)
	content := pdf(35_000, 1)
	u := w.create(t, len(content))
	for _, end := range []int{1, 10_000, 10_001, 35_000} {
		var err error
		if u, err = w.Append(t.Context(), w.clerk, u.ID, u.Received, bytes.NewReader(content[u.Received:end])); err != nil || u.Received != int64(end) {
			t.Fatalf("received %d, want %d; error %v", u.Received, end, err)
		}
	}
	// Nothing is refused that changes nothing.
	if same, err := w.Append(t.Context(), w.clerk, u.ID, u.Received, bytes.NewReader(nil)); err != nil || same.Received != u.Received {
		t.Errorf("an empty body: %+v, error %v", same, err)
	}
	got, err := w.Get(t.Context(), w.clerk, u.ID)
	if diff := cmp.Diff(u, got); diff != "" || err != nil {
		t.Errorf("get, error %v (-appended +got):\n%s", err, diff)
	}
	u, err = w.Complete(t.Context(), w.clerk, u.ID)
	if err != nil || *u.Hash != objects.Hash(sha256.Sum256(content)) {
		t.Fatalf("complete: %+v, error %v", u, err)
	}
	w.needObject(t, *u.Hash, content)
}

func TestService_Append_Refused(t *testing.T) {
	w := newWorld(t)
	content := pdf(25_000, 1)
	u := w.create(t, len(content))
	u, err := w.Append(t.Context(), w.clerk, u.ID, 0, bytes.NewReader(content[:15_000]))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		actor  access.Actor
		offset int64
		body   []byte
		code   errs.Code
		key    string
	}{
		"before what was received":           {w.clerk, 0, content, errs.Conflict, "upload.wrong_offset"},
		"behind what was received":           {w.clerk, 20_000, content[20_000:], errs.Conflict, "upload.wrong_offset"},
		"longer than announced":              {w.clerk, 15_000, append(bytes.Clone(content[15_000:]), 'x'), errs.Invalid, "upload.too_long"},
		"longer than announced by a piece":   {w.clerk, 15_000, bytes.Repeat(content, 2), errs.Invalid, "upload.too_long"},
		"somebody else's":                    {w.other, 15_000, content[15_000:], errs.NotFound, "request.not_found"},
		"mine, but in another agency's role": {access.Actor{Person: w.clerk.Person, Agency: id.New[id.Agency]()}, 15_000, content[15_000:], errs.NotFound, "request.not_found"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := w.Append(t.Context(), tc.actor, u.ID, tc.offset, bytes.NewReader(tc.body))
			needError(t, err, tc.code, tc.key)
			var known *errs.Error
			if errors.As(err, &known) && tc.code != errs.NotFound {
				if now, ok := known.Current.(Upload); !ok || now.Received != 15_000 {
					t.Errorf("current state %+v", known.Current)
				}
			}
			if now, err := w.Get(t.Context(), w.clerk, u.ID); err != nil || now.Received != 15_000 {
				t.Errorf("received %d, error %v", now.Received, err)
			}
		})
	}
	w.needStored(t, 0, 2)
}

func TestService_Append_NotPDF(t *testing.T) {
	w := newWorld(t)
	for name, content := range map[string][]byte{
		"large": bytes.Repeat([]byte("text "), 10_000), "small": []byte("hello"),
		"header too late": append(bytes.Repeat([]byte(" "), 1024), pdf(2000, 1)...),
	} {
		_, err := w.Append(t.Context(), w.clerk, w.create(t, len(content)).ID, 0, bytes.NewReader(content))
		t.Log(name)
		needError(t, err, errs.Unsupported, "upload.not_pdf")
	}
	w.needStored(t, 0, 0)
}

// Pictures are taken too, but nobody gets one who asked for a PDF, nor the other way round.
func TestService_pictures(t *testing.T) {
	w := newWorld(t)
	complete := func(content []byte) Upload {
		t.Helper()
		u, err := w.Append(t.Context(), w.clerk, w.create(t, len(content)).ID, 0, bytes.NewReader(content))
		if err == nil {
			u, err = w.Complete(t.Context(), w.clerk, u.ID)
		}
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	take := func(u Upload) error {
		return postgres.InTx(t.Context(), w.db, func(tx *postgres.Tx) error {
			_, err := w.Take(t.Context(), tx, w.clerk, u.ID)
			return err
		})
	}
	for kind, content := range map[string][]byte{PNG: append([]byte("\x89PNG\r\n\x1a\n"), pdf(9000, 1)[500:]...), JPEG: []byte("\xff\xd8\xff\xe0JFIF")} {
		u := complete(content)
		got, err := w.Picture(t.Context(), w.clerk, u.ID)
		if err != nil || got.ContentType != kind || u.ContentType != kind || got.Size != int64(len(content)) {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
		needError(t, take(u), errs.Unsupported, "upload.not_pdf")
	}
	paper := complete(pdf(3000, 1))
	if err := take(paper); err != nil {
		t.Errorf("take a PDF: %v", err)
	}
	_, err := w.Picture(t.Context(), w.clerk, paper.ID)
	needError(t, err, errs.Unsupported, "upload.not_picture")
	if _, err := w.Picture(t.Context(), w.other, paper.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("another's picture: %v", err)
	}
	large := make([]byte, MaxPicture+1)
	copy(large, "\x89PNG\r\n\x1a\n")
	_, err = w.Append(t.Context(), w.clerk, w.create(t, len(large)).ID, 0, bytes.NewReader(large))
	needError(t, err, errs.Unsupported, "upload.not_pdf")
}

func TestService_Append_BrokenConnection(t *testing.T) {
	w := newWorld(t)
	content := pdf(35_000, 1)
	u := w.create(t, len(content))
	// The request's context ends with the connection; what came is kept all the same.
	ctx, cancel := context.WithCancel(t.Context())
	body := io.MultiReader(bytes.NewReader(content[:23_456]), readerFunc(func([]byte) (int, error) { cancel(); return 0, io.ErrUnexpectedEOF }))
	_, err := w.Append(ctx, w.clerk, u.ID, 0, body)
	needError(t, err, errs.Unavailable, "upload.interrupted")
	u, err = w.Get(t.Context(), w.clerk, u.ID)
	if err != nil || u.Received != 23_456 {
		t.Fatalf("received %d, error %v; want 23456", u.Received, err)
	}
	if _, err := w.Complete(t.Context(), w.clerk, u.ID); errs.CodeOf(err) != errs.Conflict {
		t.Errorf("complete half an upload: %v", err)
	}
	if _, err = w.Append(t.Context(), w.clerk, u.ID, u.Received, iotest.OneByteReader(bytes.NewReader(content[u.Received:]))); err != nil {
		t.Fatal(err)
	}
	u, err = w.Complete(t.Context(), w.clerk, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.needObject(t, *u.Hash, content)
	w.needStored(t, 1, 0)
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestService_Append_Concurrent(t *testing.T) {
	w := newWorld(t)
	content := pdf(9_000, 1)
	u := w.create(t, len(content))
	var group sync.WaitGroup
	failures := make([]error, 4)
	for i := range failures {
		group.Go(func() {
			_, failures[i] = w.Append(t.Context(), w.clerk, u.ID, 0, bytes.NewReader(content))
		})
	}
	group.Wait()
	won := 0
	for _, err := range failures {
		if err == nil {
			won++
		} else {
			needError(t, err, errs.Conflict, "upload.wrong_offset")
		}
	}
	if won != 1 {
		t.Errorf("%d appends of the same bytes were counted, want 1", won)
	}
	w.needStored(t, 0, 1) // the losers' parts are gone
}

// errLost is what a store answers that failed, or that did it and could not say so.
var errLost = errors.New("no answer")

func failOnce(op string) func(string) error {
	var once sync.Once
	return func(got string) (err error) {
		if got == op {
			once.Do(func() { err = errLost })
		}
		return err
	}
}

// Whatever operation of the store fails, undone or done: nothing half is visible, and trying again works.
func TestService_StoreFails(t *testing.T) {
	for _, op := range []string{"PutPart", "OpenPart", "Put", "Stat"} {
		for _, done := range []bool{false, true} {
			name := op + " fails undone"
			if done {
				name = op + " fails although done"
			}
			t.Run(name, func(t *testing.T) {
				w := newWorld(t)
				content := pdf(25_000, 1)
				if done {
					w.store.After = failOnce(op)
				} else {
					w.store.Before = failOnce(op)
				}
				u := w.create(t, len(content))
				failed := 0
				for u.State != Complete {
					var err error
					var next Upload
					if u.Received < u.Size {
						next, err = w.Append(t.Context(), w.clerk, u.ID, u.Received, bytes.NewReader(content[u.Received:]))
					} else {
						next, err = w.Complete(t.Context(), w.clerk, u.ID)
					}
					if err == nil {
						u = next
						continue
					}
					if failed++; failed > 1 || !errors.Is(err, errLost) {
						t.Fatalf("failure %d: %v", failed, err)
					}
					if u, err = w.Get(t.Context(), w.clerk, u.ID); err != nil || u.State != Open {
						t.Fatalf("after the failure: %+v, error %v", u, err)
					}
				}
				if failed != 1 {
					t.Errorf("%d failures, want 1", failed)
				}
				w.needObject(t, *u.Hash, content)
			})
		}
	}
}

func TestService_Append_Full(t *testing.T) {
	w := newWorld(t)
	w.store.Before = func(op string) error {
		if op == "PutPart" {
			return objects.ErrFull
		}
		return nil
	}
	u := w.create(t, 5000)
	_, err := w.Append(t.Context(), w.clerk, u.ID, 0, bytes.NewReader(pdf(5000, 1)))
	needError(t, err, errs.Unavailable, "storage.full")
	w.needStored(t, 0, 0)
}

func TestService_Complete(t *testing.T) {
	w := newWorld(t)
	content := pdf(25_000, 1)
	sent := w.send(t, content)
	first, err := w.Complete(t.Context(), w.clerk, sent.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := sent
	hash := objects.Hash(sha256.Sum256(content))
	want.State, want.Hash, want.ContentType, want.UpdatedAt = Complete, &hash, PDF, first.UpdatedAt
	if diff := cmp.Diff(want, first); diff != "" {
		t.Errorf("complete (-want +got):\n%s", diff)
	}
	again, err := w.Complete(t.Context(), w.clerk, sent.ID)
	if diff := cmp.Diff(first, again); diff != "" || err != nil {
		t.Errorf("repeat, error %v (-first +again):\n%s", err, diff)
	}
	w.needObject(t, hash, content)
	w.needStored(t, 1, 0)
	if n := count(t, w.db, `select count(*) from audit_events where kind = 'upload.completed' and object_id = $1`, sent.ID); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
	_, err = w.Append(t.Context(), w.clerk, sent.ID, sent.Size, bytes.NewReader([]byte("x")))
	needError(t, err, errs.Conflict, "upload.complete_already")
	_, err = w.Complete(t.Context(), w.other, sent.ID)
	needError(t, err, errs.NotFound, "request.not_found")
}

func TestService_Complete_Concurrent(t *testing.T) {
	w := newWorld(t)
	content := pdf(25_000, 1)
	u := w.send(t, content)
	var group sync.WaitGroup
	failures := make([]error, 4)
	for i := range failures {
		group.Go(func() {
			_, failures[i] = w.Complete(t.Context(), w.clerk, u.ID)
		})
	}
	group.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Error(err)
	}
	if n := count(t, w.db, `select count(*) from audit_events where kind = 'upload.completed'`); n != 1 {
		t.Errorf("%d audit events, want 1", n)
	}
	w.needObject(t, sha256.Sum256(content), content)
}

func TestService_Complete_Refused(t *testing.T) {
	w := newWorld(t)
	noEnd := pdf(25_000, 1)
	copy(noEnd[len(noEnd)-6:], "......")
	u := w.send(t, noEnd)
	_, err := w.Complete(t.Context(), w.clerk, u.ID)
	needError(t, err, errs.Unsupported, "upload.not_pdf")

	small := []byte("%PDF-1.4 %%EOF")
	w.upload(t, small) // head and end in one

	open := w.create(t, 5000)
	_, err = w.Complete(t.Context(), w.clerk, open.ID)
	needError(t, err, errs.Conflict, "upload.incomplete")
	w.needStored(t, 1, 3)
}

func TestService_Cancel(t *testing.T) {
	w := newWorld(t)
	u := w.send(t, pdf(25_000, 1))
	needError(t, w.Cancel(t.Context(), w.other, u.ID), errs.NotFound, "request.not_found")
	if err := w.Cancel(t.Context(), w.clerk, u.ID); err != nil {
		t.Fatal(err)
	}
	w.needStored(t, 0, 0)
	_, err := w.Get(t.Context(), w.clerk, u.ID)
	needError(t, err, errs.NotFound, "request.not_found")
	_, err = w.Complete(t.Context(), w.clerk, u.ID)
	needError(t, err, errs.NotFound, "request.not_found")
}

// Cancelled while it is put together: missing, and no object is left.
func TestService_CancelDuringComplete(t *testing.T) {
	w := newWorld(t)
	u := w.send(t, pdf(25_000, 1))
	var once sync.Once
	w.store.Before = func(op string) (err error) {
		if op == "OpenPart" {
			once.Do(func() { err = w.Cancel(t.Context(), w.clerk, u.ID) })
		}
		return err
	}
	_, err := w.Complete(t.Context(), w.clerk, u.ID)
	needError(t, err, errs.NotFound, "request.not_found")
	w.needStored(t, 0, 0)
}

func TestService_Take(t *testing.T) {
	w := newWorld(t)
	content := pdf(25_000, 1)
	u := w.upload(t, content)
	take := func(actor access.Actor, uploadID id.Upload) (taken Taken, err error) {
		err = postgres.InTx(t.Context(), w.db, func(tx *postgres.Tx) error {
			taken, err = w.Take(t.Context(), tx, actor, uploadID)
			return err
		})
		return taken, err
	}
	for range 2 {
		got, err := take(w.clerk, u.ID)
		want := Taken{Hash: *u.Hash, Size: u.Size, Name: "Quyết định.pdf", ContentType: PDF}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("take, error %v (-want +got):\n%s", err, diff)
		}
	}
	_, err := take(w.other, u.ID)
	needError(t, err, errs.NotFound, "request.not_found")
	_, err = take(w.clerk, w.create(t, 10).ID)
	needError(t, err, errs.Conflict, "upload.incomplete")
}

func TestService_Keep(t *testing.T) {
	w := newWorld(t)
	content := pdf(25_000, 1)
	for range 2 {
		ref, err := w.Keep(t.Context(), content, PDF)
		if err != nil || ref.Size != 25_000 {
			t.Fatalf("%+v, error %v", ref, err)
		}
		w.needObject(t, ref.Hash, content)
		if err := w.refer(t.Context(), w.db, ref.Hash, ref.Size); err != nil {
			t.Errorf("refer to what was kept: %v", err)
		}
	}
}
