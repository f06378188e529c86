package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/domain"
)

// The refusals that only this surface knows.
const (
	unknownParameter     domain.Code = "unknown_parameter"
	pageTokenInvalid     domain.Code = "page_token_invalid"
	notWhole             domain.Code = "not_whole"
	preconditionRequired domain.Code = "precondition_required"
)

// answer is the answer to a refusal.
type answer struct {
	status        int
	title, detail string
	// header, if it is not empty, is sent with the value.
	header, value string
	// as is the code that the client gets, where it is another.
	as domain.Code
}

const (
	challenge    = "WWW-Authenticate"
	invalidToken = `Bearer error="invalid_token"`
	values       = "Some values cannot be. See errors for each, put them right and send the request again."
	again        = "The register cannot answer now, and a change may have been made. Send the same request again, with the same Idempotency-Key."
)

// answers is the one table from refusals to answers (REST v1, Manners).
var answers = map[domain.Code]answer{
	httpapi.BodyUnreadable:      {status: 400, title: "The body cannot be read", detail: "The body is not what it must be. Send one JSON object in UTF-8."},
	unknownParameter:            {status: 400, title: "Something is not known", detail: "The request has a name that is not known or comes twice. See errors, and leave it out."},
	pageTokenInvalid:            {status: 400, title: "The page token is not valid", detail: "The page token was not issued for this query and user. Begin again without one."},
	domain.KeyInvalid:           {status: 400, title: "The idempotency key is not valid", detail: "Idempotency-Key is 1 to 255 visible ASCII characters, once."},
	httpapi.TokenMissing:        {401, "There is no access token", "Send the header Authorization: Bearer and an access token, once.", challenge, "Bearer", ""},
	domain.TokenInvalid:         {401, "The access token is not valid", "Get a new access token.", challenge, invalidToken, ""},
	domain.TokenExpired:         {401, "The access token has expired", "Get a new access token.", challenge, invalidToken, ""},
	domain.NotPermitted:         {status: 403, title: "Not permitted", detail: "Your memberships in this block do not let you do this."},
	domain.NotFound:             {status: 404, title: "Not found", detail: "There is nothing here, or nothing that you may see."},
	httpapi.MethodNotAllowed:    {status: 405, title: "The method is not allowed", detail: "This path does not have the method. See Allow."},
	domain.NumberTaken:          {status: 409, title: "The number is taken", detail: "The block already has an apartment with this number. See existing."},
	domain.AlreadyRetired:       {status: 409, title: "The apartment is retired", detail: "The apartment is retired. Restore it first."},
	domain.NotRetired:           {status: 409, title: "The apartment is not retired", detail: "Only a retired apartment can be restored."},
	domain.ChangeRefused:        {status: 409, title: "Some changes cannot be made", detail: "None of the changes was made, because some cannot be. See errors for each of them."},
	domain.UndoRefused:          {status: 409, title: "The change set cannot be undone", detail: "Apartments have changed since, and undoing would overwrite that. See changed for each of them."},
	domain.VersionMismatch:      {status: 412, title: "It has changed since", detail: "It is no longer at the version that you expect. See current, and decide again."},
	httpapi.TooLarge:            {status: 413, title: "The request is too large", detail: "The body is longer than this request may have. Send less at once."},
	httpapi.TypeUnsupported:     {status: 415, title: "The content type is not supported", detail: "Send the body in a content type that Accept names."},
	httpapi.EncodingUnsupported: {status: 415, title: "The content encoding is not supported", detail: "Send the body without a Content-Encoding."},
	domain.Missing:              {status: 422, title: "A value is missing", detail: values},
	domain.OutOfRange:           {status: 422, title: "A value is out of range", detail: values},
	notWhole:                    {status: 422, title: "A value is not a whole number", detail: values},
	domain.NotPositive:          {status: 422, title: "A value is not above 0", detail: values},
	domain.NotKnown:             {status: 422, title: "A value is not known", detail: values},
	domain.TooLong:              {status: 422, title: "A value is too long", detail: values},
	domain.NotText:              {status: 422, title: "A value is not text", detail: values},
	domain.Unreadable:           {status: 422, title: "A value cannot be read", detail: values},
	domain.Repeated:             {status: 422, title: "A value comes twice", detail: values},
	domain.KeyReused:            {status: 422, title: "The idempotency key was used", detail: "The Idempotency-Key was used for another request. Draw a new one for each request."},
	preconditionRequired:        {status: 428, title: "A condition is required", detail: "Read the apartment, and send its ETag in If-Match; * stands for any version."},
	httpapi.TooMany:             {429, "Too many requests", "Wait for as long as Retry-After says.", "Retry-After", "1", ""},
	httpapi.Internal:            {status: 500, title: "Internal error", detail: "Something went wrong. The log has the cause under the requestId."},
	domain.StoreUnavailable:     {503, "The service is unavailable", again, "Retry-After", "1", ""},
	httpapi.Overloaded:          {503, "The service is unavailable", again, "Retry-After", "1", domain.StoreUnavailable},
	httpapi.ClientGone:          {status: 499, title: "The client is gone", detail: "Nobody reads this."},
}

