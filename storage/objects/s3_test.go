package objects_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"nghisu/internal/errs"
	"nghisu/storage/objects"
	"nghisu/storage/objects/miniotest"
	"nghisu/storage/objects/objectstest"
)

func TestMain(m *testing.M) { miniotest.Main(m) }

// around reaches a bucket behind the store's back.
func around(t *testing.T, cfg objects.S3Config) *minio.Client {
	t.Helper()
	client, err := minio.New(cfg.Endpoint, &minio.Options{Creds: credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, "")})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestS3(t *testing.T) {
	objectstest.Run(t, func(t *testing.T) objectstest.Subject {
		cfg := miniotest.New(t)
		var damaged atomic.Int64
		store, err := objects.OpenS3(t.Context(), cfg, objects.Options{
			Log:      slog.New(slog.DiscardHandler),
			OnDamage: func(context.Context, objects.Hash) { damaged.Add(1) },
		})
		if err != nil {
			t.Fatal(err)
		}
		client := around(t, cfg)
		change := func(t *testing.T, h objects.Hash, how func([]byte) []byte) {
			key := "sha256/" + h.Hex()[:2] + "/" + h.Hex()[2:4] + "/" + h.Hex()
			o, err := client.GetObject(t.Context(), cfg.Bucket, key, minio.GetObjectOptions{})
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(o)
			if err != nil {
				t.Fatal(err)
			}
			content = how(content)
			if _, err := client.PutObject(t.Context(), cfg.Bucket, key, bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		return objectstest.Subject{
			Store:   store,
			Damaged: func() int { return int(damaged.Load()) },
			Damage: func(t *testing.T, h objects.Hash) {
				change(t, h, func(b []byte) []byte { copy(b[99:], "damage"); return b })
			},
			Cut: func(t *testing.T, h objects.Hash) {
				change(t, h, func(b []byte) []byte { return b[:1000] })
			},
			Leftovers: func(t *testing.T) int { return leftovers(t, client, cfg.Bucket) },
		}
	})
}

func leftovers(t *testing.T, client *minio.Client, bucket string) int {
	t.Helper()
	n := 0
	for o := range client.ListObjects(context.WithoutCancel(t.Context()), bucket, minio.ListObjectsOptions{Recursive: true}) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
		if !strings.HasPrefix(o.Key, "sha256/") && !strings.HasPrefix(o.Key, "parts/") {
			n++
		}
	}
	for u := range client.ListIncompleteUploads(context.WithoutCancel(t.Context()), bucket, "", true) {
		if u.Err != nil {
			t.Fatal(u.Err)
		}
		n++
	}
	return n
}

func TestOpenS3_Refused(t *testing.T) {
	cfg := miniotest.New(t)
	tests := map[string]struct {
		change func(*objects.S3Config)
		code   errs.Code
	}{
		"nobody listens":  {func(c *objects.S3Config) { c.Endpoint = "127.0.0.1:1" }, errs.Unavailable},
		"wrong secret":    {func(c *objects.S3Config) { c.SecretKey = "not the secret" }, errs.Internal},
		"bad address":     {func(c *objects.S3Config) { c.Endpoint = "http://x/y" }, errs.Internal},
		"bad bucket name": {func(c *objects.S3Config) { c.Bucket = "X" }, errs.Internal},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			c := cfg
			tc.change(&c)
			_, err := objects.OpenS3(t.Context(), c, objects.Options{Log: slog.New(slog.DiscardHandler)})
			if err == nil || errs.CodeOf(err) != tc.code {
				t.Fatalf("error %v, want code %s", err, tc.code)
			}
			if strings.Contains(err.Error(), c.SecretKey) {
				t.Errorf("the error tells the secret: %v", err)
			}
			t.Log(err)
		})
	}
}

func TestS3_TidyRemovesOldLeftovers(t *testing.T) {
	cfg := miniotest.New(t)
	store, err := objects.OpenS3(t.Context(), cfg, objects.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	client := around(t, cfg)
	if _, err := client.PutObject(t.Context(), cfg.Bucket, "tmp/x", strings.NewReader("x"), 1, minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	core := minio.Core{Client: client}
	if _, err := core.NewMultipartUpload(t.Context(), cfg.Bucket, "tmp/y", minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	if n := leftovers(t, client, cfg.Bucket); n != 2 {
		t.Fatalf("%d leftovers were made, want 2", n)
	}
	if n, err := store.Tidy(t.Context(), past()); n != 0 || err != nil {
		t.Errorf("tidying what is older than an hour removed %d, error %v", n, err)
	}
	if n, err := store.Tidy(t.Context(), future()); n != 2 || err != nil || leftovers(t, client, cfg.Bucket) != 0 {
		t.Errorf("tidying removed %d, error %v, left %d", n, err, leftovers(t, client, cfg.Bucket))
	}
}

func TestS3_ServerGone(t *testing.T) {
	server, err := miniotest.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	store, err := objects.OpenS3(t.Context(), server.Config("bucket"), objects.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		server.Stop()
		t.Fatal(err)
	}
	ref, err := store.Put(t.Context(), strings.NewReader("x"), 10)
	if err != nil {
		t.Error(err)
	}
	server.Stop()
	if _, err := store.Put(t.Context(), strings.NewReader("y"), 10); !errors.Is(err, objects.ErrUnreachable) {
		t.Errorf("put: %v", err)
	}
	if _, err := store.Open(t.Context(), ref.Hash); errs.CodeOf(err) != errs.Unavailable {
		t.Errorf("open: %v", err)
	}
}
