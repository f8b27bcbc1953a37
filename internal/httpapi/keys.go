package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"nghisu/internal/access"
	"nghisu/internal/errs"
	"nghisu/internal/id"
	"nghisu/internal/signing/keys"
	"nghisu/storage/postgres"
)

// MyCertificate is one that the caller can sign with.
type MyCertificate struct {
	ID          id.Certificate `json:"id" format:"uuid"`
	Kind        string         `json:"kind" enum:"development,pkcs12,pkcs11,csc,agent" doc:"Where the key is"`
	Name        string         `json:"name" doc:"Whom it names"`
	Subject     string         `json:"subject"`
	Issuer      string         `json:"issuer"`
	ValidFrom   time.Time      `json:"valid_from"`
	ValidTo     time.Time      `json:"valid_to"`
	Development bool           `json:"development" doc:"Without legal value"`
	ExpiresSoon bool           `json:"expires_soon"`
}

// MyCertificates are what the caller can choose from; the first is taken without a choice.
type MyCertificates struct {
	Certificates []MyCertificate `json:"certificates" nullable:"false"`
}

// SigningKey is a certificate as administrators see it.
type SigningKey struct {
	ID        id.Certificate `json:"id" format:"uuid"`
	Kind      string         `json:"kind" enum:"development,pkcs12,pkcs11,csc,agent"`
	Holder    KeyHolder      `json:"holder"`
	Subject   string         `json:"subject"`
	Issuer    string         `json:"issuer"`
	Serial    string         `json:"serial" doc:"Hexadecimal"`
	ValidFrom time.Time      `json:"valid_from"`
	ValidTo   time.Time      `json:"valid_to"`
	State     string         `json:"state" enum:"in_use,expires_soon,expired,disabled"`
	Source    string         `json:"source" doc:"Token or provider that holds the key; empty for keys kept here"`
	AddedAt   time.Time      `json:"added_at"`
}

// KeyHolder is a person or an agency.
type KeyHolder struct {
	PersonID *id.Person `json:"person_id" format:"uuid" required:"true"`
	AgencyID *id.Agency `json:"agency_id" format:"uuid" required:"true"`
	Name     string     `json:"name"`
}

// SigningKeys is one page of keys.
type SigningKeys struct {
	Keys []SigningKey `json:"keys" nullable:"false"`
	Next string       `json:"next" doc:"Cursor of the next page; empty on the last"`
}

type certificatesInput struct {
	Purpose string `query:"purpose" enum:"leader,seal" default:"leader"`
}

type signingKeysInput struct {
	Page
	Ending bool   `query:"ending" doc:"Only those that ended or end soon"`
	Text   string `query:"q" maxLength:"100" doc:"Name of the holder"`
}

// NewHolder says for whom a key is added: one of the two.
type NewHolder struct {
	PersonID *id.Person `json:"person_id,omitempty" format:"uuid"`
	AgencyID *id.Agency `json:"agency_id,omitempty" format:"uuid"`
}

func (h NewHolder) holder() (keys.Holder, error) {
	if (h.PersonID == nil) == (h.AgencyID == nil) {
		return keys.Holder{}, errs.New(errs.Invalid, "keys.one_holder")
	}
	return keys.Holder{Person: h.PersonID, Agency: h.AgencyID}, nil
}

type addPKCS12Input struct {
	Body struct {
		NewHolder
		File     []byte `json:"file" maxLength:"700000" doc:"PKCS #12 file, base64"`
		Password string `json:"password" maxLength:"200"`
	}
}

type addAgentInput struct {
	Body struct {
		NewHolder
		Certificate string `json:"certificate" minLength:"1" maxLength:"100000" doc:"PEM, or DER in base64"`
	}
}

type addPKCS11Input struct {
	Body struct {
		NewHolder
		Token       string `json:"token" minLength:"1" maxLength:"64" doc:"Label of the token"`
		KeyID       string `json:"key_id" minLength:"2" maxLength:"128" pattern:"^[0-9a-fA-F]+$" doc:"CKA_ID, hexadecimal"`
		Certificate string `json:"certificate,omitempty" maxLength:"100000" doc:"PEM, or DER in base64, when the token does not hold it"`
	}
}

