package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// The prefixes of keys in the bucket.
const (
	keyObjects = "sha256/" // ab/cd/<hex>, one per object
	keyParts   = "parts/"  // <upload>/<part>
	keyTemp    = "tmp/"    // writes that are not finished
)

const (
	// s3Piece is how much of a Put is held in memory: content up to it goes to its place in one request,
	// larger content goes as a multipart upload of such pieces under a temporary key.
	s3Piece = 8 << 20
	// s3Retries is how often a request is tried; together under ten seconds.
	s3Retries = 4
)

// S3Config says where an S3 server is. Endpoint is host and port without a scheme.
type S3Config struct {
	Endpoint  string
	Bucket    string
	Region    string // empty: the server's default
	AccessKey string
	SecretKey string
	TLS       bool
}

// S3 keeps objects in a bucket of MinIO or another S3 server.
type S3 struct {
	core     minio.Core
	bucket   string
	verifier *verifier
}

// OpenS3 reaches the server and makes the bucket when it does not exist. The error says in one
// sentence what is wrong with the address, the keys or the server.
func OpenS3(ctx context.Context, cfg S3Config, opts Options) (*S3, error) {
	client, err := minio.New(cfg.Endpoint, &minio.Options{
		Creds:      credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, ""),
		Secure:     cfg.TLS,
		Region:     cfg.Region,
		MaxRetries: s3Retries,
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			MaxIdleConnsPerHost:   64,
			IdleConnTimeout:       90 * time.Second,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: time.Minute,
			DisableCompression:    true,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("object store at %s: %w", cfg.Endpoint, err)
	}
	s := &S3{core: minio.Core{Client: client}, bucket: cfg.Bucket, verifier: newVerifier(opts)}
	if err := s.makeBucket(ctx, cfg.Region); err != nil {
		return nil, fmt.Errorf("object store at %s, bucket %s: %w", cfg.Endpoint, cfg.Bucket, err)
	}
	return s, nil
}

func (s *S3) makeBucket(ctx context.Context, region string) error {
	exists, err := s.core.BucketExists(ctx, s.bucket)
	if err != nil || exists {
		return s3Error(err)
	}
	err = s.core.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{Region: region})
	if code := minio.ToErrorResponse(err).Code; code == "BucketAlreadyOwnedByYou" || code == "BucketAlreadyExists" {
		return nil // another node was first
	}
	return s3Error(err)
}

// s3Error names what the answer of the server means to us. What the caller's reader or context
// returned passes unchanged.
func s3Error(err error) error {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, ErrTooLarge) {
		return err
	}
	answer := minio.ErrorResponse{}
	if errors.As(err, &answer) {
		switch answer.Code {
		case "NoSuchKey", "NotFound":
			return fmt.Errorf("%w: %w", ErrMissing, err)
		case "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded":
			return fmt.Errorf("%w: %w", ErrFull, err)
		case "PreconditionFailed":
			return fmt.Errorf("%w: %w", errReplaced, err)
		}
		if answer.StatusCode < http.StatusInternalServerError && answer.StatusCode != http.StatusTooManyRequests && answer.StatusCode != 0 {
			return err // keys, bucket name, rights: ours to mend, trying again does not help
		}
	}
	var network net.Error
	if answer.Code != "" || errors.As(err, &network) {
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	return err
}

func objectKey(h Hash) string {
	x := h.Hex()
	return keyObjects + x[:2] + "/" + x[2:4] + "/" + x
}

// putOptions ask for a checksum that the server compares before it acknowledges.
func putOptions() minio.PutObjectOptions {
	return minio.PutObjectOptions{ContentType: "application/octet-stream", PartSize: s3Piece}
}

// Put implements Store.
func (s *S3) Put(ctx context.Context, r io.Reader, max int64) (Ref, error) {
	in := newIntake(ctx, r, max)
	var head bytes.Buffer
	if _, err := io.CopyN(&head, in, s3Piece+1); err != nil && !errors.Is(err, io.EOF) {
		return Ref{}, fmt.Errorf("put object: %w", err)
	}
	var err error
	if head.Len() <= s3Piece {
		err = s.putWhole(ctx, in.ref(), head.Bytes())
	} else {
		err = s.putLarge(ctx, &head, in)
	}
	if err != nil {
		return Ref{}, fmt.Errorf("put object: %w", s3Error(err))
	}
	return in.ref(), nil
}

// keeps reports whether the object is there and whole.
func (s *S3) keeps(ctx context.Context, h Hash) bool {
	o, err := s.Open(ctx, h)
	if err != nil {
		return false
	}
	return o.Close() == nil
}

// putWhole stores content whose hash is known: one request, all or nothing.
func (s *S3) putWhole(ctx context.Context, ref Ref, content []byte) error {
	if s.keeps(ctx, ref.Hash) {
		return nil
	}
	_, err := s.core.Client.PutObject(ctx, s.bucket, objectKey(ref.Hash), bytes.NewReader(content), ref.Size, putOptions())
	return err
}

// putLarge streams under a temporary key, because the name is known only at the end, and has the
// server copy it to its place.
func (s *S3) putLarge(ctx context.Context, head io.Reader, in *intake) error {
	temp := keyTemp + uuid.NewString()
	defer s.removeTemp(ctx, temp)
	_, err := s.core.Client.PutObject(ctx, s.bucket, temp, io.MultiReader(head, in), -1, putOptions())
	if err != nil {
		return err
	}
	h := in.ref().Hash
	if s.keeps(ctx, h) {
		return nil
	}
	_, err = s.core.Client.CopyObject(ctx, minio.CopyDestOptions{Bucket: s.bucket, Object: objectKey(h)},
		minio.CopySrcOptions{Bucket: s.bucket, Object: temp})
	return err
}

