package rest

import (
	"errors"
	"fmt"
	"strings"

	"omarty.net/registry/domain"
)

// maxFaults is how many faults of one request are told.
const maxFaults = domain.MaxChanges

// fault is one value that is at fault.
type fault struct {
	// Field is a JSON pointer into the body (RFC 6901), or the name of a query parameter.
	Field  string      `json:"field"`
	Code   domain.Code `json:"code"`
	Detail string      `json:"detail"`
}

// refusal refuses a request for the sake of some of its values.
type refusal struct {
	code   domain.Code
	detail string
	faults []fault
}

func (r *refusal) Error() string {
	if len(r.faults) == 0 {
		return r.code.Error() + ": " + r.detail
	}
	return fmt.Sprintf("%s: %d faults, the first: %s %s", r.code, len(r.faults), r.faults[0].Field, r.faults[0].Detail)
}

func (r *refusal) Unwrap() error { return r.code }

// faults collects the faults of a request: of its values, and of names that make it unreadable as a whole.
type faults struct{ values, names []fault }

// add adds the fault of a value.
func (f *faults) add(field string, code domain.Code, detail string) {
	keep(&f.values, field, code, detail)
}

// addName adds a name that is not known or comes twice where that makes the request unreadable.
func (f *faults) addName(field string, code domain.Code, detail string) {
	keep(&f.names, field, code, detail)
}

func keep(list *[]fault, field string, code domain.Code, detail string) {
	if len(*list) < maxFaults {
		*list = append(*list, fault{Field: field, Code: code, Detail: detail})
	}
}

// refuse adds what an error says of a field: a *domain.FieldError or a code.
func (f *faults) refuse(field string, err error) {
	if err != nil {
		told := faultOf(field, err)
		f.add(told.Field, told.Code, told.Detail)
	}
}

func faultOf(field string, err error) fault {
	code, _ := errors.AsType[domain.Code](err)
	told := fault{Field: field, Code: code, Detail: code.Error()}
	if f, ok := errors.AsType[*domain.FieldError](err); ok && code == domain.OutOfRange {
		told.Detail = fmt.Sprintf("must be between %d and %d", f.Low, f.High)
	}
	return told
}

// readable returns the refusal of names under a code, nil where there are none.
func (f *faults) readable(code domain.Code) error {
	if len(f.names) == 0 {
		return nil
	}
	return &refusal{code: code, faults: f.names}
}

// err returns the refusal of values, nil where there are none. Its code is that of the first.
func (f *faults) err() error {
	if len(f.values) == 0 {
		return nil
	}
	return &refusal{code: f.values[0].Code, faults: f.values}
}

// pointerName returns a name as a part of a JSON pointer, cut short where a client sends a long one.
func pointerName(name string) string {
	if runes := []rune(name[:min(len(name), 256)]); len(runes) > 64 || len(name) > 256 {
		name = string(runes[:min(len(runes), 64)]) + "..."
	}
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}
