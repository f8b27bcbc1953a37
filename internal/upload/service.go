package upload

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Deps are the parts a Service is built from. Now is postgres.Now when nil.
type Deps struct {
	DB    *postgres.DB
	Store objects.Store
	Log   *slog.Logger
	Now   func() time.Time
}

// Service takes uploads.
type Service struct {
	db    *postgres.DB
	store objects.Store
	log   *slog.Logger
	now   func() time.Time
	piece int64 // bytes that are acknowledged together
	sweep sweepPosition
}

// New makes the service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	return &Service{db: d.DB, store: d.Store, log: d.Log, now: d.Now, piece: 4 << 20}
}

// Create announces a file. One that is too large, empty or badly named is refused before a byte is sent.
func (s *Service) Create(ctx context.Context, actor access.Actor, name string, size int64) (Upload, error) {
	name, err := cleanName(name)
	if err == nil {
		err = checkSize(size)
	}
	if err != nil {
		return Upload{}, err
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Upload, error) {
		switch n, err := countOpen(ctx, tx, actor.Person); {
		case err != nil:
			return Upload{}, err
		case n >= maxOpen:
			return Upload{}, errs.New(errs.TooMany, "upload.too_many_open")
		}
		now := s.now()
		u := Upload{ID: id.New[id.Upload](), Name: name, Size: size, State: Open, CreatedAt: now, UpdatedAt: now}
		return u, insertUpload(ctx, tx, actor, u)
	})
}

// Get tells how far an upload of the actor is.
func (s *Service) Get(ctx context.Context, actor access.Actor, uploadID id.Upload) (Upload, error) {
	return findUpload(ctx, s.db, actor, uploadID, "")
}

// Append adds the bytes of r at offset, which must be what was received so far; otherwise it is a
// Conflict with the Upload as Current. The bytes become durable piece by piece; when r breaks off,
// what came until then counts and the caller goes on from there (Unavailable "upload.interrupted").
func (s *Service) Append(ctx context.Context, actor access.Actor, uploadID id.Upload, offset int64, r io.Reader) (Upload, error) {
	u, err := s.Get(ctx, actor, uploadID)
	if err == nil {
		err = needPlace(u, offset)
	}
	if err != nil {
		return Upload{}, err
	}
	var buf bytes.Buffer
	for {
		remaining := u.Size - u.Received
		most := s.piece
		if remaining <= most {
			most = remaining + 1 // one more byte shows that the body is too long
		}
		buf.Reset()
		n, readErr := io.CopyN(&buf, r, most)
		switch {
		case n > remaining:
			return Upload{}, &errs.Error{Code: errs.Invalid, Key: "upload.too_long", Current: u}
		case u.Received == 0 && (n >= pdfWindow || n == u.Size) && contentType(buf.Bytes(), u.Size) == "":
			return Upload{}, errNotPDF // at once, not after 200 MB
		case n > 0:
			if u, err = s.keepPart(ctx, actor, u, buf.Bytes()); err != nil {
				return Upload{}, err
			}
		}
		if errors.Is(readErr, io.EOF) {
			return u, nil
		}
		if readErr != nil {
			return Upload{}, &errs.Error{Code: errs.Unavailable, Key: "upload.interrupted", Current: u, Err: readErr}
		}
	}
}

// needPlace is nil when the next byte of the upload is the one at offset.
func needPlace(u Upload, offset int64) error {
	switch {
	case u.State != Open:
		return &errs.Error{Code: errs.Conflict, Key: "upload.complete_already", Current: u}
	case offset != u.Received:
		return &errs.Error{Code: errs.Conflict, Key: "upload.wrong_offset", Current: u}
	}
	return nil
}

