package upload

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org/orgtest"
	"nghisu/storage/objects"
	"nghisu/storage/objects/objectstest"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// world is a service on a database and a store of its own, with two people of one agency.
type world struct {
	*Service
	store *objectstest.Faulty
	dir   string // of the store
	clerk access.Actor
	other access.Actor
}

func newWorld(t *testing.T) world {
	t.Helper()
	dir := t.TempDir()
	disk, err := objects.OpenDisk(dir, objects.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	db := pgtest.New(t)
	w := world{store: &objectstest.Faulty{Store: disk}, dir: dir}
	w.Service = New(Deps{DB: db, Store: w.store, Log: slog.New(slog.DiscardHandler)})
	w.piece = 10_000
	agency := orgtest.Agency(t, db, "H77.1", "Sở Y tế")
	w.clerk = orgtest.Person(t, db, agency, "Nguyễn Văn A", access.Clerk)
	w.other = orgtest.Person(t, db, agency, "Trần Thị B", access.Clerk)
	return w
}

func exec(t *testing.T, db *postgres.DB, sql string, args ...any) {
	t.Helper()
	if _, err := db.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func count(t *testing.T, db *postgres.DB, sql string, args ...any) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// pdf is content of n bytes that passes for a PDF, different for each seed.
func pdf(n int, seed uint64) []byte {
	b := objectstest.Bytes(n, seed)
	copy(b, "%PDF-1.7\n")
	copy(b[n-6:], "%%EOF\n")
	return b
}

func (w world) create(t *testing.T, size int) Upload {
	t.Helper()
	u, err := w.Create(t.Context(), w.clerk, "Quyết định.pdf", int64(size))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// send uploads content whole and leaves it to be completed.
func (w world) send(t *testing.T, content []byte) Upload {
	t.Helper()
	u, err := w.Append(t.Context(), w.clerk, w.create(t, len(content)).ID, 0, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// upload uploads content to its end.
func (w world) upload(t *testing.T, content []byte) Upload {
	t.Helper()
	u, err := w.Complete(t.Context(), w.clerk, w.send(t, content).ID)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (w world) needObject(t *testing.T, h objects.Hash, content []byte) {
	t.Helper()
	o, err := w.store.Store.Open(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if got, err := io.ReadAll(o); err != nil || !bytes.Equal(got, content) {
		t.Errorf("object %s: %d bytes, error %v", h, len(got), err)
	}
}

// needStored fails unless that many objects and parts lie in the store.
func (w world) needStored(t *testing.T, wantObjects, wantParts int) {
	t.Helper()
	if found, parts := objectstest.Count(t, w.store.Store); found != wantObjects || parts != wantParts {
		t.Errorf("the store holds %d objects and %d parts, want %d and %d", found, parts, wantObjects, wantParts)
	}
}

func needError(t *testing.T, err error, code errs.Code, key string) {
	t.Helper()
	var known *errs.Error
	if !errors.As(err, &known) || known.Code != code || known.Key != key {
		t.Errorf("error %v, want %s %s", err, code, key)
	}
}

// refer makes a file revision that refers to the object.
func (w world) refer(ctx context.Context, q postgres.Querier, h objects.Hash, size int64) error {
	document, file := id.New[id.Document](), id.New[id.File]()
	for _, step := range []struct {
		sql  string
		args []any
	}{
		{`insert into documents (id, agency_id, type_code, symbol, subject, urgency, state, signer_id, created_by, created_at, updated_at)
			values ($1, $2, 'QĐ', 'QĐ-SYT', 'Về việc', 0, 'draft', $3, $3, now(), now())`, []any{document, w.clerk.Agency, w.clerk.Appointment}},
		{`insert into document_files (id, document_id, ordinal, main, name) values ($1, $2, 1, true, 'x.pdf')`, []any{file, document}},
		{`insert into file_revisions (file_id, revision, sha256, size, reason, made_at) values ($1, 1, $2, $3, 'upload', now())`, []any{file, h, size}},
	} {
		if _, err := q.Exec(ctx, step.sql, step.args...); err != nil {
			return fmt.Errorf("%s: %w", step.sql[:30], err)
		}
	}
	return nil
}

// damage changes bytes of an object behind the store's back.
func (w world) damage(t *testing.T, h objects.Hash) {
	t.Helper()
	path := filepath.Join(w.dir, "sha256", h.Hex()[:2], h.Hex()[2:4], h.Hex())
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/2] ^= 1
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
