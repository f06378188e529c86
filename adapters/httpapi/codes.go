package httpapi

import (
	"fmt"

	"omarty.net/registry/domain"
)

// The refusals that only HTTP knows, of every surface.
const (
	MethodNotAllowed    domain.Code = "method_not_allowed"
	TooLarge            domain.Code = "request_too_large"
	TokenMissing        domain.Code = "token_missing"
	EncodingUnsupported domain.Code = "content_encoding_unsupported"
	TypeUnsupported     domain.Code = "content_type_unsupported"
	BodyUnreadable      domain.Code = "body_unreadable"
	TooMany             domain.Code = "too_many_requests"
	NotReady            domain.Code = "not_ready"
	ProbeMethod         domain.Code = "probe_method_not_allowed"
	// Overloaded is for a body that there was no memory for.
	Overloaded domain.Code = "overloaded"
	// ClientGone is for a request whose client was lost before the answer. Nobody reads its answer.
	ClientGone domain.Code = "client_gone"
	// Internal answers every error that a surface has no answer for.
	Internal domain.Code = "internal"
)

// Unreadable is a body that does not parse, with the cause for the log.
func Unreadable(cause error) error { return fmt.Errorf("%w: %w", BodyUnreadable, cause) }
