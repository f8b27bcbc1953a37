package signing

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/document"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/cms"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/pades"
	"nghisu/internal/signing/pdf"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Time budgets: of each file, and of one question to a provider.
const (
	fileFor   = time.Minute
	answerFor = time.Minute
)

// outcome is what one advance of a request came to: why documents failed for good, and what else hindered
// it this time.
type outcome struct {
	failed  map[id.Document]error
	trouble error
}

// run is one advance of a request.
type run struct {
	*Service
	request   Request
	actor     access.Actor
	cert      keys.Certificate
	algorithm cms.Algorithm
	work      []work
	out       outcome
}

// advance takes a request as far as it goes now: prepares what is not prepared, asks for the values, and
// puts them into the files. Each step is kept before the next begins, so any node can go on at any
// moment. Trouble of our own (a store that is full, a provider that does not answer) leaves the request
// open; what will not get better ends the document.
func (s *Service) advance(ctx context.Context, request id.Request) (outcome, error) {
	release, err := s.hold(ctx, request)
	if err != nil {
		return outcome{}, err
	}
	defer release()
	r, err := findRequest(ctx, s.DB, request, "")
	if err != nil || !r.State.Open() {
		return outcome{}, err
	}
	j := &run{Service: s, request: r, out: outcome{failed: map[id.Document]error{}}}
	if err := j.load(ctx); err != nil {
		return outcome{}, err
	}
	if j.out.trouble = j.steps(ctx); j.out.trouble != nil {
		if err := j.tired(ctx); err != nil {
			return outcome{}, err
		}
	}
	return j.out, j.finish(ctx)
}

func (j *run) load(ctx context.Context) (err error) {
	if j.cert, err = j.Keys.Find(ctx, j.DB, j.request.Certificate); err != nil {
		return err
	}
	j.algorithm = cms.Algorithm{Hash: j.cert.Hash()}
	if j.actor, err = j.actorOf(ctx, j.DB, j.request); err != nil {
		return err
	}
	j.work, err = listWork(ctx, j.DB, j.request.ID)
	return err
}

// steps are prepare, sign, embed. An error is trouble that may pass.
func (j *run) steps(ctx context.Context) error {
	if !j.actor.Has(roleFor(j.request.Purpose)) { // the appointment ended since, or is another one now
		return j.failAll(ctx, errs.New(errs.Forbidden, "signing.role_ended"))
	}
	if j.unsigned() && !j.Now().Before(j.request.ExpiresAt) {
		return j.endAll(ctx, ending{state: Expired, item: ItemCancelled, failure: "signing.expired"})
	}
	if j.cert.Kind == keys.Agent {
		if err := j.waitForAgent(ctx); err != nil {
			return err
		}
	} else {
		if err := j.prepare(ctx); err != nil {
			return err
		}
		if err := j.values(ctx); err != nil {
			return err
		}
	}
	return j.embed(ctx)
}

// unsigned reports whether some open item has no value yet.
func (j *run) unsigned() bool {
	for _, w := range j.work {
		if w.open() && w.State != ItemSigned {
			return true
		}
	}
	return false
}

// documents lists the documents of open items, in their order.
func (j *run) documents() []id.Document {
	var out []id.Document
	for _, w := range j.work {
		if w.open() && (len(out) == 0 || out[len(out)-1] != w.Document) {
			out = append(out, w.Document)
		}
	}
	return out
}

// ofDocument are the open items of a document.
func (j *run) ofDocument(doc id.Document) []*work {
	var out []*work
	for i := range j.work {
		if j.work[i].Document == doc && j.work[i].open() {
			out = append(out, &j.work[i])
		}
	}
	return out
}

// eachDocument does a step for every document. What will not get better ends that document; the first
// trouble is returned after all were tried.
func (j *run) eachDocument(ctx context.Context, step func(context.Context, []*work) error) error {
	var trouble error
	for _, doc := range j.documents() {
		err := step(ctx, j.ofDocument(doc))
		if lasting(err) {
			err = j.failDocument(ctx, doc, err)
		}
		if trouble == nil {
			trouble = err
		}
	}
	return trouble
}

