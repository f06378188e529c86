package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// refuseExisting refuses to write a file that is there: one that may not be replaced, and what is no file.
func refuseExisting(path string, replace bool) error {
	switch found, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return unwritable(path, err)
	case !found.Mode().IsRegular():
		return fmt.Errorf("%s is there and is no file: name another", path)
	case !replace:
		return fmt.Errorf("%s exists: name another file, or replace it with --force", path)
	default:
		return nil
	}
}

// writeWhole writes a file, for its owner alone, that is there once it is whole and on disk. On an error nothing is left.
func writeWhole(path string, replace bool, write func(io.Writer) error) (err error) {
	if err := refuseExisting(path, replace); err != nil {
		return err
	}
	folder := filepath.Dir(path)
	part, err := os.CreateTemp(folder, "."+filepath.Base(path)+".*.part") // with the mode 0600
	if err != nil {
		return unwritable(path, err)
	}
	defer func() {
		_ = part.Close() // again, unless it failed before
		_ = os.Remove(part.Name())
	}()
	if err := write(part); err != nil {
		if step, ok := errors.AsType[*fs.PathError](err); ok && step.Path == part.Name() {
			return unwritable(path, err)
		}
		return err
	}
	if err := errors.Join(part.Sync(), part.Close(), place(part.Name(), path, replace), syncFolder(folder)); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// place gives a file its name. A link is made only where there is nothing of that name; not every disk has links.
func place(part, path string, replace bool) error {
	if !replace {
		if err := os.Link(part, path); err == nil || errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := refuseExisting(path, replace); err != nil {
			return err
		}
	}
	return os.Rename(part, path)
}

func syncFolder(path string) error {
	folder, err := os.Open(path) // #nosec G304 -- the folder of a file that the operator names
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// unwritable says which file could not be written, and why.
func unwritable(path string, err error) error {
	if step, ok := errors.AsType[*fs.PathError](err); ok {
		err = step.Err
	}
	return fmt.Errorf("%s cannot be written: %w", path, err)
}
