//go:build !linux && !darwin && !freebsd

package telemetry

import "errors"

func space(string) (free, size uint64, err error) { return 0, 0, errors.ErrUnsupported }
