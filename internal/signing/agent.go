package signing

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/judge"
	"nghisu/internal/signing/keys"
	"nghisu/internal/signing/sandbox"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Limits of the links by which an agent on the user's computer fetches a file and brings it back signed.
const (
	linkFor     = 10 * time.Minute
	mostReads   = 20      // a reader may ask in ranges
	mostWrites  = 3       // files that were not what they should be
	agentGrowth = 4 << 20 // bytes that a signature with its picture may add
)

// errLinkEnded is told for links that were never there as well.
var errLinkEnded = errs.New(errs.Gone, "signing.link_ended")

// AgentLink lets an agent, which has no session, fetch one file of a request and bring it back, once.
// Token is the secret; only its hash is stored.
type AgentLink struct {
	Item      id.Signature
	Document  id.Document
	File      id.File
	FileName  string
	Token     string
	ExpiresAt time.Time
}

// AgentLinks makes a link for every file of a request that waits for the agent, bound to the session of
// its person; those made before end.
func (s *Service) AgentLinks(ctx context.Context, actor access.Actor, request id.Request) ([]AgentLink, error) {
	r, err := s.Request(ctx, actor, request)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	switch {
	case actor.Person != r.Person:
		return nil, errs.New(errs.Forbidden, "signing.not_your_request")
	case actor.NeedStepUp(now) != nil:
		return nil, actor.NeedStepUp(now)
	case r.State != Waiting || !r.byAgent():
		return nil, errs.New(errs.Conflict, "signing.no_agent")
	}
	var out []AgentLink
	return out, postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		if err := endLinks(ctx, tx, r.ID, now); err != nil {
			return err
		}
		for _, it := range r.Items {
			if it.State != ItemPrepared {
				continue
			}
			secret := make([]byte, 32)
			if _, err := rand.Read(secret); err != nil {
				return err
			}
			l := AgentLink{Item: it.ID, Document: it.Document, File: it.File, FileName: it.FileName, ExpiresAt: now.Add(linkFor),
				Token: base64.RawURLEncoding.EncodeToString(secret)}
			if err := insertLink(ctx, tx, l, actor.Session, now); err != nil {
				return err
			}
			out = append(out, l)
		}
		return nil
	})
}

// byAgent reports whether the request waits for an agent.
func (r Request) byAgent() bool { return r.Consent != nil && r.Consent.Kind == byAgent }

// byAgent is the kind of consent that an agent asks for.
const byAgent keys.ConsentKind = "agent"

// AgentFile is the file behind a link.
func (s *Service) AgentFile(ctx context.Context, token string) (name string, ref objects.Ref, err error) {
	l, err := s.takeLink(ctx, token, "reads", mostReads)
	if err != nil {
		return "", objects.Ref{}, err
	}
	return l.work.FileName, l.work.input, nil
}

// AgentLimit is how many bytes may come back by a link.
func (s *Service) AgentLimit(ctx context.Context, token string) (int64, error) {
	l, err := s.takeLink(ctx, token, "writes", mostWrites)
	return l.work.input.Size + agentGrowth, err
}

// AgentReturn takes the signed file by a link that AgentLimit was asked for. It is taken only if it is our
// file plus exactly one revision with one good signature over all of it by the expected certificate.
func (s *Service) AgentReturn(ctx context.Context, token string, body io.Reader) error {
	l, err := findLink(ctx, s.DB, token, s.Now())
	if err != nil {
		return err
	}
	f, size, err := s.receive(body)
	if err != nil {
		return err
	}
	defer f.Close()
	release, err := s.holdSoon(ctx, l.request)
	if err != nil {
		return err
	}
	err = s.acceptFile(ctx, token, f, size)
	release()
	if err == nil {
		_, err = s.goOn(context.WithoutCancel(ctx), l.request)
	}
	if errors.Is(err, errBusy) { // somebody else goes on with it
		return nil
	}
	return err
}

// receive copies what an agent sends into a file without a name.
func (s *Service) receive(body io.Reader) (*os.File, int64, error) {
	f, err := s.nameless()
	if err != nil {
		return nil, 0, err
	}
	n, err := io.Copy(f, body)
	if err != nil {
		_ = f.Close()
		return nil, 0, fmt.Errorf("receive signed file: %w", noRoom(err))
	}
	return f, n, nil
}

// acceptFile proves a file and keeps it, for whoever holds the request.
func (s *Service) acceptFile(ctx context.Context, token string, f *os.File, size int64) error {
	l, err := findLink(ctx, s.DB, token, s.Now()) // again: it may have been used before we held the request
	if err != nil {
		return err
	}
	r, err := findRequest(ctx, s.DB, l.request, "")
	if err != nil {
		return err
	}
	cert, err := s.Keys.Find(ctx, s.DB, r.Certificate)
	if err != nil {
		return err
	}
	if err := s.proveReturned(ctx, f, l.work.input, proof{before: l.work.input.Size, size: size, cert: cert}); err != nil {
		return err
	}
	ref, err := s.Keeper.KeepStream(ctx, upload.PDF, size, func() io.ReadCloser { return io.NopCloser(io.NewSectionReader(f, 0, size)) })
	if err != nil {
		return fmt.Errorf("store signed file: %w", err)
	}
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error { return useLink(ctx, tx, token, l.work.ID, ref, s.Now()) })
}

