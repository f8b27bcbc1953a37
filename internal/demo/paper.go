package demo

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/go-pdf/fpdf"

	"nghisu/internal/signing/font"
)

// Measures of NĐ 30/2020 Annex I, in millimetres on A4.
const (
	left, right, top, bottom = 30.0, 17.0, 20.0, 20.0
	width                    = 210 - left - right
	indent                   = 10.0
)

// paper is an administrative document in the layout of NĐ 30/2020 Annex I.
type paper struct {
	over      string // superior agency; empty where there is none
	agency    string // who issues it
	number    string // "1245/VP-KSTTHC"
	date      time.Time
	undated   bool   // day and month are left open, for when it is issued
	kind      string // "QUYẾT ĐỊNH"; empty for a "công văn"
	subject   string
	urgency   string   // "KHẨN"; empty when ordinary
	to        []string // "Kính gửi"
	body      []string
	copies    []string // "Nơi nhận"
	authority string   // "TM. ỦY BAN NHÂN DÂN"; empty when the head signs alone
	title     string   // "CHÁNH VĂN PHÒNG"
	signer    string
}

// sheet draws a paper.
type sheet struct {
	*fpdf.Fpdf
	paper
}

// pdf makes the file; the same paper makes the same bytes.
func (p paper) pdf() ([]byte, error) {
	f := fpdf.New("P", "mm", "A4", "")
	for name, style := range map[string]font.Style{"": {}, "B": {Bold: true}, "I": {Italic: true}, "BI": {Bold: true, Italic: true}} {
		f.AddUTF8FontFromBytes("serif", name, font.TTF(style))
	}
	f.SetMargins(left, top, right)
	f.SetAutoPageBreak(true, bottom)
	f.SetCatalogSort(true)
	f.SetCreationDate(p.date)
	f.SetModificationDate(p.date)
	f.SetTitle(p.subject, true)
	f.SetAuthor(p.agency, true)
	f.SetLang("vi")
	s := sheet{f, p}
	f.SetHeaderFunc(s.pageNumber)
	f.AddPage()
	s.head()
	s.heading()
	for _, text := range p.body {
		s.paragraph(text)
	}
	s.foot()
	var out bytes.Buffer
	if err := f.Output(&out); err != nil {
		return nil, fmt.Errorf("draw %s: %w", p.number, err)
	}
	return out.Bytes(), nil
}

// pageNumber stands in the middle at the top from the second page on.
func (s sheet) pageNumber() {
	if s.PageNo() == 1 {
		return
	}
	s.SetFont("serif", "", 13)
	s.SetXY(left, 10)
	s.CellFormat(width, 6, fmt.Sprint(s.PageNo()), "", 0, "C", false, 0, "")
	s.SetXY(left, top)
}

// centred writes lines in a column and underlines the last one over a part of its width.
func (s sheet) centred(x, w float64, style string, size, line float64, text string) {
	s.SetFont("serif", style, size)
	s.SetX(x)
	s.MultiCell(w, line, text, "", "C", false)
}

func (s sheet) rule(x, w, part float64) {
	y := s.GetY() + 0.8
	s.SetLineWidth(0.25)
	s.Line(x+w*(1-part)/2, y, x+w*(1+part)/2, y)
	s.SetY(y + 1.5)
}

