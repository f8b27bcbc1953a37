package judge

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"nghisu/internal/signing/pdf"
)

// readOnly is the flag of fields that take no value (ISO 32000-1 table 221).
const readOnly = 1

// filledText lets a text field that was empty and could be filled in receive a value, and an appearance
// that shows nothing but this value: text, inside the field, because a form is clipped to its box and the
// box is fitted to the rectangle, which must stay. A value that was there stays.
func (x *comparison) filledText(f pdf.Field) string {
	before, after := x.old.Dict(f.Ref), x.now.Dict(f.Ref)
	if fieldText(x.old, f.Value) != "" {
		return "a value that was there was changed"
	}
	flags, ok := x.inherited(f.Ref, "Ff").(pdf.Int)
	if ok && flags&readOnly != 0 {
		return "the field cannot be filled in"
	}
	if !sameKeys(before, after, "V", "AP", "Ff") {
		return "more than its value was changed"
	}
	if now, ok := after.Get("Ff").(pdf.Int); after.Has("Ff") && (!ok || now != flags && now != flags|readOnly) {
		return "the flags of the field were changed"
	}
	value, ok := after.Get("V").(pdf.String)
	if after.Has("V") && !ok {
		return "the value is no text"
	}
	change := Change{Kind: ChangeValue, Field: f.Name}
	for _, w := range x.widgetsOf(f) {
		was, is := x.old.Dict(w), x.now.Dict(w)
		if w != f.Ref && !sameKeys(was, is, "AP") {
			return "more than its value was changed"
		}
		if finding := x.sameLooks(w); finding != "" {
			return finding
		}
		if finding := x.shows(is, was.Get("MK"), pdf.DecodeText(value.Bytes)); finding != "" {
			return finding
		}
		if page, ok := is.Get("P").(pdf.Ref); ok {
			change.Page = x.j.pageNumber(page)
		}
		x.approved[w.Num] = true
	}
	x.note(change)
	return ""
}

// inherited is a value of a field of the signed revision, own or from above.
func (x *comparison) inherited(ref pdf.Ref, key pdf.Name) pdf.Object {
	d := x.old.Dict(ref)
	for range 32 {
		if d == nil || d.Has(key) {
			break
		}
		d = x.old.Dict(d.Get("Parent"))
	}
	return d.Get(key)
}

// checkedBox lets boxes and buttons change between the appearances that they had.
func (x *comparison) checkedBox(f pdf.Field) string {
	flags, _ := x.inherited(f.Ref, "Ff").(pdf.Int)
	if flags&readOnly != 0 {
		return "the field cannot be filled in"
	}
	if v, isName := f.Value.(pdf.Name); f.Value != nil && (!isName || v != "Off") {
		return "a value that was there was changed"
	}
	for _, w := range x.widgetsOf(f) {
		was, is := x.old.Dict(w), x.now.Dict(w)
		if !sameKeys(was, is, "V", "AS") {
			return "more than its value was changed"
		}
		states := x.old.Dict(x.old.Dict(was.Get("AP")).Get("N"))
		if as, ok := is.Get("AS").(pdf.Name); is.Has("AS") && (!ok || as != "Off" && !states.Has(as)) {
			return "a state was chosen that was not there"
		}
		x.approved[w.Num] = true
	}
	x.note(Change{Kind: ChangeValue, Field: f.Name})
	return ""
}

// Operators that show text or prepare it (ISO 32000-1 annex A). None of them paints an area or an image.
var textOperators = strings.Fields("q Q cm BT ET Tc Tw Tz TL Tf Tr Ts Td TD Tm T* Tj TJ ' \" rg RG g G k K BMC BDC EMC MP DP re W W* n")

// shows checks that the appearance of a filled text field shows its value and nothing else. A background
// may be painted where the field had one from the beginning.
func (x *comparison) shows(widget pdf.Dict, marks pdf.Object, value string) string {
	ap := x.now.Dict(widget.Get("AP"))
	if ap == nil {
		if !visible(x.now, widget) || value == "" {
			return ""
		}
		return "" // readers draw it themselves, from the value
	}
	if !only(ap, "N") {
		return "appearance has more states than there are"
	}
	o, err := x.now.Resolve(ap.Get("N"))
	form, ok := o.(*pdf.Stream)
	if err != nil || !ok || form.Dict.Get("Subtype") != pdf.Name("Form") ||
		!only(form.Dict, "Type", "Subtype", "FormType", "BBox", "Matrix", "Resources", "Length", "Filter", "DecodeParms") {
		return "appearance is no plain form"
	}
	resources := x.now.Dict(form.Dict.Get("Resources"))
	if !only(resources, "Font", "ProcSet") {
		return "appearance uses more than fonts"
	}
	data, err := x.now.Decode(form, maxContent)
	if err != nil {
		return "appearance cannot be read"
	}
	allowed := textOperators
	if bg := x.old.Dict(marks).Get("BG"); bg != nil {
		allowed = append(slices.Clip(allowed), "f", "f*")
	}
	shown, finding := x.shownText(data, allowed, x.now.Dict(resources.Get("Font")))
	if finding == "" && letters(shown) != letters(value) {
		return "appearance shows another text than the value"
	}
	return finding
}

