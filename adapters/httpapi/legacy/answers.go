package legacy

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/domain"
)

// The refusals that only this surface knows.
const (
	apiMissing domain.Code = "api_missing"
	apiUnknown domain.Code = "api_unknown"
	notWhole   domain.Code = "not_a_whole_number"
	notNumber  domain.Code = "not_a_number"
)

// answer is the answer to a refusal.
type answer struct {
	status int
	// message may name {field}, {low} and {high}.
	message string
	// header, if it is not empty, is sent with the value.
	header, value string
}

// answers is the one table from refusals to answers (wire contract, Order of the checks, and the answers). A refusal with
// status 200 is the API document's: its clients read status and message.
var answers = map[domain.Code]answer{
	httpapi.MethodNotAllowed:    {405, "Method not allowed.", "Allow", "POST"},
	domain.NotFound:             {status: 404, message: "Not found."},
	httpapi.TooLarge:            {status: 413, message: "Request is too large."},
	httpapi.TokenMissing:        {401, "Access token not found.", "WWW-Authenticate", "Bearer"},
	domain.TokenInvalid:         {401, "Access token is not valid.", "WWW-Authenticate", `Bearer error="invalid_token"`},
	domain.TokenExpired:         {401, "Access token has expired.", "WWW-Authenticate", `Bearer error="invalid_token"`},
	httpapi.EncodingUnsupported: {status: 415, message: "Content-Encoding is not supported."},
	httpapi.TypeUnsupported:     {status: 415, message: "Content-Type is not supported."},
	httpapi.BodyUnreadable:      {status: 400, message: "Request body could not be read."},
	apiMissing:                  {status: 404, message: "Please enter api."},
	apiUnknown:                  {status: 404, message: "API does not exist."},
	httpapi.TooMany:             {429, "Too many requests.", "Retry-After", "1"},
	domain.Missing:              {status: 200, message: "Please enter {field}."},
	notWhole:                    {status: 200, message: "{field} must be a whole number."},
	notNumber:                   {status: 200, message: "{field} must be a number."},
	domain.OutOfRange:           {status: 200, message: "{field} must be between {low} and {high}."},
	domain.NotPositive:          {status: 200, message: "{field} must be above 0."},
	domain.KeyInvalid:           {status: 400, message: "Idempotency-Key is not valid."},
	domain.BlockRequired:        {status: 200, message: "Please enter blockId."},
	domain.NotPermitted:         {status: 200, message: "User does not have permissions in this block."},
	domain.KeyReused:            {status: 422, message: "Idempotency-Key was used for another apartment."},
	domain.NumberTaken:          {status: 200, message: "Apartment already registered."},
	domain.StoreUnavailable:     {503, "Service is unavailable, please try again.", "Retry-After", "1"},
	httpapi.NotReady:            {503, "Not ready.", "Retry-After", "1"},
	httpapi.Overloaded:          {503, "Service is unavailable, please try again.", "Retry-After", "1"},
	httpapi.ClientGone:          {status: 499, message: "Client is gone."},
	httpapi.ProbeMethod:         {405, "Method not allowed.", "Allow", "GET, HEAD"},
	httpapi.Internal:            {status: 500, message: "Internal error."},
}

// Code implements httpapi.Surface. A fault in a value that is no parameter is an internal error.
func (*Surface) Code(err error) domain.Code {
	if atFault, ok := errors.AsType[*domain.FieldError](err); ok && wireName(atFault.Field) == "" {
		return httpapi.Internal
	}
	code, _ := errors.AsType[domain.Code](err)
	if _, known := answers[code]; known {
		return code
	}
	return httpapi.Internal
}

// wireName returns what the app calls a field.
func wireName(field domain.Field) string {
	for i, known := range parameterFields {
		if field == known {
			return parameterNames[i]
		}
	}
	return ""
}

// Refuse implements httpapi.Surface.
func (s *Surface) Refuse(c echo.Context, err error) error {
	a := answers[s.Code(err)]
	message := a.message
	var atFault *domain.FieldError
	if errors.As(err, &atFault) {
		message = strings.NewReplacer(
			"{field}", wireName(atFault.Field),
			"{low}", strconv.Itoa(atFault.Low),
			"{high}", strconv.Itoa(atFault.High),
		).Replace(message)
	}
	if a.header != "" {
		c.Response().Header().Set(a.header, a.value)
	}
	return envelope(c, a.status, struct {
		Status  int    `json:"status"`
		Message string `json:"message"`
	}{a.status, message})
}

// succeed answers a request that succeeded.
func succeed(c echo.Context, text string) error {
	return envelope(c, http.StatusOK, struct {
		Status int    `json:"status"`
		Data   string `json:"data"`
	}{http.StatusOK, text})
}

func envelope(c echo.Context, status int, body any) error {
	encoded, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return c.JSONBlob(status, encoded)
}