// KeyToken is a PKCS #11 token of the settings.
type KeyToken struct {
	Label    string           `json:"label"`
	Maker    string           `json:"maker"`
	Model    string           `json:"model"`
	Serial   string           `json:"serial"`
	ErrorKey string           `json:"error_key" doc:"What keeps it from being used; empty when it works"`
	Error    string           `json:"error" doc:"The same in the caller's language"`
	Objects  []KeyTokenObject `json:"objects" nullable:"false"`
}

// KeyTokenObject is a private key in a token.
type KeyTokenObject struct {
	KeyID     string     `json:"key_id" doc:"CKA_ID, hexadecimal"`
	Label     string     `json:"label"`
	Subject   string     `json:"subject" doc:"Of its certificate; empty when the token holds none"`
	Issuer    string     `json:"issuer"`
	ValidFrom *time.Time `json:"valid_from"`
	ValidTo   *time.Time `json:"valid_to"`
}

// KeyTokens are the tokens of the settings.
type KeyTokens struct {
	Tokens []KeyToken `json:"tokens" nullable:"false"`
}

type addCSCInput struct {
	Body struct {
		NewHolder
		Provider   string `json:"provider" minLength:"1" maxLength:"40"`
		Credential string `json:"credential_id" minLength:"1" maxLength:"200"`
	}
}

// KeyProvider is a signing service of the settings.
type KeyProvider struct {
	Name     string `json:"name"`
	Title    string `json:"title"`
	Calls    string `json:"calls" doc:"What the service calls itself"`
	ErrorKey string `json:"error_key" doc:"What keeps it from being used; empty when it works"`
	Error    string `json:"error" doc:"The same in the caller's language"`
}

// KeyProviders are the signing services of the settings.
type KeyProviders struct {
	Providers []KeyProvider `json:"providers" nullable:"false"`
}

type keyCredentialsInput struct {
	Provider string `query:"provider" required:"true" minLength:"1" maxLength:"40"`
	User     string `query:"user" maxLength:"200" doc:"Name of the person at the service; empty for this installation itself"`
}

// KeyCredential is one at a signing service.
type KeyCredential struct {
	ID        string     `json:"id"`
	Subject   string     `json:"subject"`
	Issuer    string     `json:"issuer"`
	ValidFrom *time.Time `json:"valid_from"`
	ValidTo   *time.Time `json:"valid_to"`
}

// KeyCredentials are those of one user.
type KeyCredentials struct {
	Credentials []KeyCredential `json:"credentials" nullable:"false"`
}

// CertificatePath names a certificate.
type CertificatePath struct {
	Certificate id.Certificate `path:"certificate_id" format:"uuid"`
}