// problem is the body of a refusal (RFC 9457).
type problem struct {
	Type      string          `json:"type"`
	Title     string          `json:"title"`
	Status    int             `json:"status"`
	Detail    string          `json:"detail"`
	Code      domain.Code     `json:"code"`
	RequestID string          `json:"requestId"`
	Errors    any             `json:"errors,omitempty"`
	Changed   []apartmentBody `json:"changed,omitempty"`
	Existing  *apartmentBody  `json:"existing,omitempty"`
	Current   any             `json:"current,omitempty"`
}

// Code implements httpapi.Surface.
func (*Surface) Code(err error) domain.Code {
	code, _ := errors.AsType[domain.Code](err)
	if _, several := errors.AsType[*domain.ChangeSetError](err); several {
		code = domain.ChangeRefused
	}
	if _, known := answers[code]; known {
		return code
	}
	return httpapi.Internal
}

// Refuse implements httpapi.Surface.
func (s *Surface) Refuse(c echo.Context, err error) error {
	code := s.Code(err)
	a := answers[code]
	if a.as != "" {
		code = a.as
	}
	p := problem{
		Type: "urn:omarty:problem:" + string(code), Title: a.title, Status: a.status, Detail: a.detail, Code: code,
		RequestID: httpapi.InfoOf(c).ID,
	}
	p.tell(err)
	h := c.Response().Header()
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Del("ETag")
	if a.header != "" {
		h.Set(a.header, a.value)
	}
	if code == httpapi.MethodNotAllowed {
		h.Set(echo.HeaderAllow, methodsOf(c.Path()))
	}
	if wrong, ok := errors.AsType[wrongType](err); ok {
		h.Set(wrong.header, wrong.accepted)
		p.Detail = "Send the body as " + wrong.accepted + "."
	}
	encoded, err := json.Marshal(p)
	if err != nil {
		return err
	}
	h.Set(echo.HeaderContentLength, strconv.Itoa(len(encoded)))
	return c.Blob(a.status, "application/problem+json", encoded)
}

// changeFault is a change that cannot be made.
type changeFault struct {
	fault
	// Existing is the apartment that stands in the way, nil for none or one that the set itself would register.
	Existing *apartmentBody `json:"existing"`
}

// tell adds what an error knows besides its code.
func (p *problem) tell(err error) {
	if refused, ok := errors.AsType[*refusal](err); ok {
		p.tellFaults(refused.detail, refused.faults)
		return
	}
	if wrong, ok := errors.AsType[*domain.FieldError](err); ok && p.Code == wrong.Code {
		p.tellFaults("", []fault{faultOf("/"+string(wrong.Field), err)})
		return
	}
	if undo, ok := errors.AsType[*domain.UndoError](err); ok {
		for _, a := range undo.Changed {
			if body := existing(a); body != nil {
				p.Changed = append(p.Changed, *body)
			}
		}
		return
	}
	if stale, ok := errors.AsType[*staleBlock](err); ok {
		p.Current = stale.current
		return
	}
	if set, ok := errors.AsType[*domain.ChangeSetError](err); ok {
		told := make([]changeFault, len(set.Changes))
		for i, one := range set.Changes {
			told[i] = changeFault{fault{"/changes/" + strconv.Itoa(one.Index), one.Code, one.Code.Error()}, existing(one.Existing)}
		}
		p.Errors = told
		return
	}
	if one, ok := errors.AsType[*domain.ChangeError](err); ok {
		if body := existing(one.Existing); body != nil && one.Code == domain.VersionMismatch {
			p.Current = body
		} else {
			p.Existing = body
		}
	}
}

// tellFaults tells the first fault in words, and all of them in errors.
func (p *problem) tellFaults(detail string, all []fault) {
	if detail != "" {
		p.Detail = detail
	}
	if len(all) == 0 {
		return
	}
	p.Errors = all
	p.Detail = strings.TrimSpace(all[0].Field + " " + all[0].Detail + ".")
	if len(all) > 1 {
		p.Detail += fmt.Sprintf(" There are %d such faults, see errors.", len(all))
	}
}

// existing returns an apartment that a refusal names, nil where the register does not have it.
func existing(a domain.Apartment) *apartmentBody {
	if a.ID() <= 0 || a.State().IsZero() {
		return nil
	}
	body := apartmentOf(a)
	return &body
}

// staleBlock refuses a change set whose block is at another version, and has the block as it is.
type staleBlock struct {
	error
	current blockBody
}

func (s *staleBlock) Unwrap() error { return s.error }

// wrongType refuses a body of a content type that is not accepted.
type wrongType struct{ header, accepted string }

func (wrongType) Error() string { return httpapi.TypeUnsupported.Error() }
func (wrongType) Unwrap() error { return httpapi.TypeUnsupported }

// Outcomes returns the outcomes that alerts need, in no order: what each operation answers where it is not the client's fault, so that
// metrics of them can begin at 0.
func Outcomes() []httpapi.Outcome {
	var all []httpapi.Outcome
	for _, operations := range resources {
		for _, o := range operations {
			all = append(all, httpapi.Outcome{Endpoint: o.name, Status: http.StatusOK, Code: "ok"})
			for code, a := range answers {
				if a.status == http.StatusTooManyRequests || a.status >= http.StatusInternalServerError {
					all = append(all, httpapi.Outcome{Endpoint: o.name, Status: a.status, Code: code})
				}
			}
		}
	}
	return all
}
