package objects_test

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nghisu/storage/objects"
	"nghisu/storage/objects/objectstest"
)

func TestDisk(t *testing.T) {
	objectstest.Run(t, func(t *testing.T) objectstest.Subject {
		dir := t.TempDir()
		var damaged atomic.Int64
		store, err := objects.OpenDisk(dir, objects.Options{
			Log:      slog.New(slog.DiscardHandler),
			OnDamage: func(context.Context, objects.Hash) { damaged.Add(1) },
		})
		if err != nil {
			t.Fatal(err)
		}
		path := func(h objects.Hash) string { return filepath.Join(dir, "sha256", h.Hex()[:2], h.Hex()[2:4], h.Hex()) }
		return objectstest.Subject{
			Store:   store,
			Damaged: func() int { return int(damaged.Load()) },
			Damage: func(t *testing.T, h objects.Hash) {
				f, err := os.OpenFile(path(h), os.O_WRONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				fi, err := f.Stat()
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.WriteAt([]byte("damage"), 99); err != nil {
					t.Fatal(err)
				}
				if err := os.Chtimes(path(h), fi.ModTime(), fi.ModTime()); err != nil { // as if nothing had happened
					t.Fatal(err)
				}
			},
			Cut: func(t *testing.T, h objects.Hash) {
				if err := os.Truncate(path(h), 1000); err != nil {
					t.Fatal(err)
				}
			},
			Leftovers: func(t *testing.T) int {
				n := 0
				err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
					rel, _ := filepath.Rel(dir, p)
					if err == nil && !e.IsDir() && !strings.HasPrefix(rel, "sha256/") && !strings.HasPrefix(rel, "parts/") {
						n++
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				return n
			},
		}
	})
}

func past() time.Time   { return time.Now().Add(-time.Hour) }
func future() time.Time { return time.Now().Add(time.Hour) }
