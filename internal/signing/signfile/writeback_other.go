//go:build !linux

package signfile

import "os"

func writeBack(*os.File, int64, int64) {}
