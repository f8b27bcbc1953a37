package judge

import (
	"math"

	"nghisu/internal/signing/pdf"
)

// words finds roughly where the text of a page of the signed revision stands, without its fonts: half of
// the size for each letter. That is enough to tell whether something new lies over words.
type words struct {
	d      *pdf.Doc
	under  box
	images bool // pictures count as well
	hit    bool
	steps  int
}

// matrix is [a b c d e f] of ISO 32000-1 8.3.4.
type matrix [6]float64

func (m matrix) times(n matrix) matrix {
	return matrix{m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3], m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5]}
}

func (m matrix) apply(x, y float64) (float64, float64) {
	return x*m[0] + y*m[2] + m[4], x*m[1] + y*m[3] + m[5]
}

var identity = matrix{1, 0, 0, 1, 0, 0}

// wordsBelow reports whether words of a page stand in a place. What cannot be read counts as words.
func (x *comparison) wordsBelow(page pdf.Ref, place box) bool {
	dict := x.old.Dict(page)
	w := &words{d: x.old, under: place, images: x.rules.certified != 0}
	var all []byte
	list := x.old.Array(dict.Get("Contents"))
	if list == nil {
		list = pdf.Array{dict.Get("Contents")}
	}
	for _, o := range list {
		v, err := x.old.Resolve(o)
		if err != nil {
			return true
		}
		s, ok := v.(*pdf.Stream)
		if !ok {
			continue
		}
		data, err := x.old.Decode(s, maxContent)
		if err != nil || len(all)+len(data) > maxContent {
			return true
		}
		all = append(append(all, data...), '\n')
	}
	resources := dict
	for range 32 {
		if resources == nil || resources.Has("Resources") {
			break
		}
		resources = x.old.Dict(resources.Get("Parent"))
	}
	return w.read(all, x.old.Dict(resources.Get("Resources")), identity, 0) != nil || w.hit
}

// drawing is the graphics state as far as text needs it.
type drawing struct {
	base          matrix // current transformation
	text, line    matrix
	size, leading float64
	spread        float64 // horizontal scale
	wide          bool    // two bytes a letter
}

const maxSteps = 2_000_000

// read walks through a content stream.
func (w *words) read(data []byte, resources pdf.Dict, base matrix, depth int) error {
	if depth > 8 {
		return errContent
	}
	s := drawing{base: base, text: identity, line: identity, spread: 1}
	var saved []drawing
	var inner error
	err := operators(data, func(op string, args []any) bool {
		if w.steps++; w.steps > maxSteps {
			inner = errContent
		}
		switch op {
		case "q":
			if len(saved) < 256 {
				saved = append(saved, s)
			}
		case "Q":
			if n := len(saved); n > 0 {
				s, saved = saved[n-1], saved[:n-1]
			}
		case "cm":
			if m, ok := matrixOf(args); ok {
				s.base = m.times(s.base)
			}
		case "Do":
			inner = w.form(args, resources, s.base, depth)
		default:
			w.typeset(&s, op, args, resources)
		}
		return inner == nil && !w.hit
	})
	if inner != nil {
		return inner
	}
	return err
}

func matrixOf(args []any) (m matrix, ok bool) {
	if len(args) < 6 {
		return m, false
	}
	for i := range m {
		m[i] = float(args[len(args)-6+i])
	}
	return m, true
}

func float(v any) float64 {
	n, _ := v.(float64)
	return n
}

