package decimal

import (
	"math/big"
	"regexp"
	"strings"
	"testing"

	"omarty.net/registry/domain"
)

// asASCII is what the contract reads another script's numbers as.
var asASCII = strings.NewReplacer(
	"٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9",
	"۰", "0", "۱", "1", "۲", "2", "۳", "3", "۴", "4", "۵", "5", "۶", "6", "۷", "7", "۸", "8", "۹", "9",
	"٫", ".", "\u200e", "", "\u200f", "", "\u061c", "")

var (
	textNumber    = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)
	jsonLiteral   = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	smallExponent = regexp.MustCompile(`^([^eE]*|.*[eE][+-]?0*([0-9]{1,2}|[12][0-9]{2}|30[0-8]))$`)
)

// A number is judged as exact arithmetic judges it.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{
		"21", "+21", "-21", "021", "21.0", " \t21\u00a0", "٢١", "۲١٫٠", "\u200f\u061c 21 \u200e", "+\u200e٢١", "-0", "1000000", "21abc", "2 1", "21.", ".0",
		"2,1", "0x15", "2_1", "NaN", "--21", "21.0.0", "\xff21", "20.99999999999999999999", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "180.00000000000000000001", "-90.0000000000000000000001", "179.99999999999999999999", "2.1e1",
		"2100e-2", "0.00021e5", "0e308", "1e309", "-1e308", "21e-309", "215e-1", "1E6", "0e400", "300", "-20", "-21", "999999", strings.Repeat("9", 400),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, written string) {
		if len(written) > 2000 {
			return
		}
		ascii := strings.TrimSpace(asASCII.Replace(written))
		got, ok := ParseText(written)
		if want := textNumber.MatchString(ascii); ok != want {
			t.Fatalf("%q as a text: accepted is %v", written, ok)
		}
		if ok {
			wantExactly(t, &got, ascii)
		}
		if !jsonLiteral.MatchString(written) {
			return
		}
		got, ok = ParseJSON(written)
		if want := smallExponent.MatchString(written); ok != want {
			t.Fatalf("%q as JSON: accepted is %v", written, ok)
		}
		if ok {
			wantExactly(t, &got, written)
		}
	})
}

// wantExactly wants what big.Rat makes of a number.
func wantExactly(t *testing.T, got *Decimal, ascii string) {
	t.Helper()
	want, ok := new(big.Rat).SetString(ascii)
	if !ok {
		t.Fatalf("%q is no number to math/big", ascii)
	}
	if got.IsZero() != (want.Sign() == 0) || got.IsWhole() != want.IsInt() {
		t.Fatalf("%q: zero is %v, whole is %v", ascii, got.IsZero(), got.IsWhole())
	}
	within := func(low, high int64) bool {
		return want.Cmp(new(big.Rat).SetInt64(low)) >= 0 && want.Cmp(new(big.Rat).SetInt64(high)) <= 0
	}
	if want.IsInt() {
		whole := want.Num()
		if n := got.Saturated(); whole.IsInt64() && n != whole.Int64() || !whole.IsInt64() && (n == -1<<63) != (whole.Sign() < 0) {
			t.Fatalf("%q: %d", ascii, n)
		}
		if beyond := whole.Sign() > 0 && !whole.IsInt64(); got.BeyondInt64() != beyond {
			t.Fatalf("%q: beyond 64 bits is %v", ascii, !beyond)
		}
		if _, err := domain.NewFloor(got.Saturated()); (err == nil) != within(-20, 300) {
			t.Fatalf("%q as a floor: %v", ascii, err)
		}
		if _, err := domain.NewNumber(got.Saturated()); (err == nil) != within(1, 999_999) {
			t.Fatalf("%q as an apartment's number: %v", ascii, err)
		}
	}
	if _, err := domain.NewLocation(got.Degrees(domain.MaxLongitude), nil); (err == nil) != within(-180, 180) {
		t.Fatalf("%q as a longitude: %v", ascii, err)
	}
	if _, err := domain.NewLocation(nil, got.Degrees(domain.MaxLatitude)); (err == nil) != within(-90, 90) {
		t.Fatalf("%q as a latitude: %v", ascii, err)
	}
	if nearest, _ := want.Float64(); within(-89, 89) && *got.Degrees(domain.MaxLatitude) != nearest {
		t.Fatalf("%q as degrees: %v, want %v", ascii, *got.Degrees(domain.MaxLatitude), nearest)
	}
}
