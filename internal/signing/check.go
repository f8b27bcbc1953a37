package signing

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/document"
	"nghisu/internal/id"
	"nghisu/internal/signing/devpki"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/sandbox"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Subject is what is judged: files, who is named as signer, and which agency issues them.
type Subject struct {
	Files  []document.File
	Signer id.Person
	Agency id.Agency
}

// Message keys of a file that could not be judged because of what it does to us.
const (
	tooComplex = "verdict.too_complex"
	tooSlow    = "verdict.too_slow"
)

// How long a check may take in all, and how long a caller waits for it before being told to ask again.
const (
	checkFor = time.Minute
	waitFor  = 10 * time.Second
)

// Verdict judges the newest revision of every file of an own document; hidden ones are NotFound.
func (s *Service) Verdict(ctx context.Context, actor access.Actor, documentID id.Document) (Verdict, error) {
	d, err := s.Documents.Get(ctx, actor, documentID)
	if err != nil {
		return Verdict{}, err
	}
	return s.Judge(ctx, SubjectOf(d))
}

// SubjectOf is what is judged about a document.
func SubjectOf(d document.Document) Subject {
	sub := Subject{Files: d.Files, Agency: d.Agency}
	if d.Signer != nil {
		sub.Signer = d.Signer.Person
	}
	return sub
}

// JudgeFile judges one file that belongs to no document: nobody in particular should have signed it.
// again makes the judgement anew, whatever is stored.
func (s *Service) JudgeFile(ctx context.Context, name string, ref objects.Ref, again bool) (FileVerdict, error) {
	if again {
		if _, err := s.check(ctx, ref); err != nil {
			return FileVerdict{}, err
		}
	}
	v, err := s.Judge(ctx, Subject{Files: []document.File{{Name: name, Ref: ref}}})
	if err != nil {
		return FileVerdict{}, err
	}
	return v.Files[0], nil
}

// Judge judges files. It decides no right: the caller may read them already.
func (s *Service) Judge(ctx context.Context, sub Subject) (Verdict, error) {
	reports := make([]*storedReport, len(sub.Files))
	var ders [][]byte
	for i, f := range sub.Files {
		r, err := s.report(ctx, f.Ref)
		if err != nil {
			return Verdict{}, err
		}
		if reports[i] = r; r == nil {
			continue
		}
		for _, sig := range r.Report.Signatures {
			ders = append(ders, sig.Certificate)
		}
	}
	holders, err := listHolders(ctx, s.DB, ders)
	if err != nil {
		return Verdict{}, err
	}
	var v Verdict
	for i, f := range sub.Files {
		fv := FileVerdict{File: f.ID, Name: f.Name, Overall: Checking}
		if reports[i] != nil {
			fv = interpret(f, *reports[i], sub, holders)
		}
		v.Files = append(v.Files, fv)
		if f.Main {
			v.Missing = missing(fv)
		}
	}
	return v, nil
}

// report is the stored judgement on an object, or a new one; nil while it is being made.
func (s *Service) report(ctx context.Context, ref objects.Ref) (*storedReport, error) {
	stored, found, err := findReport(ctx, s.DB, ref.Hash)
	if err != nil {
		return nil, err
	}
	if found && stored.Trust == s.trust() {
		return &stored, nil
	}
	ready := s.checks.DoChan(ref.Hash.Hex(), func() (any, error) {
		// others may wait for the same: the first caller's end must not be theirs
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkFor)
		defer cancel()
		return s.check(ctx, ref)
	})
	timer := time.NewTimer(waitFor)
	defer timer.Stop()
	select {
	case done := <-ready:
		if done.Err != nil {
			return nil, done.Err
		}
		r := done.Val.(storedReport)
		return &r, nil
	case <-timer.C:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// check judges an object in a child and keeps the result. That a file kills the child is a result too;
// that it is slow may be the machine's fault and is not kept.
func (s *Service) check(ctx context.Context, ref objects.Ref) (storedReport, error) {
	f, err := s.fetch(ctx, ref)
	if err != nil {
		return storedReport{}, err
	}
	defer f.Close()
	r, err := sandbox.Judge(ctx, s.Runner, f, s.options())
	switch {
	case errors.Is(err, sandbox.ErrTimeout):
		return s.stored(judge.Report{Problem: tooSlow}, s.Now()), nil
	case errors.Is(err, sandbox.ErrDied):
		s.Log.WarnContext(ctx, "a file ended the process that judged it", "object", ref.Hash.Hex(), "error", err)
		r = judge.Report{Problem: tooComplex}
	case err != nil:
		return storedReport{}, err
	}
	out := s.stored(r, s.Now())
	return out, postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		if err := saveReport(ctx, tx, ref.Hash, out); err != nil {
			return err
		}
		return audit.Append(ctx, tx, access.Actor{}, out.checkedAt, audit.Event{Kind: audit.SignatureChecked, Details: summary(ref, r)})
	})
}

// summary is what the audit keeps of a report.
func summary(ref objects.Ref, r judge.Report) map[string]any {
	results := make([]string, 0, len(r.Signatures))
	for _, sig := range r.Signatures {
		results = append(results, string(sig.Result)+" "+sig.Reason)
	}
	return map[string]any{"object": ref.Hash.Hex(), "verifier": judge.Version, "problem": r.Problem, "signatures": results}
}

// DevelopmentList names the trust list of the development PKI.
const DevelopmentList = "development"

// options say whom the verifier trusts: the development PKI of this installation.
func (s *Service) options() judge.Options {
	return judge.Options{Lists: []judge.TrustList{{Name: DevelopmentList, Anchors: []*x509.Certificate{s.PKI.Root}}},
		Extra: []*x509.Certificate{s.PKI.Issuing}, Marker: devpki.Marker, Now: s.Now()}
}

// StampRoots are the roots of time-stamping authorities whose tokens are taken.
func (s *Service) StampRoots(context.Context) ([]*x509.Certificate, error) {
	return s.options().TSA, nil
}

// trust identifies the anchors of options.
func (s *Service) trust() string {
	h := sha256.Sum256(s.PKI.Root.Raw)
	return hex.EncodeToString(h[:8])
}

func (s *Service) stored(r judge.Report, now time.Time) storedReport {
	return storedReport{Trust: s.trust(), Report: r, checkedAt: now}
}
