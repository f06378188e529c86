package configs

import "cmp"

// field is a setting's place in a Config, whatever its type.
type field struct {
	// set reads a source's value into its place; false where it is not one that the setting takes.
	set func(c *Config, value any) bool
	// valid reports whether what stands there may.
	valid func(c Config) bool
	// clear makes it as if no source had given it.
	clear func(c *Config)
}

// at builds a field from its place, its reader and its rule.
func at[T any](place func(*Config) *T, read func(any) (T, bool), valid func(T) bool) field {
	return field{
		set: func(c *Config, value any) bool {
			v, ok := read(value)
			if !ok || !valid(v) {
				return false
			}
			*place(c) = v
			return true
		},
		valid: func(c Config) bool { return valid(*place(&c)) },
		clear: func(c *Config) {
			var none T
			*place(c) = none
		},
	}
}

// within is the rule of a range, both ends included.
func within[T cmp.Ordered](low, high T) func(T) bool {
	return func(v T) bool { return low <= v && v <= high }
}

// orNone allows a text to be absent from a Config. A source can't give an empty one: its reader refuses it.
func orNone[T ~string](rule func(T) bool) func(T) bool {
	return func(t T) bool { return t == "" || rule(t) }
}

// anyValue is the rule of what its reader has judged.
func anyValue[T any](T) bool { return true }
