package configs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// The size, in bytes, of the largest file that is read, be it the configuration or a secret.
const maxFileSize = 64 << 10

// ReadSmallFile reads a regular file of at most 64 KiB that a setting names, such as one of keys. Its errors name the path
// and hold nothing of the content.
func ReadSmallFile(path string) ([]byte, error) {
	// This comes before opening, which waits for a writer where the file is a pipe.
	info, err := os.Stat(path)
	if err != nil {
		return nil, pathProblem(path, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%q is not a regular file", path)
	}
	file, err := os.Open(path) // #nosec G304 -- the path is the operator's
	if err != nil {
		return nil, pathProblem(path, err)
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxFileSize+1))
	if err != nil {
		return nil, pathProblem(path, err)
	}
	if len(content) > maxFileSize {
		return nil, fmt.Errorf("%q is larger than %d KiB", path, maxFileSize>>10)
	}
	return content, nil
}

// pathProblem says which file could not be read, and why, in one form for every error of package os.
func pathProblem(path string, err error) error {
	if step, ok := errors.AsType[*fs.PathError](err); ok {
		err = step.Err
	}
	return fmt.Errorf("%q cannot be read: %w", path, err)
}
