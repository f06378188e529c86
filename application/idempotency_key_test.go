package application_test

import (
	"strings"
	"testing"

	"omarty.net/registry/application"
	"omarty.net/registry/domain"
)

func TestIdempotencyKey(t *testing.T) {
	type keyCase struct {
		text  string
		valid bool
	}
	cases := []keyCase{
		{"", false},
		{"0192f5e0-8b7a-7c3d-9f21-5a6b7c8d9e0f", true},
		{strings.Repeat("k", 255), true},
		{strings.Repeat("k", 256), false},
		{" k", false},
		{"k ", false},
		{"two words", false},
		{"k\n", false},
		{"مفتاح", false},
	}
	for b := range 256 {
		cases = append(cases, keyCase{string([]byte{byte(b)}), b >= 0x21 && b <= 0x7e})
	}
	for _, c := range cases {
		key, err := application.NewIdempotencyKey(c.text)
		switch {
		case c.valid && (err != nil || key == application.IdempotencyKey{}):
			t.Errorf("%q: %v", c.text, err)
		case !c.valid && (err != domain.KeyInvalid || key != application.IdempotencyKey{}):
			t.Errorf("%q: key %v, error %v, want none and key_invalid", c.text, key, err)
		}
	}
}
