package jwtauth

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"omarty.net/registry/domain"
)

// Leeway is how far the issuer's clock and this one may be apart.
const Leeway = 30 * time.Second

// lastDate is the end of the year 9999, in seconds since 1970: dates beyond it are mistakes, such as milliseconds.
const lastDate = 253402300799

// checkDates holds exp, nbf and iat against the clock. Expiry is judged before anything else: it returns
// domain.TokenExpired from Leeway after exp on, and a reason for what is missing, no date or in the future.
func checkDates(claims object, now time.Time, requireExpiry bool) error {
	expiry, found, err := readDate(claims, "exp")
	if err != nil {
		return err
	}
	if !found && requireExpiry {
		return noExpiry
	}
	if found && expiry.compare(now.Add(-Leeway)) <= 0 {
		return domain.TokenExpired
	}
	for _, name := range []string{"nbf", "iat"} {
		start, found, err := readDate(claims, name)
		if err != nil {
			return err
		}
		if found && start.compare(now.Add(Leeway)) > 0 {
			return reason("its " + name + " is in the future")
		}
	}
	return nil
}

// date is a time in seconds since 1970, exactly.
type date struct {
	seconds int64
	// fraction has the decimals after the point, however many, without zeros at the end.
	fraction string
}

// compare returns -1, 0 or 1 where d is before, at or after t.
func (d date) compare(t time.Time) int {
	if order := cmp.Compare(d.seconds, t.Unix()); order != 0 {
		return order
	}
	nanoseconds := strconv.Itoa(int(time.Second) + t.Nanosecond())[1:]
	return cmp.Compare(d.fraction, strings.TrimRight(nanoseconds, "0"))
}

// readDate reads a claim as seconds since 1970, whole or not (RFC 7519, section 2, NumericDate). It is not found where
// the claim is absent or null. It returns a reason for anything but a JSON number from 0 to lastDate, with an exponent, if
// any, from -20 to 20.
func readDate(claims object, name string) (d date, found bool, err error) {
	claim, err := claims.value(name)
	if claim == "" || err != nil {
		return date{}, false, err
	}
	d, ok := parseDate(claim)
	if !ok {
		return date{}, false, reason("its " + name + " is not a date in seconds since 1970")
	}
	return d, true, nil
}

// parseDate reads a JSON value as a date by its digits alone: a float would round it.
func parseDate(value string) (date, bool) {
	if value[0] < '0' || value[0] > '9' {
		return date{}, false
	}
	exponent := 0
	if e := strings.IndexAny(value, "eE"); e >= 0 {
		var err error
		// No date needs a larger exponent, and 1e1000000 has a million digits.
		if exponent, err = strconv.Atoi(value[e+1:]); err != nil || exponent < -20 || exponent > 20 {
			return date{}, false
		}
		value = value[:e]
	}
	whole, fraction := movePoint(value, exponent)
	seconds, err := strconv.ParseInt(whole, 10, 64)
	d := date{seconds, strings.TrimRight(fraction, "0")}
	return d, err == nil && (seconds < lastDate || seconds == lastDate && d.fraction == "")
}

// movePoint returns the digits before and after the point of a decimal number, once it is moved to the right by an
// exponent, or to the left by a negative one.
func movePoint(number string, exponent int) (whole, fraction string) {
	whole, fraction, _ = strings.Cut(number, ".")
	if exponent == 0 {
		return whole, fraction
	}
	digits, point := whole+fraction, len(whole)+exponent
	if point <= 0 {
		return "0", strings.Repeat("0", -point) + digits
	}
	digits += strings.Repeat("0", max(0, point-len(digits)))
	return digits[:point], digits[point:]
}
