package httpapi

import (
	"errors"

	"omarty.net/registry/domain"
)

// reasoned is a refusal with its reason, which only the log shows.
type reasoned struct {
	domain.Code
	reason string
}

// Because returns a refusal with a reason, which is a fixed text with nothing that the client sent.
func Because(code domain.Code, reason string) error { return reasoned{code, reason} }

// Unwrap returns the code.
func (r reasoned) Unwrap() error { return r.Code }

// Reason returns the reason.
func (r reasoned) Reason() string { return r.reason }

// reasonOf returns the reason of a refusal, "" for none.
func reasonOf(err error) string {
	var r interface {
		error
		Reason() string
	}
	if errors.As(err, &r) {
		return r.Reason()
	}
	return ""
}
