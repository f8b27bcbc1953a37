package objects

import (
	"fmt"
	"os"
	"syscall"
)

// fileStamp includes the time of the last change of the inode, which no program can set back.
func fileStamp(fi os.FileInfo) stamp {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		return stamp(fmt.Sprintf("%d.%d.%d.%d.%d", st.Dev, st.Ino, fi.Size(), fi.ModTime().UnixNano(), st.Ctim.Nano()))
	}
	return stamp(fmt.Sprintf("%d.%d", fi.Size(), fi.ModTime().UnixNano()))
}
