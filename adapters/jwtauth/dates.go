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

// lastDate is the end of the year 9999, in seconds since 1970. A later date is a mistake, such as milliseconds.
const lastDate = 253402300799

// checkDates compares exp, nbf and iat with the clock. Expiry comes first: it returns domain.TokenExpired from Leeway after
// exp on. It returns a reason for a missing exp, for what is no date, and for nbf or iat in the future.
func checkDates(claims object, now time.Time, requireExpiry bool) error {
	expiry, err := readDate(claims, "exp")
	switch {
	case err != nil:
		return err
	case expiry.IsZero() && requireExpiry:
		return noExpiry
	case !expiry.IsZero() && !expiry.After(now.Add(-Leeway)):
		return domain.TokenExpired
	}
	for _, name := range []string{"nbf", "iat"} {
		start, err := readDate(claims, name)
		if err != nil {
			return err
		}
		if start.After(now.Add(Leeway)) {
			return reason("its " + name + " is in the future")
		}
	}
	return nil
}

// readDate reads a claim as seconds since 1970 (RFC 7519, section 2, NumericDate). It returns the zero time where the claim
// is absent or null, and a reason for anything but a JSON number from 0 to lastDate, whose exponent, if any, is from -20 to 20.
func readDate(claims object, name string) (time.Time, error) {
	value := claims.value(name)
	switch value {
	case "":
		return time.Time{}, nil
	case twice:
		return time.Time{}, repeated
	}
	date, ok := parseDate(value)
	if !ok {
		return time.Time{}, reason("its " + name + " is not a date in seconds since 1970")
	}
	return date, nil
}

// parseDate reads a JSON number of seconds by its digits, because a float would round it. It rounds up to the nanosecond, as
// exact as the clock: a comparison with the clock has the same result as with the number itself.
func parseDate(value string) (time.Time, bool) {
	if value[0] < '0' || value[0] > '9' {
		return time.Time{}, false
	}
	number, exponent, _ := strings.Cut(strings.ToLower(value), "e")
	shift, err := strconv.Atoi(cmp.Or(exponent, "0"))
	if err != nil || shift < -20 || shift > 20 {
		return time.Time{}, false
	}
	whole, fraction, _ := strings.Cut(number, ".")
	left, right := strings.Repeat("0", max(0, -shift)), strings.Repeat("0", max(0, shift)+9) // 9 for the nanoseconds
	digits, point := left+whole+fraction+right, len(whole)+max(0, shift)
	seconds, err := strconv.ParseInt(digits[:point], 10, 64)
	nanoseconds, _ := strconv.ParseInt(digits[point:point+9], 10, 64)
	if strings.Trim(digits[point+9:], "0") != "" {
		nanoseconds++
	}
	date := time.Unix(seconds, nanoseconds)
	return date, err == nil && seconds <= lastDate && !date.After(time.Unix(lastDate, 0))
}
