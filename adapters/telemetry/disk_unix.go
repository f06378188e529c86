//go:build linux || darwin || freebsd

package telemetry

import "golang.org/x/sys/unix"

// space returns the bytes that a program without privileges may still write to a folder's file system, and its size.
func space(folder string) (free, size uint64, err error) {
	var stats unix.Statfs_t
	if err := unix.Statfs(folder, &stats); err != nil {
		return 0, 0, err
	}
	block := uint64(stats.Bsize) // #nosec G115 -- a size
	return uint64(stats.Bavail) * block, stats.Blocks * block, nil
}
