package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// createApartment is POST /omartyapis/Create/.
func (a *api) createApartment(c echo.Context) error {
	in, err := a.decodeCreateApartment(c)
	info := infoOf(c)
	in.Source, in.RequestID = domain.SourceApp, info.id
	info.user, info.block = in.User, in.Block
	if err != nil {
		return err
	}
	ctx, end := work(c.Request().Context(), a.options.RequestTimeout)
	defer end()
	out, err := a.create(ctx, in)
	if block := out.Apartment.Block(); block != 0 {
		info.block = block
	}
	if errors.Is(err, domain.StoreUnavailable) && context.Cause(ctx) == clientGone {
		return fmt.Errorf("%w: %w", clientGone, err)
	}
	if err != nil {
		return err
	}
	info.registered, info.replayed = out.Apartment, out.Replayed
	if info.replayed {
		c.Response().Header().Set("Idempotent-Replayed", "true")
	}
	return succeed(c, "Apartment registered.")
}

// decodeCreateApartment makes checks 1 to 12 of the wire contract, in its order. With an error, the input holds what was
// decoded before it.
func (a *api) decodeCreateApartment(c echo.Context) (in application.CreateApartmentInput, err error) {
	r := c.Request()
	if r.Method != http.MethodPost {
		return in, methodNotAllowed
	}
	if r.ContentLength > a.options.BodyLimit {
		return in, tooLarge
	}
	if in.User, err = a.authenticate(c); err != nil {
		return in, err
	}
	p, release, err := a.bodies.parameters(r)
	defer release()
	if err != nil {
		return in, err
	}
	if err := p.checkAPI(); err != nil {
		return in, err
	}
	if err := p.createApartment(&in); err != nil {
		return in, err
	}
	in.Key, err = idempotencyKey(r.Header)
	return in, err
}

// checkAPI makes checks 7 and 8.
func (p *parameters) checkAPI() error {
	switch v := p[api_]; {
	case !v.given():
		return apiMissing
	case !v.names("CreateApartment"):
		return apiUnknown
	default:
		return nil
	}
}

// createApartment makes checks 9 to 11: first that all is given, then that each is a number of its kind, then that each
// is in its range.
func (p *parameters) createApartment(in *application.CreateApartmentInput) error {
	for _, name := range []parameter{floorNum, aptNum} {
		if !p[name].given() {
			return &domain.FieldError{Field: parameterFields[name], Code: domain.Missing}
		}
	}
	numbers, err := p.numbers()
	if err != nil {
		return err
	}
	if in.Floor, err = domain.NewFloor(numbers[floorNum].saturated()); err != nil {
		return err
	}
	if in.Number, err = domain.NewNumber(numbers[aptNum].saturated()); err != nil {
		return err
	}
	if in.Block, err = optionalID(numbers[blockID], domain.NewBlockID, domain.NoSuchBlock); err != nil {
		return err
	}
	if in.Apartment, err = optionalID(numbers[apartmentID], domain.NewApartmentID, domain.NoSuchApartment); err != nil {
		return err
	}
	in.Location, err = domain.NewLocation(
		numbers[longitude].degrees(domain.MaxLongitude),
		numbers[latitude].degrees(domain.MaxLatitude),
	)
	return err
}

// optionalID returns zero, which is none, for 0 and for what was not given.
func optionalID[ID ~int64](n *decimal, newID func(int64) (ID, error), noSuch ID) (ID, error) {
	switch {
	case n.isZero():
		return 0, nil
	case n.beyondInt64():
		return noSuch, nil
	default:
		return newID(n.saturated())
	}
}

// idempotencyKey makes check 12.
func idempotencyKey(h http.Header) (application.IdempotencyKey, error) {
	keys := h.Values("Idempotency-Key")
	switch len(keys) {
	case 0:
		return application.IdempotencyKey{}, nil
	case 1:
		return application.NewIdempotencyKey(keys[0])
	default:
		return application.IdempotencyKey{}, domain.KeyInvalid
	}
}
