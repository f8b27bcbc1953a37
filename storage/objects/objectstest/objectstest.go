// Package objectstest holds the one suite that every object store must pass, and a store that fails
// on demand for the tests of its users.
package objectstest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nghisu/internal/errs"
	"nghisu/storage/objects"
)

// Subject is a fresh store and the ways around it that the suite needs.
type Subject struct {
	Store objects.Store
	// Damage changes bytes of a stored object behind the store's back and keeps its size.
	Damage func(t *testing.T, h objects.Hash)
	// Cut removes the end of a stored object behind the store's back.
	Cut func(t *testing.T, h objects.Hash)
	// Leftovers counts all that lies in the store and is neither an object nor a part.
	Leftovers func(t *testing.T) int
	// Damaged counts the damages that the store reported through its hook.
	Damaged func() int
}

const limit = 64 << 20

// Run runs the suite; open makes an empty store for each test.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	tests := map[string]func(t *testing.T, s Subject){
		"content comes back under its hash":                     testRoundTrip,
		"an object can be read by ranges":                       testRanges,
		"the same content is stored once":                       testSameContent,
		"concurrent puts of the same content all succeed":       testConcurrentPuts,
		"over the limit is refused and leaves nothing":          testTooLarge,
		"a broken reader leaves nothing":                        testBrokenReader,
		"a cancelled put leaves nothing":                        testCancelled,
		"a damaged object is reported and never opened":         testDamaged,
		"an object damaged after it was verified is not opened": testDamagedLater,
		"a truncated object is reported and never opened":       testCut,
		"putting the content again mends a damaged object":      testMended,
		"a missing object is told apart":                        testMissing,
		"a deleted object is gone and may be put again":         testDelete,
		"objects are listed in order from any place":            testList,
		"parts are kept, listed and deleted":                    testParts,
		"a part that ends early or is too long is refused":      testShortPart,
		"a malformed part key is refused":                       testPartKey,
		"tidying spares objects and parts":                      testTidy,
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// Bytes makes n bytes that are the same for the same seed.
func Bytes(n int, seed uint64) []byte {
	b := make([]byte, n)
	src := rand.New(rand.NewPCG(seed, 1))
	for i := 0; i+8 <= n; i += 8 {
		v := src.Uint64()
		for j := range 8 {
			b[i+j] = byte(v >> (8 * j))
		}
	}
	return b
}

// MustPut stores content or ends the test.
func MustPut(t *testing.T, s objects.Store, content []byte) objects.Ref {
	t.Helper()
	ref, err := s.Put(t.Context(), bytes.NewReader(content), limit)
	if err != nil {
		t.Fatalf("put %d bytes: %v", len(content), err)
	}
	return ref
}

// Count tells how many objects and parts lie in the store.
func Count(t *testing.T, s objects.Store) (found, parts int) {
	t.Helper()
	if err := s.List(context.WithoutCancel(t.Context()), objects.Hash{}, func(objects.Info) error { found++; return nil }); err != nil {
		t.Fatalf("list objects: %v", err)
	}
	if err := s.ListParts(context.WithoutCancel(t.Context()), func(objects.Part) error { parts++; return nil }); err != nil {
		t.Fatalf("list parts: %v", err)
	}
	return found, parts
}

// needNothing fails when the store is not empty, to the last temporary file.
func needNothing(t *testing.T, s Subject) {
	t.Helper()
	found, parts := Count(t, s.Store)
	if left := s.Leftovers(t); found+parts+left > 0 {
		t.Errorf("the store holds %d objects, %d parts, %d leftovers; want nothing", found, parts, left)
	}
}

func readAll(t *testing.T, s objects.Store, h objects.Hash) ([]byte, error) {
	t.Helper()
	o, err := s.Open(t.Context(), h)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	return io.ReadAll(o)
}

