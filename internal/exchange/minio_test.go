package exchange_test

import (
	"bytes"
	"io"
	"log/slog"
	"testing"

	"nghisu/internal/document"
	"nghisu/internal/exchange"
	"nghisu/internal/exchange/exchangetest"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/objects/miniotest"
)

func TestMain(m *testing.M) { miniotest.Main(m) }

// The whole exchange with the files in a real MinIO: upload, sign, seal, send, deliver, read, accept,
// refuse. Afterwards every file is there and whole, through the store at hand and through a fresh one.
func TestService_onMinIO(t *testing.T) {
	cfg := miniotest.New(t)
	opts := objects.Options{Log: slog.New(slog.DiscardHandler)}
	store, err := objects.OpenS3(t.Context(), cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	w := exchangetest.NewOn(t, store)
	ds := w.Arrived(t)
	for i, d := range ds {
		clerk := w.Receivers[i].Clerk
		detail, err := w.Exchange.GetIncoming(t.Context(), clerk, d.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range detail.Files {
			readFile(t, w, exchangeFile(t, w, i, d, f))
		}
		if i == 0 {
			_, err = w.Exchange.Refuse(t.Context(), clerk, d.ID, 0, "Gửi nhầm đơn vị")
		} else {
			_, err = w.Exchange.Accept(t.Context(), clerk, d.ID, 0)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	fresh, err := objects.OpenS3(t.Context(), cfg, opts)
	if err != nil {
		t.Fatal(err)
	}
	sum, err := upload.Fsck(t.Context(), w.DB, fresh, func(f upload.Finding) {
		if f.Kind != upload.FoundUnreferenced {
			t.Errorf("found %+v", f)
		}
	})
	if err != nil || sum.Lost() || sum.Objects == 0 {
		t.Errorf("%+v, error %v", sum, err)
	}
}

func exchangeFile(t *testing.T, w *exchangetest.World, receiver int, d exchange.Delivery, f document.File) document.File {
	t.Helper()
	got, err := w.Exchange.File(t.Context(), w.Receivers[receiver].Clerk, d.ID, f.ID)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func readFile(t *testing.T, w *exchangetest.World, f document.File) {
	t.Helper()
	o, err := w.Store.Open(t.Context(), f.Ref.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	content, err := io.ReadAll(o)
	if err != nil || int64(len(content)) != f.Ref.Size || !bytes.HasPrefix(content, []byte("%PDF-")) {
		t.Errorf("file %s: %d bytes of %d, error %v", f.Name, len(content), f.Ref.Size, err)
	}
}
