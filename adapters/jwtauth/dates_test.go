package jwtauth_test

import (
	"fmt"
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"

	"omarty.net/registry/adapters/jwtauth"
	"omarty.net/registry/domain"
)

// A date is judged as the fraction that it is, however it is written.
func TestDatesAreExact(t *testing.T) {
	zeros := rapid.StringMatching(`0{0,25}`)
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.OneOf(rapid.Just(int64(30)), rapid.Int64Range(30, 5_000_000_000)).Draw(t, "second"),
			rapid.SampledFrom([]int64{0, 1, 10, 2_000, 500_000_000, 999_999_999}).Draw(t, "nanosecond"))
		// Digits close to the clock's own, with the point anywhere that the exponent can put right.
		second := max(0, at.Unix()-30+rapid.Int64Range(-1, 1).Draw(t, "off"))
		digits := fmt.Sprintf("%d%09d", second, at.Nanosecond()) +
			rapid.SampledFrom([]string{"", "0", "5", "0000000000001"}).Draw(t, "more")
		whole := len(fmt.Sprint(second))
		shift := rapid.IntRange(-20, 20).Draw(t, "shift")
		number := moved(digits, whole-shift) + zeros.Draw(t, "zeros")
		if shift != 0 || rapid.Bool().Draw(t, "exponent") {
			number += rapid.SampledFrom([]string{"e", "E"}).Draw(t, "e") + fmt.Sprint(shift)
		}
		exact, ok := new(big.Rat).SetString(number)
		if !ok {
			t.Fatalf("%s is no number", number)
		}
		limit := new(big.Rat).SetInt64(at.Unix() - 30)
		limit.Add(limit, big.NewRat(int64(at.Nanosecond()), 1_000_000_000))
		v, err := jwtauth.NewVerifier([]jwtauth.Key{must(jwtauth.NewSecret(secret))}, true, func() time.Time { return at })
		if err != nil {
			t.Fatal(err)
		}
		var want error
		if exact.Cmp(limit) <= 0 {
			want = domain.TokenExpired
		}
		token := signers.secret.tokenUnder(`{"alg":"HS256"}`, `{"id":7,"exp":`+number+`}`)
		if _, got := v.User(token); got != want {
			t.Fatalf("exp %s at %d.%09d: got %v, want %v", number, at.Unix(), at.Nanosecond(), got, want)
		}
	})
}

// moved returns the digits as a JSON number with the point after so many of them.
func moved(digits string, point int) string {
	for ; point > len(digits); digits += "0" {
	}
	for ; point < 1; point++ {
		digits = "0" + digits
	}
	// JSON has no leading zeros.
	for ; point > 1 && digits[0] == '0'; point-- {
		digits = digits[1:]
	}
	return digits[:point] + "." + digits[point:] + "0"
}
