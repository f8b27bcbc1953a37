package upload

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"nghisu/internal/errs"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
	"nghisu/storage/postgres/pgtest"
)

// age makes everything that is there older: rows and files.
func (w world) age(t *testing.T, by time.Duration) {
	t.Helper()
	exec(t, w.db, `update uploads set updated_at = updated_at - $1::interval`, by)
	exec(t, w.db, `update objects set seen_at = seen_at - $1::interval`, by)
	err := filepath.WalkDir(w.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		fi, err := e.Info()
		if err != nil {
			return err
		}
		then := fi.ModTime().Add(-by)
		return os.Chtimes(path, then, then)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w world) sweepAll(t *testing.T) Swept {
	t.Helper()
	done, err := w.Sweep(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func TestService_Sweep(t *testing.T) {
	w := newWorld(t)
	// An upload under way, one that is complete, one that a feature took, content kept and referred to,
	// content kept and not, an object and a part that nobody knows of.
	w.send(t, pdf(25_000, 1))
	w.upload(t, pdf(25_000, 2))
	taken := w.upload(t, pdf(25_000, 3))
	if err := w.refer(t.Context(), w.db, *taken.Hash, taken.Size); err != nil {
		t.Fatal(err)
	}
	referred, err := w.Keep(t.Context(), pdf(5000, 4), PDF)
	if err == nil {
		err = w.refer(t.Context(), w.db, referred.Hash, referred.Size)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Keep(t.Context(), pdf(5000, 5), PDF); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Put(t.Context(), strings.NewReader("unknown"), 10); err != nil {
		t.Fatal(err)
	}
	if err := w.store.PutPart(t.Context(), "unknown/1", strings.NewReader("x"), 1); err != nil {
		t.Fatal(err)
	}
	w.needStored(t, 5, 4)

	w.age(t, 23*time.Hour)
	if done := w.sweepAll(t); done != (Swept{}) {
		t.Errorf("swept after 23 hours: %+v", done)
	}
	w.age(t, 2*time.Hour)
	if diff := cmp.Diff(Swept{Uploads: 3, Parts: 4, Objects: 3}, w.sweepAll(t)); diff != "" {
		t.Errorf("swept after 25 hours (-want +got):\n%s", diff)
	}
	w.needStored(t, 2, 0)
	w.needObject(t, *taken.Hash, pdf(25_000, 3))
	w.needObject(t, referred.Hash, pdf(5000, 4))
	if done := w.sweepAll(t); done != (Swept{}) {
		t.Errorf("swept again: %+v", done)
	}
	if n := count(t, w.db, `select count(*) from objects`); n != 2 {
		t.Errorf("%d notes of objects, want 2", n)
	}
}

// Storing old content again makes it young.
func TestService_Sweep_SparesWhatWasStoredAgain(t *testing.T) {
	w := newWorld(t)
	content := pdf(5000, 1)
	if _, err := w.Keep(t.Context(), content, PDF); err != nil {
		t.Fatal(err)
	}
	w.age(t, 48*time.Hour)
	ref, err := w.Keep(t.Context(), content, PDF)
	if err != nil {
		t.Fatal(err)
	}
	if done := w.sweepAll(t); done != (Swept{}) {
		t.Errorf("swept: %+v", done)
	}
	w.needObject(t, ref.Hash, content)
}

// The same content is stored anew at the very moment in which the sweep removes it: before or after
// its bytes are gone, whoever stores it waits, notices, and stores it again.
func TestService_Sweep_RacesWithUpload(t *testing.T) {
	for _, when := range []string{"before the bytes are removed", "after the bytes were removed"} {
		t.Run(when, func(t *testing.T) {
			w := newWorld(t)
			content := pdf(5000, 1)
			if _, err := w.Keep(t.Context(), content, PDF); err != nil {
				t.Fatal(err)
			}
			w.age(t, 48*time.Hour)
			removing, release := make(chan struct{}), make(chan struct{})
			var once sync.Once
			pause := func(op string) error {
				if op == "Delete" {
					once.Do(func() {
						close(removing)
						<-release
					})
				}
				return nil
			}
			if when == "before the bytes are removed" {
				w.store.Before = pause
			} else {
				w.store.After = pause
			}
			swept := make(chan error, 1)
			go func() { _, err := w.Sweep(t.Context()); swept <- err }()
			select {
			case <-removing:
			case err := <-swept:
				t.Fatalf("the sweep removed nothing, error %v", err)
			}
			// The sweep holds the note and stands still. Uploading waits for it at the note.
			u := w.send(t, content)
			uploaded := make(chan error, 1)
			go func() {
				var err error
				u, err = w.Complete(t.Context(), w.clerk, u.ID)
				uploaded <- err
			}()
			waitForNote(t, w.db)
			close(release)
			if err := errors.Join(<-swept, <-uploaded); err != nil {
				t.Fatal(err)
			}
			w.needObject(t, *u.Hash, content)
			if n := count(t, w.db, `select count(*) from objects where sha256 = $1`, *u.Hash); n != 1 {
				t.Errorf("%d notes, want 1", n)
			}
			if _, err := w.Sweep(t.Context()); err != nil {
				t.Error(err)
			}
			w.needObject(t, *u.Hash, content)
		})
	}
}

// waitForNote returns when somebody waits to note an object.
func waitForNote(t *testing.T, db *postgres.DB) {
	t.Helper()
	owner := pgtest.Owner(t, db) // the application may not see what others do
	for waiting := 0; waiting == 0; {
		err := owner.QueryRow(t.Context(), `select count(*) from pg_stat_activity where datname = current_database()
			and wait_event_type = 'Lock' and query like 'insert into objects%do update%'`).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A feature takes an old upload in a transaction that is still open while the sweep runs.
func TestService_Sweep_SparesWhatIsBeingTaken(t *testing.T) {
	w := newWorld(t)
	content := pdf(5000, 1)
	u := w.upload(t, content)
	w.age(t, 48*time.Hour)
	err := postgres.InTx(t.Context(), w.db, func(tx *postgres.Tx) error {
		taken, err := w.Take(t.Context(), tx, w.clerk, u.ID)
		if err != nil {
			return err
		}
		if done := w.sweepAll(t); done != (Swept{}) {
			t.Errorf("swept: %+v", done)
		}
		return w.refer(t.Context(), tx, taken.Hash, taken.Size)
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Swept{Uploads: 1}, w.sweepAll(t)); diff != "" {
		t.Errorf("swept afterwards (-want +got):\n%s", diff)
	}
	w.needObject(t, *u.Hash, content)
}

// The store fails while the sweep removes an object, or the process dies: the note stays, nothing
// that is referred to is lost, and the next sweep finishes.
func TestService_Sweep_StoreFails(t *testing.T) {
	for name, set := range map[string]func(w world, f func(string) error){
		"undone":        func(w world, f func(string) error) { w.store.Before = f },
		"although done": func(w world, f func(string) error) { w.store.After = f },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if _, err := w.Keep(t.Context(), pdf(5000, 1), PDF); err != nil {
				t.Fatal(err)
			}
			w.age(t, 48*time.Hour)
			set(w, failOnce("Delete"))
			if _, err := w.Sweep(t.Context()); !errors.Is(err, errLost) {
				t.Errorf("first sweep: %v", err)
			}
			if n := count(t, w.db, `select count(*) from objects`); n != 1 {
				t.Errorf("%d notes after the failure, want 1", n)
			}
			if done := w.sweepAll(t); done.Objects != 1 {
				t.Errorf("second sweep: %+v", done)
			}
			w.needStored(t, 0, 0)
		})
	}
}

// Every column that refers to objects is known to the sweep and to fsck: those with a foreign key, and
// those that are named like one.
func TestReferences_Complete(t *testing.T) {
	w := newWorld(t)
	known := map[string]bool{}
	for _, r := range references {
		known[r.table+"."+r.column] = true
	}
	rows, err := w.db.Query(t.Context(), `
		select c.conrelid::regclass::text || '.' || a.attname
		from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
		where c.contype = 'f' and c.confrelid = 'objects'::regclass
		union
		select table_name || '.' || column_name from information_schema.columns
		where table_schema = 'public' and column_name like '%sha256' and table_name not in ('objects', 'verdicts', 'verdict_evidence', 'preserved_files', -- what is known about content, which need not be there
			'evidence', 'trust_anchors') -- hashes of certificates and answers`)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(found) < 4 {
		t.Fatalf("columns %v, error %v", found, err)
	}
	for _, column := range found {
		if !known[column] {
			t.Errorf("%s refers to objects and is not in references", column)
		}
	}
}

func TestFsck(t *testing.T) {
	w := newWorld(t)
	var refs []objects.Ref
	for i := range 4 {
		ref, err := w.Keep(t.Context(), pdf(5000+i, uint64(i)), PDF)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	for _, ref := range refs[:3] { // the fourth stays unreferenced
		if err := w.refer(t.Context(), w.db, ref.Hash, ref.Size); err != nil {
			t.Fatal(err)
		}
	}
	check := func() (found []string, sum Checked) {
		sum, err := Fsck(t.Context(), w.db, w.store, func(f Finding) {
			found = append(found, fmt.Sprintf("%s %s %d %s", f.Kind, f.Hash, f.Size, f.At))
		})
		if err != nil {
			t.Fatal(err)
		}
		return found, sum
	}
	unreferenced := fmt.Sprintf("unreferenced %s 5003 ", refs[3].Hash)
	found, sum := check()
	if diff := cmp.Diff([]string{unreferenced}, found); diff != "" || sum.Lost() || sum.Objects != 3 || sum.Bytes != 15_003 {
		t.Errorf("whole store: %+v (-want +got):\n%s", sum, diff)
	}

	if err := w.store.Store.Delete(t.Context(), refs[0].Hash); err != nil {
		t.Fatal(err)
	}
	w.damage(t, refs[1].Hash)
	found, sum = check()
	if !sum.Lost() || sum.Missing != 1 || sum.Damaged != 1 || sum.Unreferenced != 1 || len(found) != 3 {
		t.Errorf("damaged store: %+v, found %v", sum, found)
	}
	all := strings.Join(found, "\n")
	for _, want := range []string{
		fmt.Sprintf("missing %s 0 file_revisions.sha256", refs[0].Hash),
		fmt.Sprintf("damaged %s 5001 file_revisions.sha256", refs[1].Hash), unreferenced,
	} {
		if !strings.Contains(all, want) {
			t.Errorf("not found: %s in\n%s", want, all)
		}
	}

	w.store.Before = func(op string) error {
		if op == "Stat" {
			return objects.ErrUnreachable
		}
		return nil
	}
	if _, err := Fsck(t.Context(), w.db, w.store, func(Finding) {}); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("store that does not answer: %v", err)
	}
}

// Content that is stored again over a damaged object mends it.
func TestService_KeepMends(t *testing.T) {
	w := newWorld(t)
	content := pdf(5000, 1)
	u := w.upload(t, content)
	w.damage(t, *u.Hash)
	if _, err := w.store.Open(t.Context(), *u.Hash); !errors.Is(err, objects.ErrDamaged) {
		t.Errorf("open: %v", err)
	}
	w.upload(t, bytes.Clone(content))
	w.needObject(t, *u.Hash, content)
}
