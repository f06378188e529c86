// Package configs is the configuration of the program omarty: a typed Config, the sources that it is read from, and the
// checks that it has to pass. Load reads the defaults, then a YAML file, then environment variables; each overrides the
// one before, and everything that is wrong is reported at once, as Problems.
//
// Every setting is one row of one table, which Settings shows: its key in the file, its variable, its default, what it
// takes and what it does. omarty.yaml beside this file is the commented example; it holds the defaults.
//
// A secret is a Secret: it prints as [redacted], and no error of this package holds its value.
package configs
