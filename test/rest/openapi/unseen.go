package openapi

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const problemType = "application/problem+json"

// Unseen returns what of the document no exchange has shown as it should be, sorted: statuses of operations with the media types
// of their answers, media types of bodies that were taken, and codes. A code of a response that operations share is to be seen
// at one of them.
func (c *Checker) Unseen() []string {
	wanted := map[string]bool{
		unrouted(http.StatusNotFound, "not_found"):                  true,
		unrouted(http.StatusMethodNotAllowed, "method_not_allowed"): true,
	}
	for _, item := range c.document.Paths.Map() {
		for _, operation := range item.Operations() {
			for _, key := range keys(operation) {
				wanted[key] = true
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var unseen []string
	for key := range wanted {
		if !c.seen[key] {
			unseen = append(unseen, key)
		}
	}
	slices.Sort(unseen)
	return unseen
}

// keys returns all that an operation has to show.
func keys(operation *openapi3.Operation) []string {
	var all []string
	if operation.RequestBody != nil {
		for mediaType := range operation.RequestBody.Value.Content {
			all = append(all, taken(operation, mediaType))
		}
	}
	for status, response := range operation.Responses.Map() {
		if len(response.Value.Content) == 0 {
			all = append(all, answered(operation, status, ""))
		}
		for mediaType, content := range response.Value.Content {
			all = append(all, answered(operation, status, mediaType))
			if mediaType != problemType {
				continue
			}
			for _, code := range content.Schema.Value.Properties["code"].Value.Enum {
				all = append(all, coded(operation, status, response, fmt.Sprint(code)))
			}
		}
	}
	return all
}

func unrouted(status int, code string) string {
	return fmt.Sprintf("no operation: %d %s", status, code)
}

func taken(operation *openapi3.Operation, mediaType string) string {
	return fmt.Sprintf("%s: takes %s", operation.OperationID, mediaType)
}

func answered(operation *openapi3.Operation, status, mediaType string) string {
	return strings.TrimSpace(fmt.Sprintf("%s: %s %s", operation.OperationID, status, mediaType))
}

// coded names a code of a response, which operations may share.
func coded(operation *openapi3.Operation, status string, response *openapi3.ResponseRef, code string) string {
	place := operation.OperationID
	if shared := response.Ref[strings.LastIndex(response.Ref, "/")+1:]; shared != "" {
		place = shared
	}
	return fmt.Sprintf("%s: %s code %s", place, status, code)
}

// sawExchange remembers what an exchange that is as it should be has shown.
func (c *Checker) sawExchange(operation *openapi3.Operation, e exchange, code string) {
	status := fmt.Sprint(e.response.StatusCode)
	mediaType, _, _ := mime.ParseMediaType(e.response.Header.Get("Content-Type")) // it has been checked
	if e.response.StatusCode == http.StatusNotModified {
		mediaType = ""
	}
	c.saw(answered(operation, status, mediaType))
	if code != "" {
		c.saw(coded(operation, status, operation.Responses.Value(status), code))
	}
	if sent, _, err := mime.ParseMediaType(e.request.Header.Get("Content-Type")); err == nil && e.response.StatusCode < 300 {
		c.saw(taken(operation, sent))
	}
}

func (c *Checker) saw(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen[key] = true
}
