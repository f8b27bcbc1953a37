//go:build !linux

package objects

import (
	"fmt"
	"os"
)

// fileStamp is size and time of the last write: all that every system tells.
func fileStamp(fi os.FileInfo) stamp {
	return stamp(fmt.Sprintf("%d.%d", fi.Size(), fi.ModTime().UnixNano()))
}