// lasting reports whether an error would come again.
func lasting(err error) bool {
	code := errs.CodeOf(err)
	return code != "" && code != errs.Internal && code != errs.Unavailable && code != errs.TooMany
}

// prepare lays the signatures into the files, hole and all, and keeps what is to be signed.
func (j *run) prepare(ctx context.Context) error {
	return j.eachDocument(ctx, func(ctx context.Context, items []*work) error {
		for _, w := range items {
			if w.State != ItemPrepared || w.attributes != nil {
				continue
			}
			if err := j.prepareFile(ctx, w); err != nil {
				return fmt.Errorf("prepare %s: %w", w.place(), err)
			}
		}
		return nil
	})
}

func (j *run) prepareFile(ctx context.Context, w *work) error {
	ctx, cancel := context.WithTimeout(ctx, fileFor)
	defer cancel()
	f, err := j.fetch(ctx, w.input)
	if err != nil {
		return err
	}
	defer f.Close()
	signature, err := j.signatureOn(ctx, w)
	if err != nil {
		return err
	}
	plan, err := sandbox.Prepare(ctx, j.Runner, f, signature)
	if err != nil {
		return sandbox.Refusal(err)
	}
	if w.digest, err = plan.DigestWith(io.NewSectionReader(f, 0, w.input.Size), j.algorithm.Hash); err != nil {
		return err
	}
	if w.attributes, err = cms.Attributes(w.digest, j.cert.Leaf, j.algorithm); err != nil {
		return err
	}
	w.appendix, w.holeStart, w.holeEnd = plan.Appendix, plan.Hole.Start, plan.Hole.End
	return savePlan(ctx, j.DB, *w)
}

// tokenHole is the room for a timestamp: most take 3 to 8 kB with their certificates.
const tokenHole = 12 << 10

// holeFor is the room for a message: attributes, value and certificates, and a token of a time-stamping
// authority with its certificates.
func (j *run) holeFor() int {
	n := 4<<10 + len(j.cert.Leaf.Raw)
	for _, c := range j.cert.Chain {
		n += len(c.Raw)
	}
	if j.Stamper != nil {
		n += tokenHole
	}
	return n
}

// values gets the signature values and keeps them. One consent is for everything that is still unsigned.
func (j *run) values(ctx context.Context) error {
	var batch keys.Batch
	var todo []*work
	for i := range j.work {
		if w := &j.work[i]; w.open() && w.State != ItemSigned {
			todo = append(todo, w)
			batch.Digests, batch.Labels = append(batch.Digests, j.algorithm.Digest(w.attributes)), append(batch.Labels, w.label())
		}
	}
	if len(todo) == 0 {
		return nil
	}
	batch.By, batch.Hash = j.actor, j.algorithm.Hash
	answer, err := j.askSource(ctx, batch)
	if err == nil && answer.Done() {
		return j.keep(ctx, todo, answer.Values)
	}
	if lasting(err) {
		return j.failAll(ctx, err)
	}
	if err != nil {
		return err
	}
	return j.wait(ctx, answer)
}

