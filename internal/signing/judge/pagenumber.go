package judge

import "nghisu/internal/signing/pdf"

// maxPages limits the walk over the pages.
const maxPages = 100_000

// pageNumber is the number of a page, from 1; 0 when it is none.
func (j *judging) pageNumber(ref pdf.Ref) int {
	if j.pages == nil {
		j.pages = map[uint32]int{}
		_, root, err := j.d.Root()
		if err == nil {
			j.countPages(root.Get("Pages"), 0)
		}
	}
	return j.pages[ref.Num]
}

func (j *judging) countPages(node pdf.Object, depth int) {
	ref, ok := node.(pdf.Ref)
	if !ok || depth > 64 || len(j.pages) >= maxPages {
		return
	}
	if _, seen := j.pages[ref.Num]; seen {
		return
	}
	dict := j.d.Dict(ref)
	kids := j.d.Array(dict.Get("Kids"))
	if kids == nil || dict.Get("Type") == pdf.Name("Page") {
		j.pageCount++
		j.pages[ref.Num] = j.pageCount
		return
	}
	j.pages[ref.Num] = 0
	for _, k := range kids {
		j.countPages(k, depth+1)
	}
}