// keepPart makes the next bytes of an upload durable and then counts them. The caller may be gone
// already: what it sent is kept all the same.
func (s *Service) keepPart(ctx context.Context, actor access.Actor, u Upload, content []byte) (Upload, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	p := part{start: u.Received, size: int64(len(content)),
		object: fmt.Sprintf("%s/%d-%s", u.ID, u.Received, strings.ToLower(rand.Text()))}
	if err := s.store.PutPart(ctx, p.object, bytes.NewReader(content), p.size); err != nil {
		return Upload{}, fmt.Errorf("keep part of upload %s: %w", u.ID, err)
	}
	refused := false
	err := postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		now, err := lockUpload(ctx, tx, actor, u.ID)
		if err == nil {
			err = needPlace(now, p.start)
		}
		if err != nil {
			refused = errs.Is(err, errs.Conflict) || errs.Is(err, errs.NotFound)
			return err
		}
		u.Received, u.UpdatedAt = p.start+p.size, s.now()
		return insertPart(ctx, tx, u.ID, p, u.UpdatedAt)
	})
	if refused {
		// Never after another failure: the commit may have happened. The sweep finds what is left over.
		s.dropParts(ctx, []part{p})
	}
	if err != nil {
		return Upload{}, fmt.Errorf("count part of upload %s: %w", u.ID, err)
	}
	return u, nil
}

// Complete makes the upload one object. It must be received whole (Conflict "upload.incomplete") and
// be a PDF or a picture (Unsupported "upload.not_pdf"). A repeat answers the same.
func (s *Service) Complete(ctx context.Context, actor access.Actor, uploadID id.Upload) (Upload, error) {
	u, err := s.Get(ctx, actor, uploadID)
	if err != nil || u.State == Complete {
		return u, err
	}
	if u.Received < u.Size {
		return Upload{}, &errs.Error{Code: errs.Conflict, Key: "upload.incomplete", Current: u}
	}
	parts, err := listParts(ctx, s.db, uploadID)
	if err != nil {
		return Upload{}, err
	}
	open := func() *partsReader { return &partsReader{ctx: ctx, store: s.store, parts: parts} }
	kind, err := firstKind(open(), u.Size)
	if err != nil {
		return s.afterFailure(ctx, actor, uploadID, err)
	}
	ref, err := s.keep(ctx, kind, u.Size, func() io.ReadCloser {
		joined := open()
		return struct {
			io.Reader
			io.Closer
		}{&checkedReader{r: joined, size: u.Size}, joined}
	})
	if err != nil {
		return s.afterFailure(ctx, actor, uploadID, err)
	}
	return postgres.Once(ctx, s.db, func(tx *postgres.Tx) (Upload, error) {
		u, err := lockUpload(ctx, tx, actor, uploadID)
		if err != nil || u.State == Complete {
			return u, err
		}
		u.State, u.Hash, u.ContentType, u.UpdatedAt = Complete, &ref.Hash, kind, s.now()
		if err := completeUpload(ctx, tx, u); err != nil {
			return Upload{}, err
		}
		tx.AfterCommit(func() { s.dropParts(context.WithoutCancel(ctx), parts) })
		return u, audit.Append(ctx, tx, actor, u.UpdatedAt, audit.Event{Kind: audit.UploadCompleted, Object: u.ID.UUID,
			Details: map[string]any{"sha256": ref.Hash.Hex(), "size": ref.Size}})
	})
}

// firstKind is the content type by the beginning of the content, which it closes.
func firstKind(content io.ReadCloser, size int64) (string, error) {
	head := make([]byte, min(size, pdfWindow))
	_, err := io.ReadFull(content, head)
	_ = content.Close()
	kind := contentType(head, size)
	if err == nil && kind == "" {
		err = errNotPDF
	}
	return kind, err
}

// afterFailure looks whether another Complete or a Cancel took the parts away under this one.
func (s *Service) afterFailure(ctx context.Context, actor access.Actor, uploadID id.Upload, failure error) (Upload, error) {
	u, err := s.Get(ctx, actor, uploadID)
	if errs.Is(err, errs.NotFound) || err == nil && u.State == Complete {
		return u, err
	}
	return Upload{}, fmt.Errorf("complete upload %s: %w", uploadID, failure)
}

// Cancel removes an upload and its parts. What a feature took stays.
func (s *Service) Cancel(ctx context.Context, actor access.Actor, uploadID id.Upload) error {
	return postgres.InTx(ctx, s.db, func(tx *postgres.Tx) error {
		if _, err := lockUpload(ctx, tx, actor, uploadID); err != nil {
			return err
		}
		parts, err := listParts(ctx, tx, uploadID)
		if err != nil {
			return err
		}
		tx.AfterCommit(func() { s.dropParts(context.WithoutCancel(ctx), parts) })
		return deleteUpload(ctx, tx, uploadID)
	})
}

