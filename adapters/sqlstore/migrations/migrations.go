// Package migrations holds the numbered SQL files of the schema, one folder a database. A file that was released never
// changes; what follows gets the next number.
package migrations

import "embed"

// Files holds the folders mysql and sqlite.
//
//go:embed mysql/*.sql sqlite/*.sql
var Files embed.FS
