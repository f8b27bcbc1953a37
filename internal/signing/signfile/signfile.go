// Package signfile signs PDF files on disk, for scripts and measurements: one file in, another out. The
// original is read once, hashed and copied on the way, never held whole; the new file appears under its name
// when it is complete, checked and durable, or not at all. Strangers' files are parsed by the Runner.
package signfile

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/sandbox"
)

// ErrChanged means that somebody wrote to the original meanwhile.
var ErrChanged = errors.New("file changed while it was signed")

// ErrSame means that the original would be destroyed.
var ErrSame = errors.New("input and output are the same file")

// Job is one file to be signed.
type Job struct {
	In, Out string
	Runner  sandbox.Runner
	Request pades.Request // its hole is decided here
	Signer  pades.Signer  // without its key where the value comes from elsewhere
	Level   Level
}

func (j Job) algorithm() cms.Algorithm {
	if j.Signer.Algorithm.Hash == 0 {
		return cms.Usual
	}
	return j.Signer.Algorithm
}

// Sign signs In into Out.
func Sign(ctx context.Context, j Job) error {
	return j.write(ctx, func(out *output, plan pades.Plan, digest []byte) error {
		attributes, err := cms.Attributes(digest, j.Signer.Certificate, j.algorithm())
		if err != nil {
			return fmt.Errorf("make signed attributes: %w", err)
		}
		value, err := j.algorithm().Sign(j.Signer.Key, attributes)
		if err != nil {
			return fmt.Errorf("sign: %w", err)
		}
		return j.embed(ctx, out, plan, attributes, value)
	})
}

// embed makes the message, puts it into its hole, and takes the file to its level.
func (j Job) embed(ctx context.Context, out *output, plan pades.Plan, attributes, value []byte) error {
	parts := cms.Parts{Attributes: attributes, Algorithm: j.algorithm(), Value: value,
		Certificate: j.Signer.Certificate, Chain: j.Signer.Chain}
	if err := j.Level.stamp(ctx, &parts); err != nil {
		return err
	}
	message, err := cms.Build(parts)
	if err != nil {
		return fmt.Errorf("make message: %w", err)
	}
	if err := plan.Fill(message); err != nil {
		return err
	}
	if _, err := out.WriteAt(plan.Appendix, plan.Before()); err != nil {
		return err
	}
	made := pades.Made{Before: plan.Before(), Ranges: [][4]int64{plan.ByteRange()}}
	if err := j.Level.augment(ctx, j, out, &made); err != nil {
		return err
	}
	return sandbox.Check(ctx, j.Runner, out.File, made)
}

// write plans the update of In, copies it, and gives the copy to finish, with the digest of what is to
// be signed.
func (j Job) write(ctx context.Context, finish func(*output, pades.Plan, []byte) error) (err error) {
	in, err := openInput(j.In, j.Out)
	if err != nil {
		return err
	}
	defer in.Close()
	j.Request.Hole = holeFor(j)
	plan, err := sandbox.Prepare(ctx, j.Runner, in.File, j.Request)
	if err != nil {
		return err
	}
	if plan.Before() != in.info.Size() {
		return ErrChanged
	}
	out, err := newOutput(j.Out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.discard()) }()
	hash := j.algorithm().Hash.New()
	if err := copyHashed(ctx, out.File, in.File, hash, plan.Before()); err != nil {
		return err
	}
	if err := in.unchanged(); err != nil {
		return err
	}
	if err := finish(out, plan, plan.Finish(hash)); err != nil {
		return err
	}
	return out.keep()
}

// input is the original.
type input struct {
	*os.File
	info os.FileInfo
}

func openInput(path, target string) (*input, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", path)
	}
	if there, missing := os.Stat(target); err == nil && missing == nil && os.SameFile(info, there) {
		err = ErrSame
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &input{f, info}, nil
}

func (in *input) unchanged() error {
	now, err := in.Stat()
	if err != nil {
		return err
	}
	if now.Size() != in.info.Size() || !now.ModTime().Equal(in.info.ModTime()) {
		return ErrChanged
	}
	return nil
}

// holeFor reserves room for the message: certificates, value, attributes, and a timestamp token where one
// comes in.
func holeFor(j Job) int {
	n := 1024 + len(j.Signer.Certificate.Raw)
	for _, c := range j.Signer.Chain {
		n += len(c.Raw)
	}
	n += 2 * len(j.Signer.Certificate.RawIssuer)
	if rsa := j.Signer.Certificate.PublicKeyAlgorithm == x509.RSA; rsa {
		n += 1024
	}
	if j.algorithm().Hash > crypto.SHA256 {
		n += 256
	}
	if j.Level.Stamper != nil {
		n += tokenRoom
	}
	return max((n+511)/512*512, pades.MinHole)
}

// tokenRoom is for a timestamp token with the certificates of its authority.
const tokenRoom = 16 << 10
