package configs

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
)

// field accesses a setting's value in a Config, whatever its type.
type field struct {
	// set stores a source's value, and reports whether the setting takes it. nil clears the value.
	set func(c *Config, value any) bool
	// valid reports whether the setting takes the value in c.
	valid func(c Config) bool
	// isSet reports whether there is a value.
	isSet func(c Config) bool
	// list marks a setting whose variable holds several values, with commas between them.
	list bool
}

// at returns the field at a place, with its reader and its rule.
func at[T any](place func(*Config) *T, read func(any) (T, bool), valid func(T) bool) field {
	return field{
		set: func(c *Config, value any) bool {
			v, ok := read(value)
			ok = value == nil || ok && valid(v)
			if ok {
				*place(c) = v
			}
			return ok
		},
		valid: func(c Config) bool { return valid(*place(&c)) },
		isSet: func(c Config) bool { return !reflect.ValueOf(*place(&c)).IsZero() },
	}
}

// wordAt returns the field of a setting that takes one of a few words.
func wordAt[T comparable](place func(*Config) *T, words map[string]T) field {
	read := func(value any) (T, bool) {
		t, _ := text(value)
		v, ok := words[t]
		return v, ok
	}
	return at(place, read, func(v T) bool { return slices.Contains(slices.Collect(maps.Values(words)), v) })
}

// listAt returns the field of a list. item converts one text; for any other text it returns a value that the rule refuses.
// Items that are no text count as "".
func listAt[T any](place func(*Config) *[]T, item func(string) T, valid func(T) bool) field {
	read := func(value any) (all []T, ok bool) {
		items, ok := value.([]any)
		for _, i := range items {
			t, _ := i.(string)
			all = append(all, item(t))
		}
		return all, ok
	}
	f := at(place, read, func(all []T) bool { return !slices.ContainsFunc(all, func(v T) bool { return !valid(v) }) })
	f.list = true
	return f
}

// within is the rule of a range, both ends included.
func within[T cmp.Ordered](low, high T) func(T) bool {
	return func(v T) bool { return low <= v && v <= high }
}

// orNone allows a text to be absent from a Config. A source can't give an empty one: its reader refuses it.
func orNone[T ~string](rule func(T) bool) func(T) bool {
	return func(t T) bool { return t == "" || rule(t) }
}

func anyText(string) bool { return true }