// Take gives a complete upload of the actor, a PDF, to a feature, which writes a row that refers to the
// object in the same transaction. Until that ends the object cannot be removed. An upload may be
// taken more than once within a day.
func (s *Service) Take(ctx context.Context, tx *postgres.Tx, actor access.Actor, uploadID id.Upload) (Taken, error) {
	u, err := lockUpload(ctx, tx, actor, uploadID)
	if err != nil {
		return Taken{}, err
	}
	t, err := u.taken(PDF)
	if err != nil {
		return Taken{}, err
	}
	if err := shareObject(ctx, tx, t.Hash); err != nil {
		return Taken{}, fmt.Errorf("take upload %s: %w", uploadID, err)
	}
	return t, nil
}

// Picture tells what a complete upload of the actor, a picture, holds; it is guarded for a day.
func (s *Service) Picture(ctx context.Context, actor access.Actor, uploadID id.Upload) (Taken, error) {
	u, err := s.Get(ctx, actor, uploadID)
	if err != nil {
		return Taken{}, err
	}
	return u.taken(PNG, JPEG)
}

// Keep stores content that the system made itself (a signed file) and guards it for a day, in which
// the caller writes the row that refers to it. At most MaxSize bytes. Call it outside a transaction.
func (s *Service) Keep(ctx context.Context, content []byte, contentType string) (objects.Ref, error) {
	return s.keep(ctx, contentType, MaxSize, func() io.ReadCloser { return io.NopCloser(bytes.NewReader(content)) })
}

// KeepStream is Keep for content that is too large for memory, up to max bytes. open may be called
// more than once and yields the same bytes each time.
func (s *Service) KeepStream(ctx context.Context, contentType string, max int64, open func() io.ReadCloser) (objects.Ref, error) {
	return s.keep(ctx, contentType, max, open)
}

// keep stores what open yields and notes it. A sweep may have been removing the same, older content
// between the two steps: then the bytes are gone, and they are stored again under the fresh note.
func (s *Service) keep(ctx context.Context, contentType string, max int64, open func() io.ReadCloser) (objects.Ref, error) {
	for range 3 {
		content := open()
		ref, err := s.store.Put(ctx, content, max)
		_ = content.Close()
		if err != nil {
			return objects.Ref{}, err
		}
		if err := noteObject(ctx, s.db, ref, contentType, s.now()); err != nil {
			return objects.Ref{}, err
		}
		if _, err = s.store.Stat(ctx, ref.Hash); err == nil {
			return ref, nil
		}
		if !errors.Is(err, objects.ErrMissing) {
			return objects.Ref{}, err
		}
	}
	return objects.Ref{}, objects.ErrUnreachable
}

// dropParts removes parts that are no longer needed. What remains after a failure the sweep removes.
func (s *Service) dropParts(ctx context.Context, parts []part) {
	for _, p := range parts {
		if err := s.store.DeletePart(ctx, p.object); err != nil {
			s.log.WarnContext(ctx, "part of an upload could not be removed", "part", p.object, "error", err)
			return
		}
	}
}

// partsReader reads parts one after the other as one content.
type partsReader struct {
	ctx   context.Context //nolint:containedctx // lives for one Complete
	store objects.Store
	parts []part
	open  io.ReadCloser
}

func (p *partsReader) Read(b []byte) (int, error) {
	for {
		if p.open == nil {
			if len(p.parts) == 0 {
				return 0, io.EOF
			}
			r, err := p.store.OpenPart(p.ctx, p.parts[0].object)
			if err != nil {
				return 0, err
			}
			p.open, p.parts = r, p.parts[1:]
		}
		n, err := p.open.Read(b)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		if err := p.Close(); err != nil || n > 0 {
			return n, err
		}
	}
}

// Close closes the part that is open.
func (p *partsReader) Close() error {
	if p.open == nil {
		return nil
	}
	err := p.open.Close()
	p.open = nil
	return err
}