func testRoundTrip(t *testing.T, s Subject) {
	// Around the sizes at which an implementation changes its way.
	for _, n := range []int{0, 1, 4096, 5 << 20, 5<<20 + 1, 17<<20 + 3} {
		content := Bytes(n, uint64(n))
		ref := MustPut(t, s.Store, content)
		want := objects.Ref{Hash: sha256.Sum256(content), Size: int64(n)}
		if diff := cmp.Diff(want, ref); diff != "" {
			t.Errorf("put of %d bytes (-want +got):\n%s", n, diff)
		}
		got, err := readAll(t, s.Store, ref.Hash)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("read back %d bytes: got %d, error %v", n, len(got), err)
		}
		info, err := s.Store.Stat(t.Context(), ref.Hash)
		if err != nil || info.Ref != ref || time.Since(info.ModTime).Abs() > time.Hour {
			t.Errorf("stat of %d bytes: %+v, error %v", n, info, err)
		}
		if err := s.Store.Verify(t.Context(), ref.Hash); err != nil {
			t.Errorf("verify %d bytes: %v", n, err)
		}
	}
	if left := s.Leftovers(t); left != 0 {
		t.Errorf("%d leftovers after puts that succeeded", left)
	}
}

func testRanges(t *testing.T, s Subject) {
	content := Bytes(3<<20+11, 7)
	ref := MustPut(t, s.Store, content)
	o, err := s.Store.Open(t.Context(), ref.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	if o.Size() != ref.Size {
		t.Errorf("size %d, want %d", o.Size(), ref.Size)
	}
	if end, err := o.Seek(0, io.SeekEnd); err != nil || end != ref.Size {
		t.Errorf("seek to the end: %d, error %v", end, err)
	}
	if n, err := o.Read(make([]byte, 8)); n != 0 || err != io.EOF {
		t.Errorf("read at the end: %d bytes, error %v; want EOF", n, err)
	}
	if _, err := o.Seek(-1, io.SeekStart); err == nil {
		t.Error("seek before the start succeeded")
	}
	for _, r := range [][2]int{{0, 10}, {3 << 20, 11}, {1 << 20, 1 << 20}, {5, 70_000}, {100, 1}, {0, len(content)}} {
		if _, err := o.Seek(int64(r[0]), io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, r[1])
		if _, err := io.ReadFull(o, got); err != nil || !bytes.Equal(got, content[r[0]:r[0]+r[1]]) {
			t.Errorf("range %v differs, error %v", r, err)
		}
	}
}

func testSameContent(t *testing.T, s Subject) {
	content := Bytes(6<<20, 1)
	first, second := MustPut(t, s.Store, content), MustPut(t, s.Store, content)
	if first != second {
		t.Errorf("two puts of one content: %v and %v", first, second)
	}
	if found, _ := Count(t, s.Store); found != 1 {
		t.Errorf("%d objects, want 1", found)
	}
	if left := s.Leftovers(t); left != 0 {
		t.Errorf("%d leftovers", left)
	}
}

func testConcurrentPuts(t *testing.T, s Subject) {
	content := Bytes(1<<20, 3)
	var group sync.WaitGroup
	failures := make([]error, 8)
	for i := range failures {
		group.Go(func() {
			_, failures[i] = s.Store.Put(t.Context(), bytes.NewReader(content), limit)
		})
	}
	group.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Error(err)
	}
	if found, _ := Count(t, s.Store); found != 1 || s.Leftovers(t) != 0 {
		t.Errorf("%d objects and %d leftovers, want 1 and 0", found, s.Leftovers(t))
	}
	if got, err := readAll(t, s.Store, sha256.Sum256(content)); err != nil || !bytes.Equal(got, content) {
		t.Errorf("read back: %d bytes, error %v", len(got), err)
	}
}

func testTooLarge(t *testing.T, s Subject) {
	for _, n := range []int{100, 6 << 20, 18 << 20} {
		_, err := s.Store.Put(t.Context(), bytes.NewReader(Bytes(n, 1)), int64(n-1))
		if !errors.Is(err, objects.ErrTooLarge) || errs.CodeOf(err) != errs.TooLarge {
			t.Errorf("put of %d bytes with a limit one below: %v", n, err)
		}
	}
	needNothing(t, s)
	if _, err := s.Store.Put(t.Context(), bytes.NewReader(Bytes(100, 1)), 100); err != nil {
		t.Errorf("put of exactly the limit: %v", err)
	}
}

var errBroken = errors.New("the connection broke")

