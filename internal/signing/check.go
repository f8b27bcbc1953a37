package signing

import (
	"context"
	"errors"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/document"
	"nghisu/internal/id"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/sandbox"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Subject is what is judged: files, who is named as signer, which agency issues them, and as what type.
// Without an agency nobody in particular should have signed them.
type Subject struct {
	Files    []document.File
	Signer   id.Person
	Agency   id.Agency
	TypeCode string
}

func (sub Subject) named() bool { return !id.IsZero(sub.Agency) }

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
	sub := Subject{Files: d.Files, Agency: d.Agency, TypeCode: d.TypeCode}
	if d.Signer != nil {
		sub.Signer = d.Signer.Person
	}
	return sub
}

// Recheck judges the files of an own document anew, whatever is stored: for when somebody has reason to
// think that more can be found out now. Hidden documents are NotFound.
func (s *Service) Recheck(ctx context.Context, actor access.Actor, documentID id.Document) (Verdict, error) {
	d, err := s.Documents.Get(ctx, actor, documentID)
	if err != nil {
		return Verdict{}, err
	}
	return s.Rejudge(ctx, SubjectOf(d))
}

// Rejudge is Judge without looking at what is stored.
func (s *Service) Rejudge(ctx context.Context, sub Subject) (Verdict, error) {
	for _, f := range sub.Files {
		if _, err := s.freshReport(ctx, f.Ref); err != nil {
			return Verdict{}, err
		}
	}
	return s.Judge(ctx, sub)
}

// JudgeFile judges one file that belongs to no document: nobody in particular should have signed it.
// again makes the judgement anew, whatever is stored.
func (s *Service) JudgeFile(ctx context.Context, name string, ref objects.Ref, again bool) (FileVerdict, error) {
	sub := Subject{Files: []document.File{{Name: name, Ref: ref}}}
	judgement := s.Judge
	if again {
		judgement = s.Rejudge
	}
	v, err := judgement(ctx, sub)
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
			v.Missing = fv.Missing
		}
	}
	return v, nil
}

// report is the stored judgement on an object, or a new one; nil while it is being made.
func (s *Service) report(ctx context.Context, ref objects.Ref) (*storedReport, error) {
	w, err := s.whom(ctx)
	if err != nil {
		return nil, err
	}
	stored, found, err := findReport(ctx, s.DB, ref.Hash)
	if err != nil {
		return nil, err
	}
	// that it was slow may have been the machine's fault: whoever asks gets another try
	if found && stored.Trust == w.fingerprint && !stored.due(s.Now()) && stored.Report.Problem != tooSlow {
		return &stored, nil
	}
	return s.freshReport(ctx, ref)
}

// freshReport judges an object now; nil while that takes longer than the caller should wait.
func (s *Service) freshReport(ctx context.Context, ref objects.Ref) (*storedReport, error) {
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

// How long until what could not be judged, or not be found out, is tried again without being asked.
const (
	retrySlow    = time.Hour
	retryMissing = 15 * time.Minute
)

// check judges an object in a child and keeps the result with its evidence. That a file kills the child
// is a result too; that it is slow is tried again.
func (s *Service) check(ctx context.Context, ref objects.Ref) (storedReport, error) {
	f, err := s.fetch(ctx, ref)
	if err != nil {
		return storedReport{}, err
	}
	defer f.Close()
	w, err := s.whom(ctx)
	if err != nil {
		return storedReport{}, err
	}
	known, err := listEvidence(ctx, s.DB, ref.Hash)
	if err != nil {
		return storedReport{}, err
	}
	r, used, err := s.examine(ctx, f, w, known)
	out := s.stored(r, w, used)
	switch {
	case errors.Is(err, sandbox.ErrTimeout):
		out.Report = judge.Report{Problem: tooSlow}
		out.retryAt = later(out.checkedAt, retrySlow)
	case errors.Is(err, sandbox.ErrDied):
		s.Log.WarnContext(ctx, "a file ended the process that judged it", "object", ref.Hash.Hex(), "error", err)
		out.Report = judge.Report{Problem: tooComplex}
	case err != nil:
		return storedReport{}, err
	}
	return out, postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		if err := saveReport(ctx, tx, ref.Hash, out); err != nil {
			return err
		}
		return audit.Append(ctx, tx, access.Actor{}, out.checkedAt, audit.Event{Kind: audit.SignatureChecked, Details: summary(ref, out.Report)})
	})
}

// stored is a report as it is kept. What could not be found out is tried again after a while.
func (s *Service) stored(r judge.Report, w whom, used []judge.Evidence) storedReport {
	out := storedReport{Trust: w.fingerprint, Report: r, checkedAt: s.Now(), evidence: used}
	if len(r.Needs) > 0 {
		out.retryAt = later(out.checkedAt, retryMissing)
	}
	return out
}

func later(now time.Time, d time.Duration) *time.Time {
	t := now.Add(d)
	return &t
}

// summary is what the audit keeps of a report.
func summary(ref objects.Ref, r judge.Report) map[string]any {
	results := make([]string, 0, len(r.Signatures))
	for _, sig := range r.Signatures {
		results = append(results, string(sig.Status)+" "+string(sig.SubIndication)+" "+sig.Reason)
	}
	return map[string]any{"object": ref.Hash.Hex(), "verifier": judge.Version, "problem": r.Problem, "signatures": results}
}
