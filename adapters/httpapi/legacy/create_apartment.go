package legacy

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/internal/decimal"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// createApartment is POST /omartyapis/Create/.
func (s *Surface) createApartment(c echo.Context) error {
	in, err := s.decodeCreateApartment(c)
	info := httpapi.InfoOf(c)
	in.Source, in.RequestID = domain.SourceApp, info.ID
	info.Block = in.Block
	if err != nil {
		return err
	}
	out, err := httpapi.Call(s.server, c, s.create, in)
	if block := out.Apartment.Block(); block != 0 {
		info.Block = block
	}
	if err != nil {
		return err
	}
	info.Registered = out.Apartment
	httpapi.MarkReplayed(c, out.Replayed)
	return succeed(c, "Apartment registered.")
}

// decodeCreateApartment makes checks 1 to 12 of the wire contract, in its order. With an error, the input holds what was
// decoded before it.
func (s *Surface) decodeCreateApartment(c echo.Context) (in application.CreateApartmentInput, err error) {
	r := c.Request()
	if r.Method != http.MethodPost {
		return in, httpapi.MethodNotAllowed
	}
	if r.ContentLength > s.server.BodyLimit() {
		return in, httpapi.TooLarge
	}
	if in.User, err = s.server.Authenticate(c, httpapi.Write); err != nil {
		return in, err
	}
	p, release, err := s.parameters(c)
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
	in.Key, err = httpapi.IdempotencyKey(r.Header)
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
	if in.Floor, err = domain.NewFloor(numbers[floorNum].Saturated()); err != nil {
		return err
	}
	if in.Number, err = domain.NewNumber(numbers[aptNum].Saturated()); err != nil {
		return err
	}
	if in.Block, err = optionalID(numbers[blockID], domain.NewBlockID, domain.NoSuchBlock); err != nil {
		return err
	}
	if in.Apartment, err = optionalID(numbers[apartmentID], domain.NewApartmentID, domain.NoSuchApartment); err != nil {
		return err
	}
	in.Location, err = domain.NewLocation(
		numbers[longitude].Degrees(domain.MaxLongitude),
		numbers[latitude].Degrees(domain.MaxLatitude),
	)
	return err
}

// optionalID returns zero, which is none, for 0 and for what was not given.
func optionalID[ID ~int64](n *decimal.Decimal, newID func(int64) (ID, error), noSuch ID) (ID, error) {
	switch {
	case n.IsZero():
		return 0, nil
	case n.BeyondInt64():
		return noSuch, nil
	default:
		return newID(n.Saturated())
	}
}
