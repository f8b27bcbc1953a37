package images

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"nghisu/internal/access"
	"nghisu/internal/audit"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/org"
	"nghisu/internal/upload"
	"nghisu/storage/objects"
	"nghisu/storage/postgres"
)

// Uploads reads pictures that people uploaded, and keeps what was made of them.
type Uploads interface {
	Picture(ctx context.Context, actor access.Actor, uploadID id.Upload) (upload.Taken, error)
	Keep(ctx context.Context, content []byte, contentType string) (objects.Ref, error)
}

// Deps are the parts a Service is built from. Now is postgres.Now when nil.
type Deps struct {
	DB      *postgres.DB
	Store   objects.Store
	Uploads Uploads
	Now     func() time.Time
}

// Service holds the use cases of administrators who keep seals and signatures.
type Service struct {
	Deps
	cleaning chan struct{} // pictures in memory at once
}

// New makes the service.
func New(d Deps) *Service {
	if d.Now == nil {
		d.Now = postgres.Now
	}
	return &Service{Deps: d, cleaning: make(chan struct{}, 2)}
}

// Holder is whom a picture belongs to; one of the two is set.
type Holder struct {
	Agency *id.Agency
	Person *id.Person
}

// OfAgency is the holder of a seal.
func OfAgency(a id.Agency) Holder { return Holder{Agency: &a} }

// OfPerson is the holder of a handwritten signature.
func OfPerson(p id.Person) Holder { return Holder{Person: &p} }

func (h Holder) kind() Kind {
	if h.Agency != nil {
		return Seal
	}
	return Signature
}

// object is the holder in the audit record.
func (h Holder) object() [16]byte {
	if h.Agency != nil {
		return h.Agency.UUID
	}
	return h.Person.UUID
}

// Size is the real size of a picture, in mm.
type Size struct{ Width, Height float64 }

// Sizes that make sense: a seal has 36 to 42 mm, a signature may run wide.
const leastSize, mostSize = 5, 120

func (s Size) check() error {
	var bad []errs.Field
	for path, v := range map[string]float64{"width_mm": s.Width, "height_mm": s.Height} {
		if !(v >= leastSize && v <= mostSize) {
			bad = append(bad, errs.Field{Path: path, Key: "image.mm", Args: map[string]any{"min": leastSize, "max": mostSize}})
		}
	}
	return errs.InvalidFields(bad)
}

// Picture is a kept picture: a PNG with transparent ground.
type Picture struct {
	Ref  objects.Ref
	Size Size
}

// Set makes a picture of an upload that of the holder, in its real size. Whether the actor administers
// the holder is asked here: the agency's administrators, and those of the system.
func (s *Service) Set(ctx context.Context, actor access.Actor, h Holder, uploadID id.Upload, size Size) (Picture, error) {
	if err := s.mayKeep(ctx, actor, h); err != nil {
		return Picture{}, err
	}
	if err := size.check(); err != nil {
		return Picture{}, err
	}
	content, err := s.Preview(ctx, actor, uploadID, h.kind())
	if err != nil {
		return Picture{}, err
	}
	return s.keep(ctx, actor, h, content, size)
}

// Draw keeps a picture that the system drew itself, for the demo.
func (s *Service) Draw(ctx context.Context, actor access.Actor, h Holder, content []byte, size Size) (Picture, error) {
	return s.keep(ctx, actor, h, content, size)
}