// removeTemp removes a temporary key, also after the caller gave up. minio-go has aborted the
// multipart upload of a Put that failed. Tidy finds what remains.
func (s *S3) removeTemp(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	if err := s.core.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{}); err != nil {
		s.verifier.opts.Log.WarnContext(ctx, "temporary object could not be removed", "key", key, "error", err)
	}
}

// s3Stamp is what the server tells of an object that changes with every write of it.
func s3Stamp(i minio.ObjectInfo) stamp {
	return stamp(fmt.Sprintf("%s.%d.%d", i.ETag, i.Size, i.LastModified.UnixNano()))
}

func (s *S3) stat(ctx context.Context, h Hash) (minio.ObjectInfo, error) {
	info, err := s.core.StatObject(ctx, s.bucket, objectKey(h), minio.StatObjectOptions{})
	if err != nil {
		return info, fmt.Errorf("look for object %s: %w", h, s3Error(err))
	}
	return info, nil
}

// get reads the object from byte "from" up to and with "to" (-1: its end), if it is still the one
// with the ETag.
func (s *S3) get(ctx context.Context, h Hash, etag string, from, to int64) (io.ReadCloser, error) {
	var opts minio.GetObjectOptions
	err := opts.SetMatchETag(etag)
	if err == nil && to >= 0 {
		err = opts.SetRange(from, to)
	}
	if err != nil {
		return nil, fmt.Errorf("read object %s: %w", h, err)
	}
	body, _, _, err := s.core.GetObject(ctx, s.bucket, objectKey(h), opts)
	if err != nil {
		return nil, fmt.Errorf("read object %s: %w", h, s3Error(err))
	}
	return body, nil
}

// Open implements Store.
func (s *S3) Open(ctx context.Context, h Hash) (Object, error) {
	for attempt := 0; ; attempt++ {
		info, err := s.stat(ctx, h)
		if err == nil {
			err = s.verifier.check(ctx, h, s3Stamp(info), func(ctx context.Context) (io.ReadCloser, error) {
				return s.get(ctx, h, info.ETag, 0, -1)
			})
		}
		if errors.Is(err, errReplaced) && attempt < 3 {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open object: %w", s3Error(err))
		}
		return &s3Object{ctx: ctx, s3: s, hash: h, info: info, sequence: newSequence()}, nil
	}
}

// Stat implements Store.
func (s *S3) Stat(ctx context.Context, h Hash) (Info, error) {
	info, err := s.stat(ctx, h)
	return Info{Ref{h, info.Size}, info.LastModified}, err
}

// Verify implements Store.
func (s *S3) Verify(ctx context.Context, h Hash) error {
	info, err := s.stat(ctx, h)
	if err != nil {
		return err
	}
	return s3Error(s.verifier.read(ctx, h, s3Stamp(info), func(ctx context.Context) (io.ReadCloser, error) {
		return s.get(ctx, h, info.ETag, 0, -1)
	}))
}

// Delete implements Store.
func (s *S3) Delete(ctx context.Context, h Hash) error {
	s.verifier.forget(h)
	if err := s.core.RemoveObject(ctx, s.bucket, objectKey(h), minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("delete object %s: %w", h, s3Error(err))
	}
	return nil
}

// list calls fn for every key with the prefix after the given one, in order.
func (s *S3) list(ctx context.Context, prefix, after string, fn func(minio.ObjectInfo) error) error {
	for info := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix, Recursive: true, StartAfter: after}) {
		if info.Err != nil {
			return s3Error(info.Err)
		}
		if err := fn(info); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// List implements Store.
func (s *S3) List(ctx context.Context, after Hash, fn func(Info) error) error {
	from := ""
	if !after.IsZero() {
		from = objectKey(after)
	}
	err := s.list(ctx, keyObjects, from, func(i minio.ObjectInfo) error {
		h, err := ParseHash(i.Key[strings.LastIndexByte(i.Key, '/')+1:])
		if err != nil || objectKey(h) != i.Key {
			return nil //nolint:nilerr // not an object of ours
		}
		return fn(Info{Ref{h, i.Size}, i.LastModified})
	})
	if err != nil {
		return fmt.Errorf("list objects: %w", err)
	}
	return nil
}

// Tidy implements Store: temporary keys and multipart uploads that never finished.
func (s *S3) Tidy(ctx context.Context, before time.Time) (int, error) {
	removed := 0
	err := s.list(ctx, keyTemp, "", func(i minio.ObjectInfo) error {
		if !i.LastModified.Before(before) {
			return nil
		}
		removed++
		return s.core.RemoveObject(ctx, s.bucket, i.Key, minio.RemoveObjectOptions{})
	})
	if err != nil {
		return removed, fmt.Errorf("tidy bucket: %w", s3Error(err))
	}
	// No prefix: MinIO lists unfinished uploads by whole key only, or all with none.
	for open := range s.core.ListIncompleteUploads(ctx, s.bucket, "", true) {
		if open.Err != nil {
			return removed, fmt.Errorf("tidy bucket: %w", s3Error(open.Err))
		}
		if !open.Initiated.Before(before) {
			continue
		}
		if err := s.core.AbortMultipartUpload(ctx, s.bucket, open.Key, open.UploadID); err != nil && minio.ToErrorResponse(err).Code != "NoSuchUpload" {
			return removed, fmt.Errorf("tidy bucket: %w", s3Error(err))
		}
		removed++
	}
	return removed, nil
}