// typeset follows the operators of text (ISO 32000-1 9.4).
func (w *words) typeset(s *drawing, op string, args []any, resources pdf.Dict) {
	n := len(args)
	switch op {
	case "BT":
		s.text, s.line = identity, identity
	case "Tf":
		if n >= 2 {
			name, _ := args[n-2].(pdf.Name)
			s.size = float(args[n-1])
			s.wide = w.d.Dict(w.d.Dict(resources.Get("Font")).Get(name)).Get("Subtype") == pdf.Name("Type0")
		}
	case "TL":
		if n >= 1 {
			s.leading = float(args[n-1])
		}
	case "Tz":
		if n >= 1 {
			s.spread = float(args[n-1]) / 100
		}
	case "Tm":
		if m, ok := matrixOf(args); ok {
			s.text, s.line = m, m
		}
	case "Td", "TD":
		if n >= 2 {
			s.move(float(args[n-2]), float(args[n-1]))
			if op == "TD" {
				s.leading = -float(args[n-1])
			}
		}
	case "T*":
		s.move(0, -s.leading)
	case "Tj":
		w.show(s, args)
	case "'", "\"":
		s.move(0, -s.leading)
		w.show(s, args[max(0, n-1):])
	case "TJ":
		if n >= 1 {
			list, _ := args[n-1].([]any)
			w.show(s, list)
		}
	}
}

func (s *drawing) move(x, y float64) {
	s.line = matrix{1, 0, 0, 1, x, y}.times(s.line)
	s.text = s.line
}

// show notes where strings stand, and moves behind them.
func (w *words) show(s *drawing, list []any) {
	for _, v := range list {
		switch v := v.(type) {
		case float64:
			s.text = matrix{1, 0, 0, 1, -v / 1000 * s.size * s.spread, 0}.times(s.text)
		case []byte:
			letters := float64(len(v))
			if s.wide {
				letters /= 2
			}
			width := letters * s.size * s.spread / 2
			w.meet(s, width)
			s.text = matrix{1, 0, 0, 1, width, 0}.times(s.text)
		}
	}
}

// meet reports words that share a letter or more with the place.
func (w *words) meet(s *drawing, width float64) {
	m := s.text.times(s.base)
	x1, y1 := m.apply(0, -0.2*s.size)
	x2, y2 := m.apply(width, 0.7*s.size)
	b := box{min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)}
	shared := b.shared(w.under)
	if shared.width() <= 0 || shared.height() <= 0 || math.IsNaN(shared.width()) {
		return
	}
	w.hit = w.hit || shared.width()*shared.height() >= min(b.width()*b.height(), b.height()*b.height())/2
}

// picture reports one that lies under a tenth of the place or more. It is drawn into the unit square.
func (w *words) picture(base matrix) {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, p := range [][2]float64{{0, 0}, {1, 0}, {0, 1}, {1, 1}} {
		x, y := base.apply(p[0], p[1])
		b = box{min(b.left, x), min(b.bottom, y), max(b.right, x), max(b.top, y)}
	}
	shared := b.shared(w.under)
	w.hit = w.hit || shared.width() > 0 && shared.height() > 0 && shared.width()*shared.height() >= w.under.width()*w.under.height()/10
}

// form goes into a form that the page draws.
func (w *words) form(args []any, resources pdf.Dict, base matrix, depth int) error {
	if len(args) == 0 {
		return nil
	}
	name, _ := args[len(args)-1].(pdf.Name)
	v, err := w.d.Resolve(w.d.Dict(resources.Get("XObject")).Get(name))
	if err != nil {
		return err
	}
	s, ok := v.(*pdf.Stream)
	if ok && s.Dict.Get("Subtype") == pdf.Name("Image") && w.images {
		w.picture(base)
	}
	if !ok || s.Dict.Get("Subtype") != pdf.Name("Form") {
		return nil
	}
	data, err := w.d.Decode(s, maxContent)
	if err != nil {
		return err
	}
	if list := w.d.Array(s.Dict.Get("Matrix")); len(list) == 6 {
		var m matrix
		for i := range m {
			m[i], _ = number(w.d, list[i])
		}
		base = m.times(base)
	}
	inner := w.d.Dict(s.Dict.Get("Resources"))
	if inner == nil {
		inner = resources
	}
	return w.read(data, inner, base, depth+1)
}