// registerKeys adds the routes of certificates and keys.
func (a *API) registerKeys() {
	get(a, Op{ID: "list-my-certificates", Path: "/signing/certificates", Tag: "signing", Access: Acting,
		Summary: "What I can sign with; for clerks, what my agency seals with"}, a.myCertificates)
	get(a, Op{ID: "list-signing-keys", Path: "/signing-keys", Tag: "signing", Access: Role(access.SystemAdmin),
		Summary: "Certificates and keys of everybody"}, a.signingKeys)
	post(a, Op{ID: "add-pkcs12-key", Path: "/signing-keys/pkcs12", Tag: "signing", Access: Role(access.SystemAdmin), Secret: true,
		Summary: "Take a key given as a file; it is kept encrypted and never shown again"},
		func(ctx context.Context, actor access.Actor, in *addPKCS12Input) (*Answer[SigningKey], error) {
			h, err := in.Body.holder()
			if err != nil {
				return nil, err
			}
			return keyAnswer(a.Keys.AddPKCS12(ctx, actor, h, in.Body.File, in.Body.Password))
		})
	post(a, Op{ID: "add-agent-certificate", Path: "/signing-keys/agent", Tag: "signing", Access: Role(access.SystemAdmin),
		Summary: "Register the certificate of somebody who signs with an agent on the own computer"},
		func(ctx context.Context, actor access.Actor, in *addAgentInput) (*Answer[SigningKey], error) {
			h, err := in.Body.holder()
			if err != nil {
				return nil, err
			}
			return keyAnswer(a.Keys.AddAgent(ctx, actor, h, []byte(in.Body.Certificate)))
		})
	get(a, Op{ID: "list-key-tokens", Path: "/signing-keys/tokens", Tag: "signing", Access: Role(access.SystemAdmin),
		Summary: "Keys in the PKCS #11 tokens of the settings"}, a.keyTokens)
	post(a, Op{ID: "add-pkcs11-key", Path: "/signing-keys/pkcs11", Tag: "signing", Access: Role(access.SystemAdmin),
		Summary: "Register a key in a PKCS #11 token"},
		func(ctx context.Context, actor access.Actor, in *addPKCS11Input) (*Answer[SigningKey], error) {
			h, err := in.Body.holder()
			if err != nil {
				return nil, err
			}
			return keyAnswer(a.Keys.AddPKCS11(ctx, actor, h, keys.TokenKey{Token: in.Body.Token, KeyID: in.Body.KeyID, Certificate: []byte(in.Body.Certificate)}))
		})
	get(a, Op{ID: "list-key-providers", Path: "/signing-keys/providers", Tag: "signing", Access: Role(access.SystemAdmin),
		Summary: "Signing services of the settings, and whether they answer"}, a.keyProviders)
	get(a, Op{ID: "list-key-credentials", Path: "/signing-keys/credentials", Tag: "signing", Access: Role(access.SystemAdmin),
		Summary: "Credentials of a user at a signing service"}, a.keyCredentials)
	post(a, Op{ID: "add-csc-key", Path: "/signing-keys/csc", Tag: "signing", Access: Role(access.SystemAdmin),
		Summary: "Register a credential at a signing service"},
		func(ctx context.Context, actor access.Actor, in *addCSCInput) (*Answer[SigningKey], error) {
			h, err := in.Body.holder()
			if err != nil {
				return nil, err
			}
			return keyAnswer(a.Keys.AddCSC(ctx, actor, h, in.Body.Provider, in.Body.Credential))
		})
	a.raw(http.MethodGet, Op{ID: "return-from-consent", Path: strings.TrimPrefix(keys.CallbackPath, prefix), Tag: "signing", Access: Acting,
		Summary: "Where browsers come back to from the page of a signing service"}, "text/html", a.returnFromConsent)
	post(a, Op{ID: "disable-signing-key", Path: "/signing-keys/{certificate_id}/disable", Tag: "signing", Access: Role(access.SystemAdmin),
		Summary: "Take a certificate out of use, for good; a private key kept here is destroyed"},
		func(ctx context.Context, actor access.Actor, in *CertificatePath) (*Answer[SigningKey], error) {
			return keyAnswer(a.Keys.Disable(ctx, actor, in.Certificate))
		})
}

func (a *API) myCertificates(ctx context.Context, actor access.Actor, in *certificatesInput) (*Answer[MyCertificates], error) {
	h := keys.OfPerson(actor.Person)
	role := access.Leader
	if in.Purpose == "seal" {
		h, role = keys.OfAgency(actor.Agency), access.Clerk
	}
	if err := actor.Need(role); err != nil {
		return nil, err
	}
	if err := a.Keys.Ready(ctx, actor, h); err != nil {
		return nil, err
	}
	all, err := a.Keys.Certificates(ctx, a.DB, h)
	if err != nil {
		return nil, err
	}
	out := MyCertificates{Certificates: make([]MyCertificate, 0, len(all))}
	for _, c := range all {
		out.Certificates = append(out.Certificates, MyCertificate{ID: c.ID, Kind: string(c.Kind), Name: c.Name, Subject: c.Leaf.Subject.String(),
			Issuer: c.Leaf.Issuer.String(), ValidFrom: c.Leaf.NotBefore.UTC(), ValidTo: c.Leaf.NotAfter.UTC(), Development: c.Development,
			ExpiresSoon: c.State(a.Now()) == keys.ExpiresSoon})
	}
	return answer(out), nil
}

func (a *API) signingKeys(ctx context.Context, actor access.Actor, in *signingKeysInput) (*Answer[SigningKeys], error) {
	f := keys.Filter{Ending: in.Ending, Text: in.Text, Limit: in.Limit}
	if in.After != "" {
		if err := postgres.ReadCursor(in.After, &f.After); err != nil {
			return nil, err
		}
	}
	all, next, err := a.Keys.List(ctx, actor, f)
	if err != nil {
		return nil, err
	}
	out := SigningKeys{Keys: make([]SigningKey, 0, len(all))}
	for _, e := range all {
		out.Keys = append(out.Keys, signingKey(e))
	}
	if !id.IsZero(next) {
		out.Next = postgres.Cursor(next)
	}
	return answer(out), nil
}

