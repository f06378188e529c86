// Package decimal reads numbers exactly, as people and JSON write them.
package decimal

import (
	"math"
	"strconv"
	"strings"
)

// Decimal is an exact decimal number. A nil one is a number that was not given.
type Decimal struct {
	negative bool
	// whole and fraction are the ASCII digits before and after the point, without zeros at the outer ends.
	whole, fraction string
}

// maxExponent bounds the exponents of JSON numbers to both sides of zero (wire contract, Request).
const maxExponent = 308

// ParseText parses a number in a text: an optional sign, digits, and optionally a point and digits, in any script that
// asciiNumber knows.
func ParseText(text string) (Decimal, bool) {
	digits := strings.TrimSpace(strings.Map(asciiNumber, text))
	negative := strings.HasPrefix(digits, "-")
	if negative || strings.HasPrefix(digits, "+") {
		digits = digits[1:]
	}
	whole, fraction, pointed := strings.Cut(digits, ".")
	if !allDigits(whole) || pointed && !allDigits(fraction) {
		return Decimal{}, false
	}
	return newDecimal(negative, whole, fraction), true
}

// asciiNumber turns Arabic-Indic and Extended Arabic-Indic digits and the Arabic decimal separator into ASCII, and drops
// marks of direction.
func asciiNumber(r rune) rune {
	switch {
	case r >= '٠' && r <= '٩':
		return '0' + r - '٠'
	case r >= '۰' && r <= '۹':
		return '0' + r - '۰'
	case r == '٫':
		return '.'
	case IsMark(r):
		return -1
	default:
		return r
	}
}

// IsMark reports whether r is a direction mark, which phones put around numbers in Arabic: left-to-right, right-to-left or
// Arabic letter.
func IsMark(r rune) bool { return r == '\u200e' || r == '\u200f' || r == '\u061c' }

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// ParseJSON parses a number that is valid JSON (RFC 8259, section 6). It refuses exponents beyond maxExponent.
func ParseJSON(literal string) (Decimal, bool) {
	mantissa, exponent := literal, 0
	if e := strings.IndexAny(literal, "eE"); e >= 0 {
		var err error
		exponent, err = strconv.Atoi(literal[e+1:])
		if err != nil || exponent < -maxExponent || exponent > maxExponent {
			return Decimal{}, false
		}
		mantissa = literal[:e]
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	switch {
	case exponent > 0:
		fraction += strings.Repeat("0", max(0, exponent-len(fraction)))
		whole, fraction = whole+fraction[:exponent], fraction[exponent:]
	case exponent < 0:
		whole = strings.Repeat("0", max(0, -exponent-len(whole))) + whole
		point := len(whole) + exponent
		whole, fraction = whole[:point], whole[point:]+fraction
	}
	return newDecimal(negative, whole, fraction), true
}

func newDecimal(negative bool, whole, fraction string) Decimal {
	return Decimal{negative, strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")}
}

func (d *Decimal) IsWhole() bool { return d.fraction == "" }

// IsZero reports whether the number is 0 or was not given.
func (d *Decimal) IsZero() bool { return d == nil || d.whole == "" && d.fraction == "" }

// Saturated returns a whole number, or the nearest int64 where it is out of range.
func (d *Decimal) Saturated() int64 {
	text := "0" + d.whole
	if d.negative {
		text = "-" + text
	}
	n, _ := strconv.ParseInt(text, 10, 64) // on an error of range, n is the end of the range
	return n
}

// BeyondInt64 reports whether a whole number is above the range of int64.
func (d *Decimal) BeyondInt64() bool {
	_, err := strconv.ParseInt("0"+d.whole, 10, 64)
	return err != nil && !d.negative
}

// Degrees returns the nearest double, or nil for a number that was not given. A number just beyond the limit, whose nearest
// double is the limit, becomes the next double, so that it stays out of range.
func (d *Decimal) Degrees(limit float64) *float64 {
	if d == nil {
		return nil
	}
	degrees, _ := strconv.ParseFloat("0"+d.whole+"."+d.fraction+"0", 64)
	if degrees == limit && d.fraction != "" && d.whole == strconv.FormatFloat(limit, 'f', 0, 64) {
		degrees = math.Nextafter(limit, math.Inf(1))
	}
	if d.negative {
		degrees = -degrees
	}
	return &degrees
}
