package openapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// maxFault is how much of a fault is told, in bytes: some show the whole schema.
const maxFault = 2000

// check returns what of an exchange is not as the document says, and remembers what it has shown.
func (c *Checker) check(e exchange) []error {
	if !strings.HasPrefix(e.request.URL.Path, "/v1") || isPreflight(e.request) {
		return nil
	}
	faults := c.checkAnswer(e)
	for i, fault := range faults {
		text := fault.Error()
		if len(text) > maxFault {
			text = text[:maxFault] + "..."
		}
		faults[i] = fmt.Errorf("%s %s is answered with %d: %s", e.request.Method, e.request.URL, e.response.StatusCode, text)
	}
	return faults
}

// isPreflight tells the requests of browsers by CORS, which are not the API's.
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}

func (c *Checker) checkAnswer(e exchange) []error {
	faults := checkRequestID(e)
	route, parameters, err := c.route(e.request)
	switch {
	case errors.Is(err, routers.ErrPathNotFound):
		return append(faults, c.checkUnrouted(e, http.StatusNotFound, "not_found")...)
	case errors.Is(err, routers.ErrMethodNotAllowed):
		return append(faults, c.checkMethod(e)...)
	case err != nil:
		return append(faults, err)
	}
	input := &openapi3filter.RequestValidationInput{
		Request: e.request.Clone(context.Background()), PathParams: parameters, Route: route, Options: options(),
	}
	input.Request.Body = io.NopCloser(bytes.NewReader(e.sent))
	if err := checkRequest(input); err != nil && e.response.StatusCode < 400 {
		faults = append(faults, fmt.Errorf("the document does not allow the request: %w", err))
	}
	if err := checkResponse(input, e); err != nil {
		return append(faults, err)
	}
	code, err := checkProblem(e)
	if err != nil {
		return append(faults, err)
	}
	if len(faults) == 0 {
		c.sawExchange(route.Operation, e, code)
	}
	return faults
}

func checkRequestID(e exchange) []error {
	if ids := e.response.Header.Values("X-Request-Id"); len(ids) != 1 {
		return []error{fmt.Errorf("X-Request-Id is %q", ids)}
	}
	return nil
}

// route finds the operation of a request. HEAD is that of GET.
func (c *Checker) route(r *http.Request) (*routers.Route, map[string]string, error) {
	if r.Method == http.MethodHead {
		r = r.Clone(r.Context())
		r.Method = http.MethodGet
	}
	return c.router.FindRoute(r)
}

func options() *openapi3filter.Options {
	return &openapi3filter.Options{
		IncludeResponseStatus: true,
		SkipSettingDefaults:   true,
		AuthenticationFunc:    authenticated,
	}
}

// authenticated looks for a token. Whether it is good the server says.
func authenticated(_ context.Context, input *openapi3filter.AuthenticationInput) error {
	given := input.RequestValidationInput.Request.Header.Values("Authorization")
	if len(given) != 1 || !strings.HasPrefix(strings.ToLower(given[0]), "bearer ") {
		return errors.New("there is not one bearer token")
	}
	return nil
}

// checkRequest returns why the document does not allow a request.
func checkRequest(input *openapi3filter.RequestValidationInput) error {
	known := slices.Concat(input.Route.Operation.Parameters, input.Route.PathItem.Parameters)
	for name, values := range input.Request.URL.Query() {
		if openapi3.Parameters(known).GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			return fmt.Errorf("there is no query parameter %q", name)
		}
		if len(values) > 1 {
			return fmt.Errorf("the query parameter %q comes %d times", name, len(values))
		}
	}
	settings := *input.Options
	settings.ExcludeRequestBody = isSheet(input)
	asked := *input
	asked.Options = &settings
	return openapi3filter.ValidateRequest(input.Request.Context(), &asked)
}

// isSheet reports whether a request sends CSV that its operation takes. kin-openapi reads CSV more strictly than people write it.
func isSheet(input *openapi3filter.RequestValidationInput) bool {
	mediaType, _, err := mime.ParseMediaType(input.Request.Header.Get("Content-Type"))
	body := input.Route.Operation.RequestBody
	return err == nil && mediaType == "text/csv" && body != nil && body.Value.Content[mediaType] != nil
}