func testBrokenReader(t *testing.T, s Subject) {
	for _, n := range []int{0, 100, 6 << 20, 18 << 20} {
		// The second is how a request body ends whose connection broke: not with EOF.
		for _, broken := range []error{errBroken, io.ErrUnexpectedEOF} {
			_, err := s.Store.Put(t.Context(), io.MultiReader(bytes.NewReader(Bytes(n, 1)), failing{broken}), limit)
			if !errors.Is(err, broken) {
				t.Errorf("put of a reader that breaks with %q after %d bytes: %v", broken, n, err)
			}
		}
	}
	needNothing(t, s)
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func testCancelled(t *testing.T, s Subject) {
	for _, n := range []int{100, 6 << 20, 18 << 20} {
		ctx, cancel := context.WithCancel(t.Context())
		body := io.MultiReader(bytes.NewReader(Bytes(n, 1)), calling{cancel}, bytes.NewReader(Bytes(n, 2)))
		if _, err := s.Store.Put(ctx, body, limit); !errors.Is(err, context.Canceled) {
			t.Errorf("put cancelled after %d bytes: %v", n, err)
		}
	}
	needNothing(t, s)
}

// calling calls f in the place of a byte and then ends.
type calling struct{ f func() }

func (c calling) Read([]byte) (int, error) {
	c.f()
	return 0, io.EOF
}

func needDamaged(t *testing.T, s Subject, h objects.Hash) {
	t.Helper()
	before := s.Damaged()
	if o, err := s.Store.Open(t.Context(), h); !errors.Is(err, objects.ErrDamaged) {
		t.Errorf("open a damaged object: %v, error %v", o, err)
	}
	if err := s.Store.Verify(t.Context(), h); !errors.Is(err, objects.ErrDamaged) {
		t.Errorf("verify a damaged object: %v", err)
	}
	if s.Damaged() < before+2 {
		t.Errorf("damage was reported %d times, want each time", s.Damaged()-before)
	}
}

func testDamaged(t *testing.T, s Subject) {
	ref := MustPut(t, s.Store, Bytes(300_000, 5))
	s.Damage(t, ref.Hash)
	needDamaged(t, s, ref.Hash)
}

func testDamagedLater(t *testing.T, s Subject) {
	ref := MustPut(t, s.Store, Bytes(300_000, 5))
	if _, err := readAll(t, s.Store, ref.Hash); err != nil {
		t.Fatal(err)
	}
	s.Damage(t, ref.Hash)
	needDamaged(t, s, ref.Hash)
}

func testCut(t *testing.T, s Subject) {
	ref := MustPut(t, s.Store, Bytes(300_000, 5))
	s.Cut(t, ref.Hash)
	needDamaged(t, s, ref.Hash)
}

func testMended(t *testing.T, s Subject) {
	for _, n := range []int{1000, 6 << 20} {
		content := Bytes(n, 5)
		ref := MustPut(t, s.Store, content)
		s.Damage(t, ref.Hash)
		MustPut(t, s.Store, content)
		if got, err := readAll(t, s.Store, ref.Hash); err != nil || !bytes.Equal(got, content) {
			t.Errorf("after putting %d bytes again: %d bytes, error %v", n, len(got), err)
		}
	}
}

func testMissing(t *testing.T, s Subject) {
	h := objects.Hash{1}
	if _, err := s.Store.Open(t.Context(), h); !errors.Is(err, objects.ErrMissing) {
		t.Errorf("open: %v", err)
	}
	if _, err := s.Store.Stat(t.Context(), h); !errors.Is(err, objects.ErrMissing) {
		t.Errorf("stat: %v", err)
	}
	if err := s.Store.Verify(t.Context(), h); !errors.Is(err, objects.ErrMissing) {
		t.Errorf("verify: %v", err)
	}
	if err := s.Store.Delete(t.Context(), h); err != nil {
		t.Errorf("delete: %v", err)
	}
}

func testDelete(t *testing.T, s Subject) {
	content := Bytes(1000, 5)
	ref := MustPut(t, s.Store, content)
	if err := s.Store.Delete(t.Context(), ref.Hash); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.Open(t.Context(), ref.Hash); !errors.Is(err, objects.ErrMissing) {
		t.Errorf("open after delete: %v", err)
	}
	if MustPut(t, s.Store, content) != ref {
		t.Error("another name after delete")
	}
}

func testList(t *testing.T, s Subject) {
	for i := range 20 {
		MustPut(t, s.Store, Bytes(1000, uint64(i)))
	}
	var all []objects.Hash
	list := func(after objects.Hash, most int) (found []objects.Hash, err error) {
		err = s.Store.List(t.Context(), after, func(i objects.Info) error {
			if len(found) == most {
				return errBroken
			}
			found = append(found, i.Hash)
			return nil
		})
		return found, err
	}
	all, err := list(objects.Hash{}, 100)
	if err != nil || len(all) != 20 {
		t.Fatalf("%d objects, error %v", len(all), err)
	}
	for i := range all {
		rest, err := list(all[i], 100)
		if diff := cmp.Diff(all[i+1:], append([]objects.Hash{}, rest...)); diff != "" || err != nil {
			t.Errorf("list after %d, error %v (-want +got):\n%s", i, err, diff)
		}
	}
	if some, err := list(objects.Hash{}, 3); len(some) != 3 || !errors.Is(err, errBroken) {
		t.Errorf("a stopped listing gave %d objects, error %v", len(some), err)
	}
}

func testParts(t *testing.T, s Subject) {
	want := map[string]int64{}
	for i := range 3 {
		key := fmt.Sprintf("0198-ab/%d-x", i)
		content := Bytes(i*100_000, uint64(i))
		if err := s.Store.PutPart(t.Context(), key, bytes.NewReader(content), int64(len(content))); err != nil {
			t.Fatal(err)
		}
		want[key] = int64(len(content))
		r, err := s.Store.OpenPart(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, content) {
			t.Errorf("part %d: %d bytes, error %v", i, len(got), err)
		}
	}
	got := map[string]int64{}
	if err := s.Store.ListParts(t.Context(), func(p objects.Part) error { got[p.Key] = p.Size; return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	for key := range want {
		for range 2 { // the second time it is gone already
			if err := s.Store.DeletePart(t.Context(), key); err != nil {
				t.Errorf("delete %s: %v", key, err)
			}
		}
		if _, err := s.Store.OpenPart(t.Context(), key); !errors.Is(err, objects.ErrMissing) {
			t.Errorf("open %s after delete: %v", key, err)
		}
	}
	needNothing(t, s)
}

func testShortPart(t *testing.T, s Subject) {
	for name, body := range map[string]io.Reader{
		"short":  bytes.NewReader(Bytes(99, 1)),
		"long":   bytes.NewReader(Bytes(101, 1)),
		"broken": io.MultiReader(bytes.NewReader(Bytes(50, 1)), failing{errBroken}),
	} {
		if err := s.Store.PutPart(t.Context(), "a/b", body, 100); err == nil {
			t.Errorf("a %s part was taken", name)
		}
	}
	needNothing(t, s)
}

func testPartKey(t *testing.T, s Subject) {
	for _, key := range []string{"", "a", "/", "../x", "a/..", "a/b/c", "A/b", "a/b\x00"} {
		if err := s.Store.PutPart(t.Context(), key, bytes.NewReader(nil), 0); err == nil {
			t.Errorf("put: key %q was taken", key)
		}
		if _, err := s.Store.OpenPart(t.Context(), key); err == nil {
			t.Errorf("open: key %q was taken", key)
		}
		if err := s.Store.DeletePart(t.Context(), key); err == nil {
			t.Errorf("delete: key %q was taken", key)
		}
	}
}

func testTidy(t *testing.T, s Subject) {
	ref := MustPut(t, s.Store, Bytes(1000, 1))
	if err := s.Store.PutPart(t.Context(), "a/b", bytes.NewReader([]byte("x")), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Store.Tidy(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := readAll(t, s.Store, ref.Hash); err != nil {
		t.Errorf("object after tidying: %v", err)
	}
	if found, parts := Count(t, s.Store); found != 1 || parts != 1 {
		t.Errorf("%d objects and %d parts after tidying, want 1 and 1", found, parts)
	}
}
