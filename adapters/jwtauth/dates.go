package jwtauth

import (
	"math/big"
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
	expiry, err := readDate(claims, "exp")
	if err != nil {
		return err
	}
	if expiry == nil && requireExpiry {
		return noExpiry
	}
	if expiry != nil && expiry.Cmp(seconds(now.Add(-Leeway))) <= 0 {
		return domain.TokenExpired
	}
	for _, name := range []string{"nbf", "iat"} {
		start, err := readDate(claims, name)
		if err != nil {
			return err
		}
		if start != nil && start.Cmp(seconds(now.Add(Leeway))) > 0 {
			return reason("its " + name + " is in the future")
		}
	}
	return nil
}

// readDate reads a claim as seconds since 1970, whole or not (RFC 7519, section 2, NumericDate), exactly. It is nil where
// the claim is absent or null. It returns a reason for anything but a JSON number from 0 to lastDate, with
// an exponent, if any, from -20 to 20.
func readDate(claims object, name string) (*big.Rat, error) {
	claim, err := claims.value(name)
	if claim == nil || err != nil {
		return nil, err
	}
	notDate := reason("its " + name + " is not a date in seconds since 1970")
	number := strings.ToLower(string(claim))
	if number[0] < '0' || number[0] > '9' {
		return nil, notDate
	}
	// No date needs a larger exponent, and big.Rat would work 1e-1000000 out to its last digit.
	if _, exponent, found := strings.Cut(number, "e"); found {
		if e, err := strconv.Atoi(exponent); err != nil || e < -20 || e > 20 {
			return nil, notDate
		}
	}
	date, ok := new(big.Rat).SetString(number)
	if !ok || date.Cmp(big.NewRat(lastDate, 1)) > 0 {
		return nil, notDate
	}
	return date, nil
}

// seconds returns t as seconds since 1970, exactly.
func seconds(t time.Time) *big.Rat {
	whole := new(big.Rat).SetInt64(t.Unix())
	return whole.Add(whole, big.NewRat(int64(t.Nanosecond()), int64(time.Second)))
}