func checkResponse(input *openapi3filter.RequestValidationInput, e exchange) error {
	response := input.Route.Operation.Responses.Status(e.response.StatusCode)
	if response == nil {
		return errors.New("the document does not have this status here")
	}
	head := e.request.Method == http.MethodHead
	if (head || len(response.Value.Content) == 0) && len(e.got) > 0 {
		return fmt.Errorf("there is a body: %.100q", e.got)
	}
	if head { // the answer has no body, and its headers are GET's
		get := *input
		get.Request = input.Request.Clone(input.Request.Context())
		get.Request.Method = http.MethodGet
		input = &get
	}
	if e.response.StatusCode == http.StatusNotModified { // kin-openapi passes it over
		for name, header := range response.Value.Headers {
			if header.Value.Required && e.response.Header.Get(name) == "" {
				return fmt.Errorf("there is no %s", name)
			}
		}
		return nil
	}
	settings := *input.Options
	settings.ExcludeResponseBody = head
	return openapi3filter.ValidateResponse(input.Request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input, Status: e.response.StatusCode, Header: e.response.Header,
		Body: io.NopCloser(bytes.NewReader(e.got)), Options: &settings,
	})
}

// checkProblem checks that problem details agree with the rest of the answer, and returns their code, "" for none.
func checkProblem(e exchange) (code string, err error) {
	if e.response.StatusCode < 400 || e.request.Method == http.MethodHead {
		return "", nil
	}
	var problem struct {
		Type, Code, RequestID string
		Status                int
		Errors                []struct{ Code string }
	}
	if err := json.Unmarshal(e.got, &problem); err != nil {
		return "", err
	}
	switch {
	case problem.Type != "urn:omarty:problem:"+problem.Code:
		return "", fmt.Errorf("the type is %q and the code %q", problem.Type, problem.Code)
	case problem.Status != e.response.StatusCode:
		return "", fmt.Errorf("the body says %d", problem.Status)
	case problem.RequestID != e.response.Header.Get("X-Request-Id"):
		return "", fmt.Errorf("the body's request id is %q and the header's %q", problem.RequestID, e.response.Header.Get("X-Request-Id"))
	case e.response.StatusCode == http.StatusUnprocessableEntity && len(problem.Errors) > 0 && problem.Errors[0].Code != problem.Code:
		return "", fmt.Errorf("the code is %q, that of the first fault %q", problem.Code, problem.Errors[0].Code)
	}
	return problem.Code, nil
}

// checkMethod checks the answer to a method that a path does not have.
func (c *Checker) checkMethod(e exchange) []error {
	var want []string
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete, http.MethodPut} {
		asked := e.request.Clone(e.request.Context())
		asked.Method = method
		if _, _, err := c.router.FindRoute(asked); err != nil {
			continue
		}
		want = append(want, method)
		if method == http.MethodGet {
			want = append(want, http.MethodHead)
		}
	}
	var got []string
	for name := range strings.SplitSeq(strings.Join(e.response.Header.Values("Allow"), ","), ",") {
		got = append(got, strings.TrimSpace(name))
	}
	slices.Sort(want)
	slices.Sort(got)
	faults := c.checkUnrouted(e, http.StatusMethodNotAllowed, "method_not_allowed")
	if !slices.Equal(got, want) {
		faults = append(faults, fmt.Errorf("the header Allow is %q, want %q", got, want))
	}
	return faults
}

// checkUnrouted checks an answer that no operation of the document has.
func (c *Checker) checkUnrouted(e exchange, status int, code string) []error {
	if e.response.StatusCode != status {
		return []error{fmt.Errorf("no operation is asked for, so the status is to be %d", status)}
	}
	if e.request.Method == http.MethodHead {
		return nil
	}
	if mediaType := e.response.Header.Get("Content-Type"); mediaType != problemType {
		return []error{fmt.Errorf("the media type is %q", mediaType)}
	}
	var value any
	if err := json.Unmarshal(e.got, &value); err != nil {
		return []error{err}
	}
	if err := c.document.Components.Schemas["Problem"].Value.VisitJSON(value, openapi3.EnableJSONSchema2020()); err != nil {
		return []error{err}
	}
	got, err := checkProblem(e)
	if err != nil {
		return []error{err}
	}
	if got != code {
		return []error{fmt.Errorf("the code is %q, want %q", got, code)}
	}
	c.saw(unrouted(status, code))
	return nil
}
