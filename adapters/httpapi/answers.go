package httpapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/domain"
)

// The refusals that only HTTP knows.
const (
	methodNotAllowed    domain.Code = "method_not_allowed"
	notFound            domain.Code = "not_found"
	tooLarge            domain.Code = "request_too_large"
	tokenMissing        domain.Code = "token_missing"
	encodingUnsupported domain.Code = "content_encoding_unsupported"
	typeUnsupported     domain.Code = "content_type_unsupported"
	bodyUnreadable      domain.Code = "body_unreadable"
	apiMissing          domain.Code = "api_missing"
	apiUnknown          domain.Code = "api_unknown"
	tooMany             domain.Code = "too_many_requests"
	notReady            domain.Code = "not_ready"
	probeMethod         domain.Code = "probe_method_not_allowed"
	overloaded          domain.Code = "overloaded"
	// clientGone is for a request whose client was lost before the answer. Nobody reads its answer.
	clientGone domain.Code = "client_gone"
	notWhole   domain.Code = "not_a_whole_number"
	notNumber  domain.Code = "not_a_number"
	// internal answers every error without a row in the table.
	internal domain.Code = "internal"
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
	methodNotAllowed:        {405, "Method not allowed.", "Allow", "POST"},
	notFound:                {status: 404, message: "Not found."},
	tooLarge:                {status: 413, message: "Request is too large."},
	tokenMissing:            {401, "Access token not found.", "WWW-Authenticate", "Bearer"},
	domain.TokenInvalid:     {401, "Access token is not valid.", "WWW-Authenticate", `Bearer error="invalid_token"`},
	domain.TokenExpired:     {401, "Access token has expired.", "WWW-Authenticate", `Bearer error="invalid_token"`},
	encodingUnsupported:     {status: 415, message: "Content-Encoding is not supported."},
	typeUnsupported:         {status: 415, message: "Content-Type is not supported."},
	bodyUnreadable:          {status: 400, message: "Request body could not be read."},
	apiMissing:              {status: 404, message: "Please enter api."},
	apiUnknown:              {status: 404, message: "API does not exist."},
	tooMany:                 {429, "Too many requests.", "Retry-After", "1"},
	domain.Missing:          {status: 200, message: "Please enter {field}."},
	notWhole:                {status: 200, message: "{field} must be a whole number."},
	notNumber:               {status: 200, message: "{field} must be a number."},
	domain.OutOfRange:       {status: 200, message: "{field} must be between {low} and {high}."},
	domain.NotPositive:      {status: 200, message: "{field} must be above 0."},
	domain.KeyInvalid:       {status: 400, message: "Idempotency-Key is not valid."},
	domain.BlockRequired:    {status: 200, message: "Please enter blockId."},
	domain.NotPermitted:     {status: 200, message: "User does not have permissions in this block."},
	domain.KeyReused:        {status: 422, message: "Idempotency-Key was used for another apartment."},
	domain.NumberTaken:      {status: 200, message: "Apartment already registered."},
	domain.StoreUnavailable: {503, "Service is unavailable, please try again.", "Retry-After", "1"},
	notReady:                {503, "Not ready.", "Retry-After", "1"},
	overloaded:              {503, "Service is unavailable, please try again.", "Retry-After", "1"},
	clientGone:              {status: 499, message: "Client is gone."},
	probeMethod:             {405, "Method not allowed.", "Allow", "GET, HEAD"},
	internal:                {status: 500, message: "Internal error."},
}

// codeOf returns the code that an error is answered with. A fault in a value that is no parameter is an internal error.
func codeOf(err error) domain.Code {
	var fromEcho *echo.HTTPError
	if errors.As(err, &fromEcho) {
		switch fromEcho.Code {
		case http.StatusNotFound:
			return notFound
		case http.StatusMethodNotAllowed:
			return methodNotAllowed
		}
	}
	var atFault *domain.FieldError
	if errors.As(err, &atFault) && wireName(atFault.Field) == "" {
		return internal
	}
	var code domain.Code
	if errors.As(err, &code) {
		if _, known := answers[code]; known {
			return code
		}
	}
	return internal
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

// unreadable is a body that does not parse, with the cause for the log.
func unreadable(cause error) error { return fmt.Errorf("%w: %w", bodyUnreadable, cause) }

// refuse answers an error.
func refuse(c echo.Context, err error) error {
	a := answers[codeOf(err)]
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
