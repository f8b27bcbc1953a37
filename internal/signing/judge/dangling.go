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
	check := func(num uint32) {
		if x.fresh[num] {
			finding = fmt.Sprintf("object %d was filled in later", num)
		}
	}
	for _, s := range x.old.Sections {
		pdf.Refs(s.Trailer, func(ref pdf.Ref) { check(ref.Num) })
	}
	for num, refs := range x.references() {
		if refs == nil {
			if x.old.Locate(num).Kind == pdf.Compressed {
				return fmt.Sprintf("object %d cannot be read", num)
			}
			unreadable = true
		}
		for _, to := range refs {
			check(to)
		}
	}
	if finding == "" && unreadable && x.mentions() {
		finding = "a new object is mentioned in the signed revision"
	}
	return finding
}

// references tells which objects each object of the signed revision refers to; nil for one that cannot be
// read. An object at the same place is read once for all revisions.
func (x *comparison) references() map[uint32][]uint32 {
	if x.refs != nil {
		return x.refs
	}
	x.refs = map[uint32][]uint32{}
	for _, s := range x.old.Sections {
		s.Nums(func(num uint32, _ pdf.Location) {
			if _, seen := x.refs[num]; seen {
				return
			}
			at := x.old.Locate(num)
			key := placeKey{at, num, x.old.Locate(at.Stream)}
			refs, known := x.j.refs[key]
			if !known {
				if o, err := x.old.Object(num); err == nil {
					refs = []uint32{}
					pdf.Refs(o, func(ref pdf.Ref) { refs = append(refs, ref.Num) })
				}
				x.j.refs[key] = refs
			}
			x.refs[num] = refs
		})
	}
	return x.refs
}

// placeKey says where an object lies, and where its object stream does.
type placeKey struct {
	at     pdf.Location
	num    uint32
	stream pdf.Location
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