// head holds the agency and number on the left, the national motto, place and date on the right.
func (s sheet) head() {
	leftWidth, rightX := 72.0, left+70
	rightWidth := 210 - right - rightX + 4
	y := s.GetY()
	if s.over != "" {
		s.centred(left-8, leftWidth, "", 12, 5.2, strings.ToUpper(s.over))
	}
	s.centred(left-8, leftWidth, "B", 12, 5.2, strings.ToUpper(s.agency))
	s.rule(left-8, leftWidth, 0.35)
	if s.number != "" {
		s.centred(left-8, leftWidth, "", 13, 5.6, "Số: "+s.number)
	}
	if s.kind == "" {
		s.SetY(s.GetY() + 1)
		s.centred(left-8, leftWidth, "", 12, 5, s.subject)
	}
	lowest := s.GetY()
	s.SetY(y)
	s.centred(rightX, rightWidth, "B", 12, 5.2, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
	s.centred(rightX, rightWidth, "B", 13, 5.6, "Độc lập - Tự do - Hạnh phúc")
	s.rule(rightX, rightWidth, 0.52)
	s.centred(rightX, rightWidth, "I", 13, 5.6, "Tân Giang, "+s.day())
	s.SetY(max(lowest, s.GetY()) + 4)
}

// day is the date as documents write it, or with room for it.
func (p paper) day() string {
	if p.undated {
		return fmt.Sprintf("ngày        tháng        năm %d", p.date.Year())
	}
	return fmt.Sprintf("ngày %02d tháng %s năm %d", p.date.Day(), month(p.date), p.date.Year())
}

// month is written with two figures in January and February only (NĐ 30/2020 Annex I).
func month(t time.Time) string {
	if t.Month() < 3 {
		return fmt.Sprintf("%02d", t.Month())
	}
	return fmt.Sprint(int(t.Month()))
}

// heading holds urgency, kind and subject, and whom it is for.
func (s sheet) heading() {
	if s.urgency != "" {
		s.SetFont("serif", "B", 13)
		s.SetTextColor(190, 30, 20)
		s.SetDrawColor(190, 30, 20)
		s.SetX(left)
		s.CellFormat(s.GetStringWidth(s.urgency)+8, 8, s.urgency, "1", 1, "C", false, 0, "")
		s.SetTextColor(0, 0, 0)
		s.SetDrawColor(0, 0, 0)
		s.Ln(3)
	}
	if s.kind != "" {
		s.centred(left, width, "B", 14, 7, s.kind)
		s.centred(left+10, width-20, "B", 14, 6.2, s.subject)
		s.rule(left, width, 0.3)
		s.Ln(2)
	}
	if len(s.to) == 1 {
		s.centred(left, width, "", 14, 7, "Kính gửi: "+s.to[0])
	}
	if len(s.to) > 1 {
		s.SetFont("serif", "", 14)
		s.SetX(left + 25)
		s.CellFormat(width-25, 7, "Kính gửi:", "", 1, "L", false, 0, "")
		for _, to := range s.to {
			s.SetX(left + 45)
			s.MultiCell(width-45, 6.6, "- "+to, "", "L", false)
		}
	}
	s.Ln(3)
}

// paragraph sets justified text with an indented first line, which fpdf cannot do by itself.
func (s sheet) paragraph(text string) {
	style := ""
	if strings.HasPrefix(text, "**") {
		style, text = "B", strings.TrimPrefix(text, "**")
	}
	s.SetFont("serif", style, 14)
	words := strings.Fields(text)
	for first := true; len(words) > 0; first = false {
		start, room := left, width
		if first {
			start, room = left+indent, width-indent
		}
		n, used := 1, s.GetStringWidth(words[0])
		for n < len(words) && used+s.GetStringWidth(" "+words[n]) <= room {
			used += s.GetStringWidth(" " + words[n])
			n++
		}
		s.line(words[:n], start, room, n == len(words))
		words = words[n:]
	}
	s.Ln(2.2)
}

func (s sheet) line(words []string, start, room float64, last bool) {
	const height = 6.9
	if s.GetY()+height > 297-bottom {
		s.AddPage()
		s.SetFont("serif", "", 14)
	}
	gap := s.GetStringWidth(" ")
	if !last && len(words) > 1 {
		total := 0.0
		for _, w := range words {
			total += s.GetStringWidth(w)
		}
		gap = (room - total) / float64(len(words)-1)
	}
	x, y := start, s.GetY()
	for _, w := range words {
		s.Text(x, y+height*0.72, w)
		x += s.GetStringWidth(w) + gap
	}
	s.SetXY(left, y+height)
}

// foot holds the recipients and the signer, with room for the signature and the seal between.
func (s sheet) foot() {
	if s.GetY() > 297-bottom-60 {
		s.AddPage()
	}
	s.Ln(4)
	y, mid := s.GetY(), left+width*0.5
	s.SetFont("serif", "BI", 12)
	s.SetX(left)
	s.CellFormat(60, 5.5, "Nơi nhận:", "", 1, "L", false, 0, "")
	s.SetFont("serif", "", 11)
	for i, c := range s.copies {
		end := ";"
		if i == len(s.copies)-1 {
			end = "."
		}
		s.SetX(left)
		s.MultiCell(width*0.45, 4.8, "- "+c+end, "", "L", false)
	}
	s.SetY(y)
	if s.authority != "" {
		s.centred(mid, width*0.5, "B", 14, 6, s.authority)
	}
	s.centred(mid, width*0.5, "B", 14, 6, strings.ToUpper(s.title))
	s.SetY(s.GetY() + 28)
	s.centred(mid, width*0.5, "B", 14, 6, s.signer)
}
