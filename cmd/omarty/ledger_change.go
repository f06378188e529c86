package main

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"omarty.net/registry/domain"
)

// change is an entry of the ledger in the words of REST v1. Its texts have nothing that a terminal would obey.
type change struct {
	Sequence           domain.Sequence     `json:"sequence"`
	ChangeSetID        string              `json:"changeSetId"`
	Kind               string              `json:"kind"`
	ApartmentID        domain.ApartmentID  `json:"apartmentId"`
	Before             *changeState        `json:"before"`
	After              *changeState        `json:"after"`
	By                 *domain.UserID      `json:"by"`
	ThroughApartmentID *domain.ApartmentID `json:"throughApartmentId"`
	At                 string              `json:"at"`
	Location           *changeLocation     `json:"location"`
	Source             string              `json:"source"`
	RequestID          *string             `json:"requestId"`

	at time.Time
}

// changeState is an apartment before or after a change. Floor and number are never nil.
type changeState struct {
	Floor  *int   `json:"floor"`
	Number *int   `json:"number"`
	Status string `json:"status"`
}

type changeLocation struct {
	Longitude *float64 `json:"longitude"`
	Latitude  *float64 `json:"latitude"`
}

// restMoment is RFC 3339 in UTC, to the microsecond.
const restMoment = "2006-01-02T15:04:05.000000Z"

func changeOf(e domain.LedgerEntry) change {
	at := e.Origin.At.UTC()
	return change{
		Sequence: e.Sequence, ChangeSetID: e.ChangeSet.String(), Kind: printable(string(e.Kind)), ApartmentID: e.Apartment,
		Before: stateOf(e.Before), After: stateOf(e.After), By: orNone(e.Origin.By), ThroughApartmentID: orNone(e.Origin.Through),
		At: at.Format(restMoment), Location: locationOf(e.Origin.Location), Source: printable(string(e.Origin.Source)),
		RequestID: orNone(printable(e.Origin.RequestID)), at: at,
	}
}

func stateOf(s domain.State) *changeState {
	if s.IsZero() {
		return nil
	}
	return &changeState{new(s.Floor().Level()), new(s.Number().Int()), string(s.Status())}
}

func locationOf(l domain.Location) *changeLocation {
	var where changeLocation
	if degrees, ok := l.Longitude(); ok {
		where.Longitude = &degrees
	}
	if degrees, ok := l.Latitude(); ok {
		where.Latitude = &degrees
	}
	return orNone(where)
}

// orNone returns nil for the zero value.
func orNone[T comparable](value T) *T {
	var none T
	if value == none {
		return nil
	}
	return &value
}

// printable replaces what a terminal would obey, or not show.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// words say what happened, such as "registered 101 on floor 1" or "12 -> 14, floor 3 -> 4".
func (c change) words() string {
	switch {
	case c.After == nil:
		return "registered one that is gone" // by a version that did not keep where
	case c.Before == nil:
		verb := "registered"
		if c.Kind == string(domain.ChangeImport) {
			verb = "imported"
		}
		words := fmt.Sprintf("%s %d on floor %d", verb, *c.After.Number, *c.After.Floor)
		if c.After.Status == string(domain.ApartmentRetired) {
			words += ", retired"
		}
		return words
	}
	words := fmt.Sprint(*c.Before.Number)
	if *c.Before.Number != *c.After.Number {
		words = fmt.Sprintf("%d -> %d", *c.Before.Number, *c.After.Number)
	}
	if *c.Before.Floor != *c.After.Floor {
		words += fmt.Sprintf(", floor %d -> %d", *c.Before.Floor, *c.After.Floor)
	}
	switch {
	case c.Before.Status == c.After.Status:
		return words
	case c.After.Status == string(domain.ApartmentRetired):
		return "retired " + words
	default:
		return "restored " + words
	}
}
