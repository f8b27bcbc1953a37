package signing

import (
	"context"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"nghisu/internal/signing/revision"
	"nghisu/storage/objects"
)

// What the shelf holds at most, of files that nobody reads at the moment.
const (
	shelfFiles = 8
	shelfBytes = 400 << 20
	shelfTime  = 2 * time.Minute
)

// shelf keeps files at hand whose pages somebody looks at one after the other: each is fetched once, not once a page.
type shelf struct {
	fetch func(context.Context, objects.Ref) (*os.File, error)
	list  func(context.Context, *os.File) ([]revision.Revision, error)

	arriving singleflight.Group
	mu       sync.Mutex // guards books
	books    []*book    // the one that was used last is the last
}

// book is a file with its revisions. What it is does not change: it is named by its content.
type book struct {
	ref       objects.Ref
	file      *os.File
	revisions []revision.Revision
	readers   int
	used      time.Time
}

// revision finds a revision by its number.
func (b *book) revision(n int) (revision.Revision, bool) {
	i := slices.IndexFunc(b.revisions, func(r revision.Revision) bool { return r.Number == n })
	if i < 0 {
		return revision.Revision{}, false
	}
	return b.revisions[i], true
}

// take gives a file to a reader, who gives it back by calling done.
func (s *shelf) take(ctx context.Context, ref objects.Ref) (b *book, done func(), err error) {
	for {
		if b := s.find(ref.Hash); b != nil {
			return b, func() { s.giveBack(b) }, nil
		}
		_, err, _ := s.arriving.Do(ref.Hash.Hex(), func() (any, error) { return nil, s.bring(context.WithoutCancel(ctx), ref) })
		if err != nil && ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err != nil {
			return nil, nil, err
		}
	}
}

// find takes a file that is there.
func (s *shelf) find(h objects.Hash) *book {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.books, func(b *book) bool { return b.ref.Hash == h })
	if i < 0 {
		return nil
	}
	b := s.books[i]
	s.books = append(slices.Delete(s.books, i, i+1), b)
	b.readers++
	b.used = time.Now()
	return b
}

// bring fetches a file and lists its revisions.
func (s *shelf) bring(ctx context.Context, ref objects.Ref) error {
	f, err := s.fetch(ctx, ref)
	if err != nil {
		return err
	}
	revisions, err := s.list(ctx, f)
	if err != nil {
		_ = f.Close()
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(s.books, func(b *book) bool { return b.ref.Hash == ref.Hash }) {
		s.books = append(s.books, &book{ref: ref, file: f, revisions: revisions, used: time.Now()})
		return nil
	}
	return f.Close()
}

func (s *shelf) giveBack(b *book) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.readers--
	b.used = time.Now()
	s.tidy()
}

// tidy puts away the oldest files while there are too many, and those of long ago.
func (s *shelf) tidy() {
	size := int64(0)
	for _, b := range s.books {
		size += b.ref.Size
	}
	n := len(s.books)
	s.books = slices.DeleteFunc(s.books, func(b *book) bool {
		if b.readers > 0 || n <= shelfFiles && size <= shelfBytes && time.Since(b.used) < shelfTime {
			return false
		}
		n--
		size -= b.ref.Size
		_ = b.file.Close()
		return true
	})
}
