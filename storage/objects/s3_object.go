package objects

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/minio/minio-go/v7"
)

// A reader of pages asks for small ranges, a download for all: requests begin small and double.
const (
	s3WindowMin = 256 << 10
	s3WindowMax = 8 << 20
)

// s3Object reads a verified object by requests for windows of it. A window that is replaced before
// its end was read is dropped with its connection, hence the small beginning.
type s3Object struct {
	ctx      context.Context //nolint:containedctx // of the Open; an io.Reader has no other place for it
	s3       *S3
	hash     Hash
	info     minio.ObjectInfo
	sequence *sequence

	at     int64         // next byte to read
	body   io.ReadCloser // nil, or positioned at "at"
	end    int64         // first byte behind body
	window int64         // size of the last request
}

func (o *s3Object) Size() int64        { return o.info.Size }
func (o *s3Object) ModTime() time.Time { return o.info.LastModified }

func (o *s3Object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.info.Size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek in object %s: before its start", o.hash)
	}
	if offset != o.at {
		_ = o.Close()
		o.at, o.window = offset, 0
	}
	return offset, nil
}

func (o *s3Object) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if o.at >= o.info.Size {
		return 0, io.EOF
	}
	if o.body == nil {
		if err := o.request(); err != nil {
			return 0, err
		}
	}
	n, err := o.body.Read(p)
	if o.sequence.took(p[:n], o.at, o.info.Size) && !o.sequence.matches(o.hash) {
		return 0, o.s3.verifier.damaged(o.ctx, o.hash, o.info.Size)
	}
	o.at += int64(n)
	if err == nil && o.at < o.end {
		return n, nil
	}
	_ = o.Close()
	if err != nil && !errors.Is(err, io.EOF) {
		return n, fmt.Errorf("read object %s: %w", o.hash, s3Error(err))
	}
	if o.at < o.end {
		return n, fmt.Errorf("read object %s: %w", o.hash, io.ErrUnexpectedEOF)
	}
	return n, nil
}

// request asks for the next window.
func (o *s3Object) request() error {
	o.window = min(max(2*o.window, s3WindowMin), s3WindowMax)
	o.end = min(o.at+o.window, o.info.Size)
	body, err := o.s3.get(o.ctx, o.hash, o.info.ETag, o.at, o.end-1)
	o.body = body
	return err
}

// Close drops the open request.
func (o *s3Object) Close() error {
	if o.body == nil {
		return nil
	}
	body := o.body
	o.body = nil
	return body.Close()
}