// proveReturned compares the beginning with our file, counts revisions, and lets our verifier judge.
func (s *Service) proveReturned(ctx context.Context, f *os.File, original objects.Ref, p proof) error {
	o, err := s.Store.Open(ctx, original.Hash)
	if err != nil {
		return fmt.Errorf("open object: %w", err)
	}
	defer o.Close()
	same, err := startsWith(f, p.size, o, original.Size)
	if err != nil {
		return err
	}
	if !same {
		return errs.New(errs.Conflict, "signing.other_file")
	}
	before, err := s.fetch(ctx, original)
	if err != nil {
		return err
	}
	defer before.Close()
	old, err := sandbox.Judge(ctx, s.Runner, before, judge.Options{Now: s.Now()}) // for its revisions only
	if err != nil {
		return sandbox.Refusal(err)
	}
	report, err := s.prove(ctx, f, p)
	if err != nil {
		return err
	}
	if report.Report.Revisions != old.Revisions+1 {
		return withCause(errRefusedFile, fmt.Sprintf("%d revisions became %d", old.Revisions, report.Report.Revisions))
	}
	return nil
}

// startsWith reports whether a file begins with the whole of another.
func startsWith(f io.ReaderAt, size int64, original io.Reader, n int64) (bool, error) {
	if size <= n {
		return false, nil
	}
	mine, theirs := sha256.New(), sha256.New()
	if _, err := io.Copy(mine, original); err != nil {
		return false, err
	}
	if _, err := io.Copy(theirs, io.NewSectionReader(f, 0, n)); err != nil {
		return false, err
	}
	return string(mine.Sum(nil)) == string(theirs.Sum(nil)), nil
}

// waitForAgent notes that the files wait for an agent on the person's computer.
func (j *run) waitForAgent(ctx context.Context) error {
	if j.request.State == Waiting {
		return nil
	}
	j.request.State = Waiting
	return postgres.InTx(ctx, j.DB, func(tx *postgres.Tx) error {
		return saveTicket(ctx, tx, j.request.ID, keys.Answer{Consent: &keys.Consent{Kind: byAgent}}, j.Now())
	})
}

// link is a link that can be used, with the item it is for.
type link struct {
	request id.Request
	work    work
}

// takeLink counts a use of a link.
func (s *Service) takeLink(ctx context.Context, token, counter string, most int) (link, error) {
	l, err := findLink(ctx, s.DB, token, s.Now())
	if err != nil {
		return link{}, err
	}
	tag, err := s.DB.Exec(ctx, `update agent_links set `+counter+` = `+counter+` + 1 where token_hash = $1 and `+counter+` < $2`, linkHash(token), most)
	if err != nil {
		return link{}, postgres.Translate(err)
	}
	if tag.RowsAffected() == 0 {
		return link{}, errs.New(errs.TooMany, "signing.link_worn")
	}
	return l, nil
}

func linkHash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// findLink reads a link that was not used, whose session runs and whose item is open.
func findLink(ctx context.Context, q postgres.Querier, token string, now time.Time) (l link, err error) {
	err = q.QueryRow(ctx, `select i.request_id, i.id, i.document_id, i.file_id, f.name, i.input_sha256, i.input_size
		from agent_links k join signature_items i on i.id = k.item_id join document_files f on f.id = i.file_id
		join sessions s on s.id = k.session_id
		where k.token_hash = $1 and k.expires_at > $2 and k.used_at is null and i.state = 'prepared' and s.ended_at is null and s.expires_at > $2`,
		linkHash(token), now).Scan(&l.request, &l.work.ID, &l.work.Document, &l.work.File, &l.work.FileName, &l.work.input.Hash, &l.work.input.Size)
	if errors.Is(err, pgx.ErrNoRows) {
		return link{}, errLinkEnded
	}
	return l, postgres.Translate(err)
}

func insertLink(ctx context.Context, tx *postgres.Tx, l AgentLink, session id.Session, now time.Time) error {
	_, err := tx.Exec(ctx, `insert into agent_links (token_hash, item_id, session_id, created_at, expires_at) values ($1, $2, $3, $4, $5)`,
		linkHash(l.Token), l.Item, session, now, l.ExpiresAt)
	return err
}

// endLinks ends the links of a request.
func endLinks(ctx context.Context, tx *postgres.Tx, request id.Request, now time.Time) error {
	_, err := tx.Exec(ctx, `update agent_links k set expires_at = $2 from signature_items i
		where i.id = k.item_id and i.request_id = $1 and k.expires_at > $2`, request, now)
	return err
}

// useLink keeps the file that came by a link, and ends the link.
func useLink(ctx context.Context, tx *postgres.Tx, token string, item id.Signature, ref objects.Ref, now time.Time) error {
	tag, err := tx.Exec(ctx, `update signature_items set state = 'signed', output_sha256 = $2 where id = $1 and state = 'prepared'`, item, ref.Hash)
	if err == nil && tag.RowsAffected() != 1 {
		return errLinkEnded
	}
	if err == nil {
		_, err = tx.Exec(ctx, `update agent_links set used_at = $2 where token_hash = $1`, linkHash(token), now)
	}
	if err != nil {
		return err
	}
	return audit.Append(ctx, tx, access.Actor{}, now, audit.Event{Kind: audit.SignedFileReturned, Object: item.UUID,
		Details: map[string]any{"output": ref.Hash.Hex()}})
}
