package domain_test

import (
	"errors"
	"fmt"
	"testing"

	"omarty.net/registry/domain"
)

// must is for values that a test only needs: one that cannot be built is a fault of the test.
func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// wantRefusal checks that err is a FieldError with this field and code, and that no value came with it.
func wantRefusal[T comparable](t *testing.T, value T, err error, field domain.Field, code domain.Code) {
	t.Helper()
	wantField(t, err, field, code)
	if zero := *new(T); value != zero {
		t.Errorf("value = %v, want none beside an error", value)
	}
}

// wantField checks that err is a FieldError with this field and code.
func wantField(t *testing.T, err error, field domain.Field, code domain.Code) {
	t.Helper()
	var refusal *domain.FieldError
	if !errors.As(err, &refusal) || refusal.Field != field || refusal.Code != code {
		t.Errorf("error = %v, want %s %s", err, field, code)
	}
}

// codes is every refusal: its stable name, its kind and its text.
var codes = []struct {
	code domain.Code
	name string
	kind domain.Kind
	text string
}{
	{domain.Missing, "missing", domain.Invalid, "is required"},
	{domain.OutOfRange, "out_of_range", domain.Invalid, "is out of range"},
	{domain.NotPositive, "not_positive", domain.Invalid, "must be above 0"},
	{domain.NotKnown, "not_known", domain.Invalid, "is not known"},
	{domain.TooLong, "too_long", domain.Invalid, "is too long"},
	{domain.NotText, "not_text", domain.Invalid, "is not text in UTF-8"},
	{domain.Unreadable, "unreadable", domain.Invalid, "cannot be read"},
	{domain.Repeated, "repeated", domain.Invalid, "comes twice"},
	{domain.BlockRequired, "block_required", domain.Invalid, "the user manages several blocks: say which one"},
	{domain.NotPermitted, "not_permitted", domain.Denied, "the user does not have permissions in this block"},
	{domain.NumberTaken, "number_taken", domain.Taken, "the block already has an apartment with this number"},
	{domain.NotFound, "not_found", domain.NotThere, "is not there"},
	{domain.AlreadyRetired, "already_retired", domain.Conflict, "the apartment is retired: restore it first"},
	{domain.NotRetired, "not_retired", domain.Conflict, "the apartment is not retired"},
	{domain.ChangeRefused, "change_refused", domain.Conflict, "some of the changes cannot be made, so none was"},
	{domain.UndoRefused, "undo_refused", domain.Conflict, "apartments have changed since: undoing would overwrite a later change"},
	{domain.VersionMismatch, "version_mismatch", domain.Conflict, "it has changed since: read it again"},
	{domain.KeyInvalid, "key_invalid", domain.Invalid, "an idempotency key is 1 to 255 visible ASCII characters"},
	{domain.KeyReused, "key_reused", domain.Conflict, "the idempotency key was used for something else"},
	{domain.TokenInvalid, "token_invalid", domain.Unauthenticated, "the access token is not valid"},
	{domain.TokenExpired, "token_expired", domain.Unauthenticated, "the access token has expired"},
	{domain.StoreUnavailable, "store_unavailable", domain.Unavailable, "the store cannot answer now, try again"},
}

var kinds = map[domain.Kind]string{
	domain.Invalid:         "invalid",
	domain.Unauthenticated: "unauthenticated",
	domain.Denied:          "denied",
	domain.Taken:           "taken",
	domain.Conflict:        "conflict",
	domain.NotThere:        "not_found",
	domain.Unavailable:     "unavailable",
}

func TestCodesKeepTheirNamesAndTexts(t *testing.T) {
	for _, c := range codes {
		if string(c.code) != c.name || c.code.Error() != c.text || c.code.Kind() != c.kind {
			t.Errorf("%s: %q of kind %q, want %s: %q of kind %q", string(c.code), c.code.Error(), c.code.Kind(), c.name, c.text, c.kind)
		}
	}
	for kind, name := range kinds {
		if kind.Error() != name {
			t.Errorf("kind %q, want %q", kind.Error(), name)
		}
	}
}

func TestCodesAndKindsAreFoundThroughWrapping(t *testing.T) {
	for _, c := range codes {
		for how, err := range map[string]error{
			"bare":     c.code,
			"wrapped":  fmt.Errorf("register: %w", fmt.Errorf("store: %w", c.code)),
			"joined":   fmt.Errorf("%w: %w", c.code, errors.New("the cause")),
			"a field":  fmt.Errorf("import: %w", &domain.FieldError{Field: domain.FieldFloor, Code: c.code}),
			"a change": fmt.Errorf("apply: %w", &domain.ChangeError{Index: 2, Code: c.code}),
		} {
			for _, other := range codes {
				if got, want := errors.Is(err, other.code), other.name == c.name; got != want {
					t.Errorf("%s, %s: errors.Is %s = %t", c.name, how, other.name, got)
				}
			}
			for kind := range kinds {
				if got, want := errors.Is(err, kind), kind == c.kind; got != want {
					t.Errorf("%s, %s: errors.Is kind %s = %t", c.name, how, kind, got)
				}
			}
			var code domain.Code
			if !errors.As(err, &code) || code != c.code {
				t.Errorf("%s, %s: errors.As finds the code %q", c.name, how, string(code))
			}
			var field *domain.FieldError
			if got, want := errors.As(err, &field), how == "a field"; got != want || got && field.Field != domain.FieldFloor {
				t.Errorf("%s, %s: errors.As finds the field: %t", c.name, how, got)
			}
		}
	}
}

func TestACodeOfNobodyIsOfNoKind(t *testing.T) {
	stray := domain.Code("from_elsewhere")
	if stray.Error() != "from_elsewhere" || stray.Kind() != "" {
		t.Errorf("%q of kind %q", stray.Error(), stray.Kind())
	}
	for kind := range kinds {
		if errors.Is(stray, kind) {
			t.Errorf("a stray code is of kind %s", kind)
		}
	}
	if errors.Is(stray, errors.New("from_elsewhere")) {
		t.Error("a stray code is another error of the same text")
	}
}

func TestFieldErrorTexts(t *testing.T) {
	for want, err := range map[string]error{
		"floor must be between -20 and 300":      refusalOf(domain.NewFloor(301)),
		"number must be between 1 and 999999":    refusalOf(domain.NewNumber(0)),
		"longitude must be between -180 and 180": refusalOf(domain.NewLocation(new(180.5), nil)),
		"latitude must be between -90 and 90":    refusalOf(domain.NewLocation(nil, new(-90.5))),
		"block must be above 0":                  refusalOf(domain.NewBlockID(0)),
		"apartment must be above 0":              refusalOf(domain.NewApartmentID(0)),
		"user must be above 0":                   refusalOf(domain.NewUserID(0)),
		"role is required":                       refusalOf(domain.ParseRole("")),
		"status is not known":                    refusalOf(domain.ParseBlockStatus("open")),
		"name is not text in UTF-8":              refusalOf(domain.NewBlock(1, "\xff", domain.BlockActive)),
		"changeSet is required":                  refusalOf(domain.NewChangeSet(domain.ChangeSetSpec{})),
		"version must be above 0":                refusalOf(domain.NewRetire(1, -1)),
		"name is too long":                       &domain.FieldError{Field: domain.FieldName, Code: domain.TooLong, Low: 1, High: 2},
	} {
		if err == nil || err.Error() != want {
			t.Errorf("error = %v, want %s", err, want)
		}
	}
}

func refusalOf[T any](_ T, err error) error { return err }
