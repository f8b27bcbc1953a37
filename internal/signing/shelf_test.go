package signing

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"nghisu/internal/signing/revision"
	"nghisu/storage/objects"
)

// makeShelf is a shelf whose files are brought from nowhere; brought counts them.
func makeShelf(t *testing.T, brought *atomic.Int32) *shelf {
	t.Helper()
	dir := t.TempDir()
	return &shelf{
		fetch: func(_ context.Context, ref objects.Ref) (*os.File, error) {
			brought.Add(1)
			if ref.Size == 0 {
				return nil, objects.ErrMissing
			}
			return os.CreateTemp(dir, "x")
		},
		list: func(context.Context, *os.File) ([]revision.Revision, error) {
			return []revision.Revision{{Number: 1, Size: 5}}, nil
		},
	}
}

func reference(n int, size int64) objects.Ref {
	return objects.Ref{Hash: sha256.Sum256(fmt.Append(nil, n)), Size: size}
}

// A file that many look at is brought once; who does not look any more keeps few open.
func TestShelf(t *testing.T) {
	var brought atomic.Int32
	s := makeShelf(t, &brought)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			b, done, err := s.take(t.Context(), reference(1, 5))
			if err != nil {
				t.Error(err)
				return
			}
			defer done()
			if _, ok := b.revision(1); !ok {
				t.Error("no revision 1")
			}
			if _, ok := b.revision(2); ok {
				t.Error("there is a revision 2")
			}
		})
	}
	wg.Wait()
	if n := brought.Load(); n != 1 {
		t.Errorf("brought %d times", n)
	}
	held, done, err := s.take(t.Context(), reference(1, 5))
	if err != nil {
		t.Fatal(err)
	}
	for n := range 30 {
		_, done, err := s.take(t.Context(), reference(n+2, 5))
		if err != nil {
			t.Fatal(err)
		}
		done()
	}
	if len(s.books) > shelfFiles {
		t.Errorf("%d files are open", len(s.books))
	}
	if _, err := held.file.Stat(); err != nil {
		t.Errorf("a file was put away while somebody reads it: %v", err)
	}
	done()
}

// A few very large files do not fill the disk, and what is not there is nobody's.
func TestShelf_limits(t *testing.T) {
	var brought atomic.Int32
	s := makeShelf(t, &brought)
	for n := range 5 {
		_, done, err := s.take(t.Context(), reference(n, shelfBytes/2))
		if err != nil {
			t.Fatal(err)
		}
		done()
	}
	if len(s.books) > 2 {
		t.Errorf("%d files of half the room are open", len(s.books))
	}
	if _, _, err := s.take(t.Context(), reference(99, 0)); !errors.Is(err, objects.ErrMissing) {
		t.Errorf("got %v", err)
	}
}
