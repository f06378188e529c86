package linearizability

import (
	"slices"
	"time"

	"omarty.net/registry/domain"
)

// Unforeseen is the code of an error that no use case may return.
const Unforeseen domain.Code = "unforeseen"

// Answer is what a client is told. Code is "" where nothing was refused.
type Answer struct {
	Code domain.Code
	// Text is the error's where it is Unforeseen.
	Text string
	// Current is the block's version where that was refused, Refused are the changes that were, and Changed the apartments that have
	// changed since what was to be undone.
	Current domain.Sequence
	Refused []RefusedChange
	Changed []Apartment

	ChangeSet  domain.ChangeSetID
	Applied    Applied
	Entries    []Entry
	Apartments []Apartment
	// Last says that the page is the last one.
	Last bool
	// Version is one that the block had before a page was read.
	Version domain.Sequence
	Summary Summary
}

// Call is one asking of an operation.
type Call struct {
	Operation
	// Reuse says that the key was another operation's, which was acknowledged before.
	Reuse bool
	// Began and Ended are on the clock of all clients.
	Began, Ended time.Duration
	// Unknown says that there was no answer, or one that leaves it open.
	Unknown bool
	Answer  Answer
}

// did says that a call was answered with something done.
func (c *Call) did() bool {
	return c.Answer.Code == "" && slices.ContainsFunc(c.Answer.Applied.Changes, func(d AppliedChange) bool { return d.Outcome == domain.Done })
}
