//go:build unix

package sqlite

import "golang.org/x/sys/unix"

// access returns an error where the program may not write to a file. It opens nothing.
func access(path string) error { return unix.Access(path, unix.W_OK) }
