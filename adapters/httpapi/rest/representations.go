package rest

import (
	"time"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// timestamp is a time in RFC 3339, in UTC, to the microsecond.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// orNull returns an id, nil for none.
func orNull[ID ~int64](id ID) *ID {
	if id <= 0 {
		return nil
	}
	return &id
}

// list is a page of a list.
type list[Item any] struct {
	Items         []Item  `json:"items"`
	NextPageToken *string `json:"nextPageToken"`
}

type apartmentBody struct {
	ID           domain.ApartmentID     `json:"id"`
	BlockID      domain.BlockID         `json:"blockId"`
	Floor        int                    `json:"floor"`
	Number       int                    `json:"number"`
	Status       domain.ApartmentStatus `json:"status"`
	RegisteredBy *domain.UserID         `json:"registeredBy"`
	RegisteredAt string                 `json:"registeredAt"`
	ChangedAt    string                 `json:"changedAt"`
	Version      domain.Sequence        `json:"version"`
}

func apartmentOf(a domain.Apartment) apartmentBody {
	return apartmentBody{
		ID: a.ID(), BlockID: a.Block(), Floor: a.Floor().Level(), Number: a.Number().Int(), Status: a.Status(),
		RegisteredBy: orNull(a.RegisteredBy()), RegisteredAt: timestamp(a.RegisteredAt()), ChangedAt: timestamp(a.ChangedAt()), Version: a.Version(),
	}
}

type blockBody struct {
	ID          domain.BlockID     `json:"id"`
	Name        string             `json:"name"`
	Status      domain.BlockStatus `json:"status"`
	Version     domain.Sequence    `json:"version"`
	Apartments  apartmentCounts    `json:"apartments"`
	Floors      *floorRange        `json:"floors"`
	Permissions []domain.Action    `json:"permissions"`
}

type apartmentCounts struct {
	Registered int `json:"registered"`
	Retired    int `json:"retired"`
}

type floorRange struct {
	Lowest  int `json:"lowest"`
	Highest int `json:"highest"`
}

func blockOf(b application.BlockOutput) blockBody {
	body := blockBody{
		ID: b.ID(), Name: b.Name(), Status: b.Status(), Version: b.Version,
		Apartments: apartmentCounts{b.Registered, b.Retired}, Permissions: actions(b.Permissions),
	}
	if b.Lowest != (domain.Floor{}) {
		body.Floors = &floorRange{b.Lowest.Level(), b.Highest.Level()}
	}
	return body
}

// actions returns a list that is not null.
func actions(may []domain.Action) []domain.Action {
	if may == nil {
		return []domain.Action{}
	}
	return may
}

type stateBody struct {
	Floor  int                    `json:"floor"`
	Number int                    `json:"number"`
	Status domain.ApartmentStatus `json:"status"`
}

// stateOf returns a state, nil for that of an apartment that is not there.
func stateOf(s domain.State) *stateBody {
	if s.IsZero() {
		return nil
	}
	return &stateBody{s.Floor().Level(), s.Number().Int(), s.Status()}
}
