package legacy

import (
	"slices"
	"strings"
	"unicode"

	"omarty.net/registry/adapters/httpapi/internal/decimal"
	"omarty.net/registry/domain"
)

// parameter is one of the names that the body may hold.
type parameter int

// The parameters, in the order in which the contract checks them.
const (
	api_ parameter = iota
	floorNum
	aptNum
	blockID
	apartmentID
	longitude
	latitude
	parameterCount
)

var parameterNames = [parameterCount]string{"api", "floorNum", "aptNum", "blockId", "apartmentId", "longitude", "latitude"}

// parameterFields are the domain's names of the parameters.
var parameterFields = [parameterCount]domain.Field{
	floorNum:    domain.FieldFloor,
	aptNum:      domain.FieldNumber,
	blockID:     domain.FieldBlock,
	apartmentID: domain.FieldApartment,
	longitude:   domain.FieldLongitude,
	latitude:    domain.FieldLatitude,
}

// parameters are the values of a body, by parameter.
type parameters [parameterCount]value

// set keeps a value. An unknown name is ignored, and of a name that comes twice the last stands.
func (p *parameters) set(name string, v value) {
	if i, known := parameterOf(name); known {
		p[i] = v
	}
}

func parameterOf(name string) (parameter, bool) {
	i := slices.Index(parameterNames[:], name)
	return parameter(i), i >= 0
}

// numbers makes check 10. A number that was not given is nil.
func (p *parameters) numbers() (numbers [parameterCount]*decimal.Decimal, err error) {
	for i := floorNum; i < parameterCount; i++ {
		if !p[i].given() {
			continue
		}
		n, ok := p[i].number()
		switch {
		case i >= longitude && !ok:
			return numbers, &domain.FieldError{Field: parameterFields[i], Code: notNumber}
		case i < longitude && (!ok || !n.IsWhole()):
			return numbers, &domain.FieldError{Field: parameterFields[i], Code: notWhole}
		}
		numbers[i] = &n
	}
	return numbers, nil
}

// value is what a body holds for one parameter.
type value struct {
	kind valueKind
	text string
}

type valueKind int

const (
	absent     valueKind = iota
	text                 // of a form, or a JSON string
	jsonNumber           // as it stands in the JSON
	other                // a JSON boolean, array or object
)

// given reports whether there is a value. A text without a visible character is none.
func (v value) given() bool {
	return v.kind != absent && (v.kind != text || strings.ContainsFunc(v.text, shows))
}

func shows(r rune) bool { return !unicode.IsSpace(r) && !decimal.IsMark(r) }

// names reports whether the value is the word, in any letter case.
func (v value) names(word string) bool { return v.kind == text && strings.EqualFold(v.text, word) }

// number returns the value as a number, if it is one.
func (v value) number() (decimal.Decimal, bool) {
	switch v.kind {
	case text:
		return decimal.ParseText(v.text)
	case jsonNumber:
		return decimal.ParseJSON(v.text)
	default:
		return decimal.Decimal{}, false
	}
}
