package configs

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// Secret is a text that must not be shown. Printed, logged or encoded it is [redacted], an empty one too; Reveal returns the
// text. It cannot protect an unexported field of a struct that is printed, the key of a map that is encoded, and the verb %p.
type Secret string

// Reveal returns the text itself, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// String returns [redacted].
func (Secret) String() string { return redacted }

// GoString returns [redacted].
func (Secret) GoString() string { return redacted }

// Format prints [redacted] for the verbs of fmt that do not ask for String too, such as %d.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue returns [redacted].
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns [redacted], so that JSON, YAML and XML hold no secret. It returns no error.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
