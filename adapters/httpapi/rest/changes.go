package rest

import (
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

type changeBody struct {
	Sequence           domain.Sequence     `json:"sequence"`
	ChangeSetID        string              `json:"changeSetId"`
	Kind               domain.ChangeKind   `json:"kind"`
	ApartmentID        domain.ApartmentID  `json:"apartmentId"`
	Before             *stateBody          `json:"before"`
	After              *stateBody          `json:"after"`
	By                 *domain.UserID      `json:"by"`
	ThroughApartmentID *domain.ApartmentID `json:"throughApartmentId"`
	At                 string              `json:"at"`
	Location           *locationBody       `json:"location"`
	Source             domain.Source       `json:"source"`
	RequestID          *string             `json:"requestId"`
}

type locationBody struct {
	Longitude *float64 `json:"longitude"`
	Latitude  *float64 `json:"latitude"`
}

func changeOf(e domain.LedgerEntry) changeBody {
	body := changeBody{
		Sequence: e.Sequence, ChangeSetID: e.ChangeSet.String(), Kind: e.Kind, ApartmentID: e.Apartment, Before: stateOf(e.Before), After: stateOf(e.After),
		By: orNull(e.Origin.By), ThroughApartmentID: orNull(e.Origin.Through), At: timestamp(e.Origin.At), Source: e.Origin.Source,
	}
	longitude, hasLongitude := e.Origin.Location.Longitude()
	latitude, hasLatitude := e.Origin.Location.Latitude()
	if hasLongitude || hasLatitude {
		body.Location = &locationBody{}
	}
	if hasLongitude {
		body.Location.Longitude = &longitude
	}
	if hasLatitude {
		body.Location.Latitude = &latitude
	}
	if id := e.Origin.RequestID; id != "" {
		body.RequestID = &id
	}
	return body
}

// filters are the parameters of the ledger besides those of pages.
var filters = []string{"after", "order", "apartmentId", "by", "kind", "since", "until"}

// listChanges is GET /v1/blocks/{blockId}/changes.
func (s *Surface) listChanges(r *request) error {
	block := r.block()
	r.Response().Header().Add(echo.HeaderVary, echo.HeaderAccept)
	sheet := prefersCSV(r.Request().Header)
	names := filters
	if !sheet {
		names = append(slices.Clone(filters), "pageSize", "pageToken")
	}
	q := r.query(names...)
	in := application.ReadLedgerInput{User: r.user, LedgerQuery: ledgerQuery(q, block)}
	if err := q.err(); err != nil {
		return err
	}
	if sheet {
		return s.streamChanges(r, in)
	}
	page := r.page(q, block)
	cursor, err := s.pageCursor(q, page, 1)
	if err != nil {
		return err
	}
	if cursor != nil {
		after := domain.Sequence(cursor[0])
		in.After = &after
	}
	return s.pageOfChanges(r, in, page, q.values.Get("pageToken"))
}

func ledgerQuery(q *query, block domain.BlockID) application.LedgerQuery {
	in := application.LedgerQuery{
		Block:      block,
		Descending: q.word("order", "asc", "desc") == "desc",
		Apartment:  queryID(q, "apartmentId", domain.NewApartmentID),
		By:         queryID(q, "by", domain.NewUserID),
		Since:      q.time("since"),
		Until:      q.time("until"),
		Limit:      q.pageSize(),
	}
	if n, given := q.ranged("after", 0, maxID); given {
		after := domain.Sequence(n)
		in.After = &after
	}
	if text, given := q.text("kind"); given {
		var err error
		if in.Kind, err = domain.ParseChangeKind(text); err != nil {
			q.refuse("kind", domain.NotKnown)
		}
	}
	return in
}

// pageOfChanges answers with a page. Its tag depends on whether the caller sees locations.
func (s *Surface) pageOfChanges(r *request, in application.ReadLedgerInput, page, token string) error {
	digest := func(locations bool) string {
		return s.tokens.digest(page + "\x00" + token + "\x00" + strconv.Itoa(in.Limit) + "\x00" + strconv.FormatBool(locations))
	}
	sees := func(out application.ReadLedgerOutput) bool {
		return slices.Contains(out.Permissions, domain.ActionReadLocations)
	}
	conditions := r.conditions("If-None-Match")
	locations := true
	if in.Known = conditions.knownVersion(digest(true)); in.Known == nil {
		in.Known, locations = conditions.knownVersion(digest(false)), false
	}
	out, err := httpapi.Call(s.server, r, s.use.ReadLedger, in)
	if err == nil && out.Unchanged && sees(out) != locations { // the caller's role is another
		in.Known = nil
		out, err = httpapi.Call(s.server, r, s.use.ReadLedger, in)
	}
	if err != nil {
		return err
	}
	tag := listTag(out.Version, digest(sees(out)))
	if out.Unchanged {
		return r.notModified(tag)
	}
	body := list[changeBody]{Items: make([]changeBody, len(out.Items))}
	for i, e := range out.Items {
		body.Items[i] = changeOf(e)
	}
	if out.Next != nil {
		next := s.tokens.seal(page, int64(*out.Next))
		body.NextPageToken = &next
	}
	return r.read(tag, body)
}
