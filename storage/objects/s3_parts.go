package objects

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/minio/minio-go/v7"
)

// PutPart implements Store.
func (s *S3) PutPart(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := checkKey(key); err != nil {
		return err
	}
	in := newIntake(ctx, r, size)
	_, err := s.core.Client.PutObject(ctx, s.bucket, keyParts+key, in, size, putOptions())
	if err != nil {
		return fmt.Errorf("store part %s: %w", key, s3Error(err))
	}
	// The client takes size bytes and does not look whether there are more.
	if _, err := in.Read(make([]byte, 1)); err == nil || in.size != size {
		_ = s.DeletePart(context.WithoutCancel(ctx), key)
		return fmt.Errorf("store part %s: its content is not of the size that was named", key)
	}
	return nil
}

// OpenPart implements Store.
func (s *S3) OpenPart(ctx context.Context, key string) (io.ReadCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	body, _, _, err := s.core.GetObject(ctx, s.bucket, keyParts+key, minio.GetObjectOptions{})
	if err != nil {
		return nil, fmt.Errorf("open part %s: %w", key, s3Error(err))
	}
	return body, nil
}

// DeletePart implements Store.
func (s *S3) DeletePart(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	if err := s.core.RemoveObject(ctx, s.bucket, keyParts+key, minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("delete part %s: %w", key, s3Error(err))
	}
	return nil
}

// ListParts implements Store.
func (s *S3) ListParts(ctx context.Context, fn func(Part) error) error {
	err := s.list(ctx, keyParts, "", func(i minio.ObjectInfo) error {
		key := strings.TrimPrefix(i.Key, keyParts)
		if !ValidKey(key) {
			return nil
		}
		return fn(Part{key, i.Size, i.LastModified})
	})
	if err != nil {
		return fmt.Errorf("list parts: %w", err)
	}
	return nil
}
