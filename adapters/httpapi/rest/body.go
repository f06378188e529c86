package rest

import (
	"bytes"
	"encoding/json"
	"mime"
	"slices"
	"strconv"
	"unicode/utf8"

	"omarty.net/registry/adapters/httpapi"
	"omarty.net/registry/adapters/httpapi/internal/decimal"
	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

// The content types of bodies.
const (
	typeJSON       = "application/json"
	typeMergePatch = "application/merge-patch+json"
	typeCSV        = "text/csv"
)

// contentType returns which of the types the body has, in lower case and without its parameters, or a wrongType that names header.
// A charset other than UTF-8 is a wrong type too.
func (r *request) contentType(header string, types ...string) (string, error) {
	given := r.Request().Header.Values("Content-Type")
	if err := httpapi.CheckEncoding(r.Request().Header); err != nil {
		return "", err
	}
	accepted := ""
	for i, t := range types {
		if i > 0 {
			accepted += ", "
		}
		accepted += t
	}
	if len(given) != 1 {
		return "", wrongType{header, accepted}
	}
	mediaType, attributes, err := mime.ParseMediaType(given[0])
	charset, hasCharset := attributes["charset"]
	if err != nil || !slices.Contains(types, mediaType) || hasCharset && !bytes.EqualFold([]byte(charset), []byte("utf-8")) {
		return "", wrongType{header, accepted}
	}
	return mediaType, nil
}

// json reads a body that is an object of JSON. The caller calls release when it is done with it, after an error too.
func (s *Surface) json(r *request, limit int64) (body value, release func(), err error) {
	raw, release, err := s.server.ReadBody(r, limit)
	if err != nil {
		return value{}, release, err
	}
	raw = bytes.Trim(raw, " \t\r\n")
	if !utf8.Valid(raw) || !json.Valid(raw) {
		return value{}, release, &refusal{code: httpapi.BodyUnreadable, detail: "The body is not JSON in UTF-8 (RFC 8259)."}
	}
	if raw[0] != '{' {
		return value{}, release, &refusal{code: httpapi.BodyUnreadable, detail: "The body is JSON, and no object. Send one object."}
	}
	return value{raw: raw}, release, nil
}

// decode reads a body of JSON, one object, by its members with these names, and the idempotency key where key is not nil. What is
// at fault with values is told after what makes the body unreadable, and after the key.
func (s *Surface) decode(r *request, limit int64, read func(f *faults, body object), key *application.IdempotencyKey, names ...string) error {
	if err := r.query().err(); err != nil {
		return err
	}
	body, release, err := s.json(r, limit)
	defer release()
	if err != nil {
		return err
	}
	var f faults
	read(&f, f.object(body, names...))
	if err := f.readable(httpapi.BodyUnreadable); err != nil {
		return err
	}
	if key != nil {
		if *key, err = httpapi.IdempotencyKey(r.Request().Header); err != nil {
			return err
		}
	}
	return f.err()
}

// value is a value of JSON, and where it is in its body. Raw is nil where there is none.
type value struct {
	raw []byte
	at  string
}

// given reports whether there is a value; null is none.
func (v value) given() bool { return v.raw != nil && v.raw[0] != 'n' }

func (v value) isNumber() bool { return v.raw[0] == '-' || v.raw[0] >= '0' && v.raw[0] <= '9' }

// object is an object of JSON, by those of its members that are known.
type object struct {
	at      string
	names   []string
	members []value
}

// object reads an object. Members that are not one of the names, or that come twice, are faults.
func (f *faults) object(v value, names ...string) object {
	o := object{v.at, names, make([]value, len(names))}
	switch {
	case !v.given():
		f.refuse(v.at, domain.Missing)
		return o
	case v.raw[0] != '{':
		f.add(v.at, domain.Unreadable, "must be an object")
		return o
	}
	for name, raw := range members(v.raw) {
		i := slices.Index(names, name)
		switch {
		case i < 0:
			f.add(v.at+"/"+pointerName(name), domain.NotKnown, "is no such field")
		case o.members[i].raw != nil:
			f.addName(v.at+"/"+name, domain.Repeated, "comes twice")
		default:
			o.members[i].raw = raw
		}
	}
	return o
}

// get returns a member.
func (o object) get(name string) value {
	v := value{at: o.at + "/" + name}
	if i := slices.Index(o.names, name); i >= 0 {
		v.raw = o.members[i].raw
	}
	return v
}

// whole reads a whole number, however it is written, and false for none. One beyond 64 bits is the nearest.
func (f *faults) whole(v value) (int64, bool) {
	if !v.given() {
		return 0, false
	}
	if v.isNumber() {
		if n, ok := decimal.ParseJSON(string(v.raw)); ok && n.IsWhole() {
			return n.Saturated(), true
		}
	}
	f.add(v.at, notWhole, "must be a whole number")
	return 0, false
}

// maxID is the greatest id that every client can hold.
const maxID = 1<<53 - 1

func (f *faults) inRange(v value, n, low, high int64) {
	if n < low || n > high {
		f.add(v.at, domain.OutOfRange, "must be between "+strconv.FormatInt(low, 10)+" and "+strconv.FormatInt(high, 10))
	}
}

// apartmentID reads the id of an apartment, 0 for none.
func (f *faults) apartmentID(v value) domain.ApartmentID {
	n, ok := f.whole(v)
	if !ok {
		return 0
	}
	id, err := domain.NewApartmentID(n)
	if f.refuse(v.at, err); err == nil {
		f.inRange(v, n, 1, maxID)
	}
	return id
}

// version reads a version of at least low, nil for none.
func (f *faults) version(v value, low int64) *domain.Sequence {
	n, ok := f.whole(v)
	if !ok {
		return nil
	}
	f.inRange(v, n, low, maxID)
	version := domain.Sequence(n)
	return &version
}

// floor and number read an apartment's, the zero values for none.
func (f *faults) floor(v value) (floor domain.Floor) {
	if n, ok := f.whole(v); ok {
		var err error
		floor, err = domain.NewFloor(n)
		f.refuse(v.at, err)
	}
	return floor
}

func (f *faults) number(v value) (number domain.Number) {
	if n, ok := f.whole(v); ok {
		var err error
		number, err = domain.NewNumber(n)
		f.refuse(v.at, err)
	}
	return number
}

// register reads the change that registers an apartment, the zero change where there are faults.
func (f *faults) register(o object) domain.Change {
	for _, name := range []string{"floor", "number"} {
		if v := o.get(name); !v.given() {
			f.refuse(v.at, domain.Missing)
		}
	}
	change, _ := domain.NewRegister(f.floor(o.get("floor")), f.number(o.get("number"))) // else there are faults
	return change
}

// boolean reads true or false, false for none.
func (f *faults) boolean(v value) bool {
	if v.given() && v.raw[0] != 't' && v.raw[0] != 'f' {
		f.add(v.at, domain.Unreadable, "must be true or false")
	}
	return v.given() && v.raw[0] == 't'
}

// text reads a text, false for none.
func (f *faults) text(v value) (string, bool) {
	if !v.given() {
		return "", false
	}
	if v.raw[0] != '"' {
		f.add(v.at, domain.Unreadable, "must be a text")
		return "", false
	}
	return stringOf(v.raw), true
}

// location reads where a device is.
func (f *faults) location(v value) domain.Location {
	if !v.given() {
		return domain.Location{}
	}
	o := f.object(v, "longitude", "latitude")
	for _, name := range o.names {
		if !o.get(name).given() {
			f.refuse(o.at+"/"+name, domain.Missing)
		}
	}
	longitude := f.degrees(o.get("longitude"), domain.MaxLongitude)
	latitude := f.degrees(o.get("latitude"), domain.MaxLatitude)
	_, err := domain.NewLocation(longitude, nil)
	f.refuse(o.at+"/longitude", err)
	_, err = domain.NewLocation(nil, latitude)
	f.refuse(o.at+"/latitude", err)
	location, _ := domain.NewLocation(longitude, latitude)
	return location
}

func (f *faults) degrees(v value, limit float64) *float64 {
	if !v.given() {
		return nil
	}
	if v.isNumber() {
		if n, ok := decimal.ParseJSON(string(v.raw)); ok {
			return n.Degrees(limit)
		}
	}
	f.add(v.at, domain.Unreadable, "must be a number")
	return nil
}