// askSource sends the hashes to where the key is, or asks whether the values are there.
func (j *run) askSource(ctx context.Context, batch keys.Batch) (keys.Answer, error) {
	source, err := j.Source(j.cert.Kind)
	if err != nil {
		return keys.Answer{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerFor)
	defer cancel()
	if j.request.ticket != "" {
		return source.Poll(ctx, j.cert, j.request.ticket)
	}
	// NĐ 68/2024 Đ.29, 31: whoever signs checks the own certificate first, also when time has passed
	if state := j.cert.State(j.Now()); state == keys.Expired {
		return keys.Answer{}, errs.New(errs.Conflict, "signing.certificate_expired")
	} else if state == keys.Disabled {
		return keys.Answer{}, errs.New(errs.Conflict, "keys.disabled")
	}
	return source.Start(ctx, j.cert, batch)
}

// keep checks the values and stores them, all in one transaction, before anything is done with them.
func (j *run) keep(ctx context.Context, todo []*work, values [][]byte) error {
	if len(values) != len(todo) {
		return errs.Wrap(errs.Unavailable, "keys.wrong_signature", fmt.Errorf("%d values for %d hashes", len(values), len(todo)))
	}
	for i, w := range todo {
		if err := j.algorithm.Check(j.cert.Leaf, w.attributes, values[i]); err != nil {
			return errs.Wrap(errs.Unavailable, "keys.wrong_signature", err)
		}
	}
	err := postgres.InTx(ctx, j.DB, func(tx *postgres.Tx) error {
		for i, w := range todo {
			if err := saveValue(ctx, tx, w.ID, values[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, w := range todo {
		w.State, w.value = ItemSigned, values[i]
	}
	return nil
}

// label is what the person sees at the provider.
func (w work) label() string {
	if w.Code != "" {
		return w.Code + " – " + w.FileName
	}
	return w.FileName
}

// embed puts values into files, document by document: all files of a document or none.
func (j *run) embed(ctx context.Context) error {
	return j.eachDocument(ctx, func(ctx context.Context, items []*work) error {
		results := make([]signed, 0, len(items))
		for _, w := range items {
			if w.State != ItemSigned {
				return nil // the request waits
			}
			r, err := j.embedFile(ctx, w)
			if err != nil {
				return fmt.Errorf("embed %s: %w", w.place(), err)
			}
			if j.request.Purpose == document.BySeal {
				if r, err = j.preserveSealed(ctx, r); err != nil {
					return fmt.Errorf("preserve %s: %w", w.place(), err)
				}
			}
			results = append(results, r)
		}
		if err := j.record(ctx, items[0].Document, results); err != nil {
			return err
		}
		for _, w := range items {
			w.State = ItemDone
		}
		return nil
	})
}

// signed is one file with its new signature, durable in the store.
type signed struct {
	work   work
	ref    objects.Ref
	level  string
	report storedReport
}

// embedFile puts the value of one item into its file and proves the result before anything refers to it.
func (j *run) embedFile(ctx context.Context, w *work) (signed, error) {
	ctx, cancel := context.WithTimeout(ctx, fileFor)
	defer cancel()
	if w.output != nil { // an agent brought the whole file, which was proved on arrival
		stored, err := j.check(ctx, *w.output)
		return signed{work: *w, ref: *w.output, report: stored, level: levelOf(stored.Report, w.output.Size)}, err
	}
	f, err := j.fetch(ctx, w.input)
	if err != nil {
		return signed{}, err
	}
	defer f.Close()
	message, err := j.message(ctx, w)
	if err != nil {
		return signed{}, err
	}
	plan := pades.Plan{Appendix: w.appendix, Hole: pdf.Span{Start: w.holeStart, End: w.holeEnd}, Size: w.input.Size + int64(len(w.appendix))}
	if err := plan.Fill(message); err != nil {
		return signed{}, err
	}
	if _, err := f.WriteAt(plan.Appendix, w.input.Size); err != nil {
		return signed{}, fmt.Errorf("write signed file: %w", noRoom(err))
	}
	report, err := j.prove(ctx, f, proof{before: w.input.Size, size: plan.Size, cert: j.cert})
	if err != nil {
		return signed{}, err
	}
	ref, err := j.Keeper.KeepStream(ctx, upload.PDF, plan.Size, func() io.ReadCloser {
		return io.NopCloser(io.NewSectionReader(f, 0, plan.Size))
	})
	if err != nil {
		return signed{}, fmt.Errorf("store signed file: %w", err)
	}
	return signed{work: *w, ref: ref, report: report, level: levelOf(report.Report, plan.Size)}, nil
}

// preserveSealed makes a file that nobody will sign any more provable for long. What cannot be had now does
// not hold up the document: the file stays as it is, and a job tries again.
func (j *run) preserveSealed(ctx context.Context, r signed) (signed, error) {
	p, err := j.preserve(ctx, r.ref, judge.BLTA, false)
	if err != nil && !heldUp(err) {
		return r, err
	}
	if err != nil {
		j.Log.WarnContext(ctx, "a sealed file cannot be preserved for long yet", "file", r.work.File, "level", p.level, "error", err)
	}
	if p.report != nil {
		r.ref, r.report, r.level = p.ref, *p.report, string(p.level)
	}
	return r, nil
}

// message is the cryptographic message around the value, with a timestamp that proves since when the value is.
func (j *run) message(ctx context.Context, w *work) ([]byte, error) {
	parts := cms.Parts{Attributes: w.attributes, Algorithm: j.algorithm, Value: w.value, Certificate: j.cert.Leaf, Chain: j.cert.Chain}
	if j.Stamper != nil {
		digest := sha256.Sum256(w.value)
		token, err := j.Stamper.Stamp(ctx, digest[:])
		switch {
		case err == nil:
			parts.Timestamp = token.Raw
		case j.Unstamped:
			j.Log.WarnContext(ctx, "no timestamp; signing on at level B-B", "request", j.request.ID, "error", err)
		default:
			return nil, errs.Wrap(errs.Unavailable, "signing.no_timestamp", err)
		}
	}
	return cms.Build(parts)
}

// record writes the results of one document, if it is still as it was.
func (j *run) record(ctx context.Context, documentID id.Document, results []signed) error {
	return postgres.InTx(ctx, j.DB, func(tx *postgres.Tx) error {
		now := j.Now()
		for _, r := range results {
			if err := j.recordFile(ctx, tx, r, now); err != nil {
				return err
			}
		}
		if err := document.Free(ctx, tx, documentID); err != nil {
			return err
		}
		doc, err := document.LockForSigning(ctx, tx, documentID)
		if err != nil {
			return err
		}
		j.Feed.Touch(tx, doc.Topics()...)
		return nil
	})
}

func (j *run) recordFile(ctx context.Context, tx *postgres.Tx, r signed, now time.Time) error {
	doc, err := document.LockForSigning(ctx, tx, r.work.Document)
	if err != nil {
		return err
	}
	if err := finishItem(ctx, tx, r, now); err != nil {
		return err
	}
	unchanged := false
	for _, f := range doc.Files {
		unchanged = unchanged || f.ID == r.work.File && f.Ref.Hash == r.work.input.Hash
	}
	if !unchanged {
		return errInterrupted
	}
	err = document.RecordSignature(ctx, tx, j.actor, doc, document.Signature{File: r.work.File, Purpose: j.request.Purpose, Ref: r.ref, At: now})
	if err != nil {
		return err
	}
	if err := saveReport(ctx, tx, r.ref.Hash, r.report); err != nil {
		return err
	}
	return audit.Append(ctx, tx, j.actor, now, j.request.event(audit.SignatureMade, r.work, "output", r.ref.Hash.Hex()))
}

// vietnam is the time zone of signing times (NĐ 30/2020 Annex I.II.8).
var vietnam = time.FixedZone("+07", 7*60*60)

// Errors of signing. Those of a file that cannot be signed carry the key of the pades.Refusal.
var (
	errBusy        = errs.New(errs.Conflict, "signing.in_progress")
	errInterrupted = errs.New(errs.Conflict, "signing.interrupted")
	errRefusedFile = errs.New(errs.Conflict, "signing.file_refused")
	errEarlier     = errs.New(errs.Conflict, "signing.earlier_invalid")
	_              = postgres.MapConstraint("signature_items_once", errBusy)
)