func (a *API) keyTokens(ctx context.Context, actor access.Actor, _ *struct{}) (*Answer[KeyTokens], error) {
	all, err := a.Keys.Tokens(ctx, actor)
	if err != nil {
		return nil, err
	}
	out := KeyTokens{Tokens: make([]KeyToken, 0, len(all))}
	for _, t := range all {
		body := KeyToken{Label: t.Label, Maker: t.Info.Maker, Model: t.Info.Model, Serial: t.Info.Serial, Objects: make([]KeyTokenObject, 0, len(t.Objects))}
		body.ErrorKey, body.Error = failureText(ctx, t.Failure)
		for _, o := range t.Objects {
			object := KeyTokenObject{KeyID: o.KeyID, Label: o.Label}
			if o.Leaf != nil {
				from, to := o.Leaf.NotBefore.UTC(), o.Leaf.NotAfter.UTC()
				object.Subject, object.Issuer, object.ValidFrom, object.ValidTo = o.Leaf.Subject.String(), o.Leaf.Issuer.String(), &from, &to
			}
			body.Objects = append(body.Objects, object)
		}
		out.Tokens = append(out.Tokens, body)
	}
	return answer(out), nil
}

// returnFromConsent takes the answer of a signing service from the browser and shows the document again.
func (a *API) returnFromConsent(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	q := r.URL.Query()
	ticket, err := a.Keys.Consented(r.Context(), actor, keys.Return{State: q.Get("state"), Code: q.Get("code"), Failure: q.Get("error")})
	if err != nil {
		return err
	}
	page := "/van-ban-di"
	documents, err := a.Signing.DocumentsOf(r.Context(), actor, ticket)
	if err != nil {
		return err
	}
	if len(documents) == 1 {
		page += "/" + documents[0].String()
	} else if len(documents) > 1 {
		page += "/ky-nhieu"
	}
	http.Redirect(w, r, page, http.StatusSeeOther)
	return nil
}

func (a *API) keyProviders(ctx context.Context, actor access.Actor, _ *struct{}) (*Answer[KeyProviders], error) {
	all, err := a.Keys.Providers(ctx, actor)
	if err != nil {
		return nil, err
	}
	out := KeyProviders{Providers: make([]KeyProvider, 0, len(all))}
	for _, p := range all {
		body := KeyProvider{Name: p.Name, Title: p.Title, Calls: p.Calls}
		body.ErrorKey, body.Error = failureText(ctx, p.Failure)
		out.Providers = append(out.Providers, body)
	}
	return answer(out), nil
}

// failureText is the key of a failure and its text in the caller's language.
func failureText(ctx context.Context, e *errs.Error) (key, text string) {
	if e == nil {
		return "", ""
	}
	return e.Key, Message(callerOf(ctx).language, e.Key, e.Args)
}

func (a *API) keyCredentials(ctx context.Context, actor access.Actor, in *keyCredentialsInput) (*Answer[KeyCredentials], error) {
	all, err := a.Keys.Credentials(ctx, actor, in.Provider, in.User)
	if err != nil {
		return nil, err
	}
	out := KeyCredentials{Credentials: make([]KeyCredential, 0, len(all))}
	for _, c := range all {
		body := KeyCredential{ID: c.ID}
		if c.Leaf != nil {
			from, to := c.Leaf.NotBefore.UTC(), c.Leaf.NotAfter.UTC()
			body.Subject, body.Issuer, body.ValidFrom, body.ValidTo = c.Leaf.Subject.String(), c.Leaf.Issuer.String(), &from, &to
		}
		out.Credentials = append(out.Credentials, body)
	}
	return answer(out), nil
}

func signingKey(e keys.Entry) SigningKey {
	c := e.Certificate
	return SigningKey{ID: c.ID, Kind: string(c.Kind), Holder: KeyHolder{c.Person, c.Agency, e.HolderName}, Subject: c.Leaf.Subject.String(),
		Issuer: c.Leaf.Issuer.String(), Serial: c.Leaf.SerialNumber.Text(16), ValidFrom: c.Leaf.NotBefore.UTC(), ValidTo: c.Leaf.NotAfter.UTC(),
		State: string(e.State), Source: e.Source, AddedAt: e.AddedAt}
}

func keyAnswer(e keys.Entry, err error) (*Answer[SigningKey], error) {
	if err != nil {
		return nil, err
	}
	return answer(signingKey(e)), nil
}