// letters is a text without blanks, composed: what two texts are compared by.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == 0 {
			return -1
		}
		return r
	}, norm.NFC.String(s))
}

// shownText reads what a content stream shows; finding tells of an operator that is not allowed.
func (x *comparison) shownText(data []byte, allowed []string, fonts pdf.Dict) (text, finding string) {
	var out strings.Builder
	var font *glyphs
	show := func(v any) {
		if b, ok := v.([]byte); ok {
			out.WriteString(font.text(b))
		}
	}
	err := operators(data, func(op string, args []any) bool {
		if !slices.Contains(allowed, op) {
			finding = "appearance does more than show text: " + op
			return false
		}
		if len(args) == 0 {
			return true
		}
		last := args[len(args)-1]
		switch op {
		case "Tf":
			if name, ok := args[0].(pdf.Name); ok {
				font = x.glyphsOf(fonts.Get(name))
			}
		case "Tj", "'", "\"":
			show(last)
		case "TJ":
			list, _ := last.([]any)
			for _, v := range list {
				show(v)
			}
		}
		return true
	})
	if err != nil {
		return "", "appearance is not understood"
	}
	return out.String(), finding
}

// glyphs says which letters the codes of a font stand for. Without a table of its own, a simple font is
// read as Latin-1.
type glyphs struct {
	wide  bool
	known map[uint32]string
}

func (g *glyphs) text(b []byte) string {
	if g == nil {
		return pdf.DecodeText(b)
	}
	var out strings.Builder
	step := 1
	if g.wide {
		step = 2
	}
	for ; len(b) >= step; b = b[step:] {
		code := uint32(b[0])
		if g.wide {
			code = code<<8 | uint32(b[1])
		}
		s, ok := g.known[code]
		switch {
		case ok:
			out.WriteString(s)
		case g.wide:
			out.WriteRune(unicode.ReplacementChar)
		default:
			out.WriteRune(rune(code))
		}
	}
	return out.String()
}

// glyphsOf reads the table of a font (ISO 32000-1 9.10.3).
func (x *comparison) glyphsOf(o pdf.Object) *glyphs {
	dict := x.now.Dict(o)
	g := &glyphs{wide: dict.Get("Subtype") == pdf.Name("Type0"), known: map[uint32]string{}}
	v, err := x.now.Resolve(dict.Get("ToUnicode"))
	table, ok := v.(*pdf.Stream)
	if err != nil || !ok {
		return g
	}
	data, err := x.now.Decode(table, maxContent)
	if err != nil {
		return g
	}
	_ = operators(bytes.ReplaceAll(data, []byte("<<"), []byte("<< ")), func(op string, args []any) bool {
		switch op {
		case "endbfchar":
			for ; len(args) >= 2; args = args[2:] {
				g.set(args[0], args[1], 0)
			}
		case "endbfrange":
			for ; len(args) >= 3; args = args[3:] {
				g.setRange(args[0], args[1], args[2])
			}
		}
		return true
	})
	return g
}

func code(v any) (uint32, bool) {
	b, ok := v.([]byte)
	if !ok || len(b) == 0 || len(b) > 2 {
		return 0, false
	}
	n := uint32(0)
	for _, c := range b {
		n = n<<8 | uint32(c)
	}
	return n, true
}

// set enters one code; shift counts on from the last letter of the text.
func (g *glyphs) set(from, to any, shift uint32) {
	n, ok := code(from)
	text, isText := to.([]byte)
	if !ok || !isText {
		return
	}
	r := []rune(pdf.DecodeText(append([]byte{0xfe, 0xff}, text...)))
	if len(r) > 0 {
		r[len(r)-1] += rune(shift)
		g.known[n+shift] = string(r)
	}
}

func (g *glyphs) setRange(first, last, to any) {
	a, ok1 := code(first)
	b, ok2 := code(last)
	if !ok1 || !ok2 || b < a || b-a > 0xffff {
		return
	}
	list, isList := to.([]any)
	for i := uint32(0); i <= b-a; i++ {
		switch {
		case !isList:
			g.set(first, to, i)
		case int(i) < len(list):
			g.set([]byte{byte((a + i) >> 8), byte(a + i)}, list[i], 0)
		}
	}
}
