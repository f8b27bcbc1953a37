package judge

import (
	"fmt"
	"io"

	"nghisu/internal/signing/pdf"
)

// dangling denies new objects that the signed revision already referred to: filling a reference to
// nothing changes what it refers to. An object that cannot be read where the cross-reference puts it may
// be found elsewhere by readers that search; then the bytes of the revision are searched as well.
func (x *comparison) dangling() string {
	finding, unreadable := "", false
	check := func(ref pdf.Ref) {
		if x.fresh[ref.Num] {
			finding = fmt.Sprintf("object %d was filled in later", ref.Num)
		}
	}
	seen := map[uint32]bool{}
	for _, s := range x.old.Sections {
		pdf.Refs(s.Trailer, check)
		s.Nums(func(num uint32, _ pdf.Location) {
			if finding != "" || seen[num] {
				return
			}
			seen[num] = true
			o, err := x.old.Object(num)
			switch {
			case err == nil:
				pdf.Refs(o, check)
			case x.old.Locate(num).Kind == pdf.Compressed:
				finding = fmt.Sprintf("object %d cannot be read", num)
			default:
				unreadable = true
			}
		})
	}
	if finding == "" && unreadable && x.mentions() {
		finding = "a new object is mentioned in the signed revision"
	}
	return finding
}

// mentions searches the bytes of the signed revision for references to new objects.
func (x *comparison) mentions() bool {
	const chunk, overlap = 256 << 10, 32
	buf := make([]byte, chunk+overlap)
	for off := int64(0); off < x.from; off += chunk {
		n, err := x.j.r.ReadAt(buf[:min(int64(len(buf)), x.from-off)], off)
		if err != nil && err != io.EOF {
			return true
		}
		for i := range n {
			if buf[i] != 'R' {
				continue
			}
			if num, ok := numberBefore(buf[:i]); ok && x.fresh[num] {
				return true
			}
		}
	}
	return false
}

// numberBefore reads "n g " backwards from the end of b and tells n.
func numberBefore(b []byte) (uint32, bool) {
	i := len(b)
	blanks := func() bool {
		from := i
		for i > 0 && (b[i-1] == ' ' || b[i-1] == '\n' || b[i-1] == '\r' || b[i-1] == '\t' || b[i-1] == 0 || b[i-1] == '\f') {
			i--
		}
		return i < from
	}
	digits := func() (n, count uint32) {
		for power := uint32(1); i > 0 && b[i-1] >= '0' && b[i-1] <= '9' && count < 9; i, power, count = i-1, power*10, count+1 {
			n += uint32(b[i-1]-'0') * power
		}
		return n, count
	}
	if !blanks() {
		return 0, false
	}
	if _, n := digits(); n == 0 || !blanks() {
		return 0, false
	}
	num, n := digits()
	return num, n > 0
}