func (s *Service) keep(ctx context.Context, actor access.Actor, h Holder, content []byte, size Size) (Picture, error) {
	ref, err := s.Uploads.Keep(ctx, content, upload.PNG)
	if err != nil {
		return Picture{}, fmt.Errorf("keep picture: %w", err)
	}
	p := Picture{Ref: ref, Size: Size{round(size.Width), round(size.Height)}}
	err = postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		now := s.Now()
		if err := deletePicture(ctx, tx, h); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into signature_images (id, agency_id, person_id, sha256, width_mm, height_mm, set_by, set_at)
			select $1, $2, $3, $4, $5, $6, (select id from appointments where id = $7), $8`,
			id.New[id.Event](), h.Agency, h.Person, ref.Hash, p.Size.Width, p.Size.Height, actor.Appointment, now)
		if err != nil {
			return err
		}
		return audit.Append(ctx, tx, actor, now, audit.Event{Kind: audit.ImageSet, Object: h.object(),
			Details: map[string]any{"kind": string(h.kind()), "sha256": ref.Hash.Hex(), "width_mm": p.Size.Width, "height_mm": p.Size.Height}})
	})
	return p, err
}

func round(v float64) float64 { return math.Round(v*10) / 10 }

// Preview is the picture that Set would make of an upload of the actor.
func (s *Service) Preview(ctx context.Context, actor access.Actor, uploadID id.Upload, kind Kind) ([]byte, error) {
	taken, err := s.Uploads.Picture(ctx, actor, uploadID)
	if err != nil {
		return nil, err
	}
	select {
	case s.cleaning <- struct{}{}:
		defer func() { <-s.cleaning }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	content, err := Read(ctx, s.Store, objects.Ref{Hash: taken.Hash, Size: taken.Size})
	if err != nil {
		return nil, err
	}
	return Clean(content, kind)
}

// Get is the picture of a holder, for whoever keeps it, a member of the agency, or the person.
func (s *Service) Get(ctx context.Context, actor access.Actor, h Holder) (Picture, error) {
	own := h.Person != nil && *h.Person == actor.Person || h.Agency != nil && *h.Agency == actor.Agency
	if !own {
		if err := s.mayKeep(ctx, actor, h); err != nil {
			return Picture{}, err
		}
	}
	p, found, err := Find(ctx, s.DB, h)
	if err == nil && !found {
		err = errs.Missing()
	}
	return p, err
}

// Remove takes the picture of a holder away. Documents that show it keep it.
func (s *Service) Remove(ctx context.Context, actor access.Actor, h Holder) error {
	if err := s.mayKeep(ctx, actor, h); err != nil {
		return err
	}
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		if _, found, err := Find(ctx, tx, h); err != nil || !found {
			return errors.Join(err, errs.Missing())
		}
		if err := deletePicture(ctx, tx, h); err != nil {
			return err
		}
		return audit.Append(ctx, tx, actor, s.Now(), audit.Event{Kind: audit.ImageRemoved, Object: h.object(),
			Details: map[string]any{"kind": string(h.kind())}})
	})
}

// Find reads the picture of a holder. It decides no right: the caller has.
func Find(ctx context.Context, q postgres.Querier, h Holder) (p Picture, found bool, err error) {
	err = q.QueryRow(ctx, `select i.sha256, o.size, i.width_mm, i.height_mm from signature_images i join objects o on o.sha256 = i.sha256
		where i.agency_id = $1 or i.person_id = $2`, h.Agency, h.Person).Scan(&p.Ref.Hash, &p.Ref.Size, &p.Size.Width, &p.Size.Height)
	if errors.Is(err, pgx.ErrNoRows) {
		return p, false, nil
	}
	return p, err == nil, postgres.Translate(err)
}

// Read reads a picture whole.
func Read(ctx context.Context, store objects.Store, ref objects.Ref) ([]byte, error) {
	if ref.Size > upload.MaxPicture {
		return nil, errSize
	}
	o, err := store.Open(ctx, ref.Hash)
	if err != nil {
		return nil, fmt.Errorf("open picture: %w", err)
	}
	defer o.Close()
	return io.ReadAll(io.LimitReader(o, upload.MaxPicture))
}

func deletePicture(ctx context.Context, tx *postgres.Tx, h Holder) error {
	_, err := tx.Exec(ctx, `delete from signature_images where agency_id = $1 or person_id = $2`, h.Agency, h.Person)
	return err
}

// mayKeep decides whether actor keeps the picture of the holder: administrators of the agency, and for
// a person those who manage the person.
func (s *Service) mayKeep(ctx context.Context, actor access.Actor, h Holder) error {
	if h.Agency != nil {
		return org.MayManageAgency(actor, *h.Agency)
	}
	return postgres.InTx(ctx, s.DB, func(tx *postgres.Tx) error {
		_, err := org.MayManage(ctx, tx, actor, *h.Person, s.Now())
		return err
	})
}

// Pictures of nobody are of nobody we know.
var (
	_ = postgres.MapConstraint("signature_images_agency_id_fkey", errs.Missing())
	_ = postgres.MapConstraint("signature_images_person_id_fkey", errs.Missing())
)
