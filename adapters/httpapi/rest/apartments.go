package rest

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// statuses are what the parameter status asks for.
var statuses = map[string][]domain.ApartmentStatus{
	"":           {domain.ApartmentRegistered},
	"registered": {domain.ApartmentRegistered},
	"retired":    {domain.ApartmentRetired},
	"all":        {domain.ApartmentRegistered, domain.ApartmentRetired},
}

// listApartments is GET /v1/blocks/{blockId}/apartments.
func (s *Surface) listApartments(r *request) error {
	block := r.block()
	q := r.query("status", "floor", "number", "numberPrefix", "orderBy", "pageSize", "pageToken")
	in := application.ListApartmentsInput{User: r.user, ApartmentQuery: application.ApartmentQuery{
		Block:    block,
		Statuses: statuses[q.word("status", "registered", "retired", "all")],
		Order: application.ApartmentOrder(q.word("orderBy", string(application.ByNumber), string(application.ByNumberDescending),
			string(application.ByFloor), string(application.ByFloorDescending))),
		Limit: q.pageSize(),
	}}
	var err error
	if n, given := q.whole("floor"); given {
		in.Floor, err = domain.NewFloor(n)
		q.refuse("floor", err)
	}
	if n, given := q.whole("number"); given {
		in.Number, err = domain.NewNumber(n)
		q.refuse("number", err)
	}
	prefix, _ := q.ranged("numberPrefix", domain.MinNumber, domain.MaxNumber)
	in.NumberPrefix = int(prefix)
	if err := q.err(); err != nil {
		return err
	}
	page := r.page(q, block)
	cursor, err := s.pageCursor(q, page, 3)
	if err != nil {
		return err
	}
	if cursor != nil {
		in.After = &application.ApartmentCursor{Floor: int(cursor[0]), Number: int(cursor[1]), ID: domain.ApartmentID(cursor[2])}
	}
	digest := s.tokens.digest(page + "\x00" + q.values.Get("pageToken") + "\x00" + strconv.Itoa(in.Limit))
	in.Known = r.conditions("If-None-Match").knownVersion(digest)
	out, err := httpapi.Call(s.server, r, s.use.ListApartments, in)
	if err != nil {
		return err
	}
	tag := listTag(out.Version, digest)
	if out.Unchanged {
		return r.notModified(tag)
	}
	body := list[apartmentBody]{Items: make([]apartmentBody, len(out.Items))}
	for i, a := range out.Items {
		body.Items[i] = apartmentOf(a)
	}
	if next := out.Next; next != nil {
		token := s.tokens.seal(page, int64(next.Floor), int64(next.Number), int64(next.ID))
		body.NextPageToken = &token
	}
	return r.read(tag, body)
}

// getApartment is GET /v1/blocks/{blockId}/apartments/{apartmentId}.
func (s *Surface) getApartment(r *request) error {
	if err := r.query().err(); err != nil {
		return err
	}
	in := application.GetApartmentInput{User: r.user, Block: r.block(), Apartment: r.apartment()}
	a, err := httpapi.Call(s.server, r, s.use.GetApartment, in)
	if err != nil {
		return err
	}
	return r.read(apartmentTag(a.Version()), apartmentOf(a))
}

// registerApartment is POST /v1/blocks/{blockId}/apartments.
func (s *Surface) registerApartment(r *request) error {
	if _, err := r.contentType("Accept", typeJSON); err != nil {
		return err
	}
	in := application.ApplyChangeSetInput{Caller: r.caller(), Block: r.block()}
	err := s.decode(r, s.server.BodyLimit(), func(f *faults, o object) {
		in.Location, in.Through = f.location(o.get("location")), f.apartmentID(o.get("throughApartmentId"))
		in.Changes = []domain.Change{f.register(o)}
	}, &in.Key, "floor", "number", "location", "throughApartmentId")
	if err != nil {
		return err
	}
	out, err := httpapi.Call(s.server, r, s.use.ApplyChangeSet, in)
	if refused, ok := errors.AsType[*domain.ChangeSetError](err); ok {
		err = refused.Changes[0]
	}
	if err != nil {
		return err
	}
	a := out.Changes[0].Apartment
	r.info.Registered = a
	r.Response().Header().Set(echo.HeaderLocation, blockPath(in.Block)+"/apartments/"+strconv.FormatInt(int64(a.ID()), 10))
	return r.replyApartment(http.StatusCreated, a, out.Replayed)
}

// correctApartment is PATCH /v1/blocks/{blockId}/apartments/{apartmentId}: a merge patch (RFC 7396), of which no member can be taken
// away.
func (s *Surface) correctApartment(r *request) error {
	if _, err := r.contentType("Accept-Patch", typeMergePatch); err != nil {
		return err
	}
	in := application.CorrectApartmentInput{Caller: r.caller(), Block: r.block(), Apartment: r.apartment()}
	err := s.decode(r, s.server.BodyLimit(), func(f *faults, o object) {
		for _, name := range o.names {
			if v := o.get(name); v.raw != nil && !v.given() {
				f.refuse(v.at, domain.Missing)
			}
		}
		in.Floor, in.Number = f.floor(o.get("floor")), f.number(o.get("number"))
	}, nil, "floor", "number")
	if err != nil {
		return err
	}
	if in.IfVersion, err = s.ifMatch(r, in.Block, in.Apartment); err != nil {
		return err
	}
	return change(s, r, s.use.CorrectApartment, in)
}

// retireApartment is DELETE /v1/blocks/{blockId}/apartments/{apartmentId}.
func (s *Surface) retireApartment(r *request) error {
	err := r.query().err()
	if err != nil {
		return err
	}
	in := application.RetireApartmentInput{Caller: r.caller(), Block: r.block(), Apartment: r.apartment()}
	if in.IfVersion, err = s.ifMatch(r, in.Block, in.Apartment); err != nil {
		return err
	}
	return change(s, r, s.use.RetireApartment, in)
}

// restoreApartment is POST /v1/blocks/{blockId}/apartments/{apartmentId}/restore.
func (s *Surface) restoreApartment(r *request) error {
	err := r.query().err()
	if err != nil {
		return err
	}
	in := application.RestoreApartmentInput{Caller: r.caller(), Block: r.block(), Apartment: r.apartment()}
	if in.Key, err = httpapi.IdempotencyKey(r.Request().Header); err != nil {
		return err
	}
	if in.IfVersion, err = s.ifMatch(r, in.Block, in.Apartment); err != nil {
		return err
	}
	return change(s, r, s.use.RestoreApartment, in)
}

// change has a use case change an apartment, and answers with the apartment.
func change[In any](s *Surface, r *request, use UseCase[In, application.ApartmentOutput], in In) error {
	out, err := httpapi.Call(s.server, r, use, in)
	if err != nil {
		return err
	}
	return r.replyApartment(http.StatusOK, out.Apartment, out.Replayed)
}

func (r *request) replyApartment(status int, a domain.Apartment, replayed bool) error {
	httpapi.MarkReplayed(r, replayed)
	r.Response().Header().Set("ETag", apartmentTag(a.Version()))
	return r.reply(status, apartmentOf(a))
}
